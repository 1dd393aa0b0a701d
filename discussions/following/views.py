"""What a member follows, what they were told, and the link that stops a mail."""

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from discussions import access
from discussions.models import Notice

from . import follows, subjects, unsubscribing, words
from .forms import PreferencesForm

NOTICES_PER_PAGE = 50

reads_and_posts = require_http_methods(["GET", "HEAD", "POST"])


@reads_and_posts
def following(request: HttpRequest) -> HttpResponse:
    """What a member follows. A POST begins or stops one, from any page that has the button."""
    member = access.member(request)
    if request.method != "POST":
        return _following(request, PreferencesForm(member))
    if not ratelimit.consume(request, action="follow"):
        return render(request, "429.html", status=429)
    subject = subjects.find(request.POST.get("what", ""), request.POST.get("key", ""), member)
    if request.POST.get("do") == "follow":
        follows.follow(member, subject)
    elif request.POST.get("do") == "stop":
        follows.stop(member, subject)
    else:
        raise BadRequest
    back = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return redirect(back if ours else "following")


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """How a member wants to hear."""
    form = PreferencesForm(access.member(request), request.POST)
    if not form.is_valid():
        return _following(request, form, status=422)
    form.save()
    messages.success(request, _("Kept: you will hear as you chose."))
    return redirect("following")


def _following(request: HttpRequest, form: PreferencesForm, status: int = 200) -> HttpResponse:
    rows = [
        {
            "title": subjects.title(each.subject),
            "address": subjects.address(each.subject),
            "follow": follows.Button(subjects.name(each.subject), on=True),
        }
        for each in follows.of(access.member(request))
    ]
    return render(request, "following/following.html", {"rows": rows, "form": form}, status=status)


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """What a member was told, by thread. Opening the page is having read it."""
    member = access.member(request)
    wanted = request.GET.get("page", "")
    page = max(int(wanted[:4]), 1) if wanted.isascii() and wanted.isdecimal() else 1
    start = (page - 1) * NOTICES_PER_PAGE
    rows = list(
        Notice.objects.shown_to(member)
        .with_texts()
        .order_by("-pk")[start : start + NOTICES_PER_PAGE + 1]
    )
    shown = rows[:NOTICES_PER_PAGE]
    access.shown_to(member, (notice.post for notice in shown if notice.post))
    groups: dict[str, dict[str, Any]] = {}
    for notice in shown:
        title, address = _place(notice)
        group = groups.setdefault(address, {"title": title, "address": address, "notices": []})
        group["notices"].append({"notice": notice, "headline": words.headline(notice)})
    if request.method == "GET":
        unread = [notice.pk for notice in shown if notice.read_at is None]
        Notice.objects.filter(pk__in=unread).update(read_at=timezone.now())
    return render(
        request,
        "following/notices.html",
        {
            "groups": list(groups.values()),
            "page": page,
            "next": page + 1 if len(rows) > len(shown) else None,
        },
    )


def _place(notice: Notice) -> tuple[str, str]:
    """Title and address of what a notice stands under on the page."""
    if notice.post:
        place = subjects.place(notice.post)
        return subjects.title(place), subjects.address(place)
    if notice.complaint:
        return _("What you asked of the desk"), reverse("complaints")
    return _("You, and the rules of the house"), reverse("rules")


@csrf_exempt
@login_not_required
@reads_and_posts
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """RFC 8058: a POST from a mailbox stops the mail; a GET by a person asks them first."""
    subscription = unsubscribing.read(token)
    try:
        title = subscription.title()
        if request.method == "POST":
            subscription.stop()
    except Http404:
        title = ""  # what was followed is gone, and so is what there was to stop
    return render(
        request,
        "following/unsubscribe.html",
        {"title": title, "stopped": request.method == "POST" or not title},
    )
