"""Calls: the list, the page of one, and what is done from there."""

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from discussions import access, reading, shown, threads
from discussions.composing import Cleaned, compose
from discussions.drafts import for_members, kept
from discussions.following import visits
from discussions.forms import ReplyForm
from discussions.models import Call, Post
from discussions.models.posts import Wording
from discussions.posting import PostingRefused
from discussions.terms import of_term
from discussions.views import cursor_in, place_in
from essays.models import Term

from . import acts, queries, voting
from .forms import CallForm, MinuteForm

PER_PAGE = 20


@login_not_required
@require_safe
@of_term
def call_list(request: HttpRequest, term: Term | None) -> HttpResponse:
    """The calls of all terms, or of one that has its pages under its name; the latest first."""
    placed = Post.objects.placed_for(request.user).filter(kind=Post.Kind.CALL)
    if term and not term.is_first:
        placed = placed.filter(call__term=term)
    placed = placed.order_by("-pk")
    before = cursor_in(request, "avant")
    if before and (cursor := placed.filter(public_id=before).only("pk").first()):
        placed = placed.filter(pk__lt=cursor.pk)
    rows = shown.of(request.user, placed[: PER_PAGE + 1])
    page = rows[:PER_PAGE]
    calls = Call.objects.select_related("retained__definition__post", "term").in_bulk(
        [post.pk for post in page]
    )
    context = {
        "rows": [{"post": post, "call": calls[post.pk]} for post in page],
        "term": term,
        "before": before,
        "next": page[-1].public_id if len(rows) > len(page) else "",
    }
    return render(request, "calls/call_list.html", context)


@login_not_required
@require_safe
def call_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    return _page(request, _call(request, public_id))


def _call(request: HttpRequest, public_id: str) -> Post:
    """The post of a call that this person may know of."""
    placed = Post.objects.placed_for(request.user).filter(kind=Post.Kind.CALL)
    return shown.get(request.user, placed, public_id)


def _page(
    request: HttpRequest, post: Post, *, ballot: list[str] | None = None, status: int = 200
) -> HttpResponse:
    """The page of a call; `ballot` is one that is not cast yet."""
    user, call = request.user, post.call
    call.post = post
    thread = threads.own_thread(post)
    is_open = call.is_open(timezone.now())
    context: dict[str, Any] = {
        "post": post,
        "call": call,
        "form_of_ballot": is_open and user.is_authenticated,
        "terms": Term.objects.count(),
        "thread": reading.read(thread, user, place_in(request)),
    }
    if call.closed_at:
        context |= {"result": queries.result(call, user), "minute": _minute(request, call)}
    else:
        chosen = None if ballot is None else queries.versions_on(ballot)
        candidates = queries.candidates(call, user, chosen)
        context |= {
            "candidates": candidates,
            "on_ballot": sum(each.on_ballot for each in candidates),
            "cast": queries.ballots_cast(call),
        }
        if is_open and user.is_authenticated:
            context |= {
                "own": shown.of(user, voting.definitions_of(user, call)),
                "candidacy": next(
                    (c.post for c in candidates if c.post.author_id == user.pk), None
                ),
                "has_voted": call.cast.filter(member=user).exists(),
            }
    context |= visits.arrive(request, post, thread)
    if access.may_reply(user, post):
        context["form"] = ReplyForm(speaker=request.user)
    return render(request, "calls/call_detail.html", context, status=status)


def _minute(request: HttpRequest, call: Call) -> dict[str, Any] | None:
    """The minute that was signed, as far as this person may read it."""
    if call.minute is None:
        return None
    (post,) = shown.read(request.user, [call.minute.post_id])
    return {"post": post, "text": call.minute if access.may_read(request.user, post) else None}


@for_members
@of_term
def call_create(request: HttpRequest, term: Term | None) -> HttpResponse:
    if not access.may_moderate(request.user):
        raise PermissionDenied
    if term is None:
        raise Http404

    def send(cleaned: Cleaned) -> Post:
        return acts.open_call(
            access.member(request),
            cleaned["term"],
            Wording(cleaned["body"], title=cleaned["question"]),
            cleaned["first"],
            cleaned["last"],
            form_key=cleaned["key"],
        )

    return compose(
        request,
        "calls/call_form.html",
        {},
        form_class=CallForm,
        initial={"first": timezone.localdate(), "term": term.slug},
        send=send,
    )


@for_members
def ballot(request: HttpRequest, public_id: str) -> HttpResponse:
    """A member’s ballot. A GET shows again what was ticked before their session ended."""
    post = _call(request, public_id)
    if request.method != "POST":
        ticked = kept(request)
        if ticked is None:
            return redirect(post)
        messages.warning(
            request, _("Your session had ended: check your ballot, and cast it again.")
        )
        return _page(request, post, ballot=ticked.getlist("approve"))
    if not ratelimit.consume(request, action="vote"):
        messages.error(request, _("That is many votes in a short time. Wait a moment."))
        return _page(request, post, ballot=request.POST.getlist("approve"), status=429)
    approved = queries.versions_on(request.POST.getlist("approve"))
    try:
        cast = voting.vote(access.member(request), post.call, approved)
    except PostingRefused as refusal:
        messages.error(request, str(refusal.message))
        return redirect(post)
    number = cast.approvals.count()
    messages.success(
        request,
        _("Your ballot is cast. You can change it until the end of %(day)s.")
        % {"day": date_format(post.call.last_day)},
    )
    if number < len(approved):
        messages.warning(
            request, _("What has left the ballot since you opened the page was not counted.")
        )
    return redirect(post)


@for_members
def candidacy(request: HttpRequest, public_id: str) -> HttpResponse:
    """A member enters a definition of theirs, or takes it back."""
    post = _call(request, public_id)
    if request.method != "POST":
        return redirect(post)
    member = access.member(request)
    try:
        if "take_back" in request.POST:
            voting.take_back(member, post.call)
            messages.success(request, _("Your definition is off the ballot."))
        else:
            own = voting.definitions_of(member, post.call)
            chosen = request.POST.get("definition", "").replace("\0", "")
            voting.enter(member, post.call, get_object_or_404(own, public_id=chosen))
            messages.success(request, _("Your definition is on the ballot."))
    except PostingRefused as refusal:
        messages.error(request, str(refusal.message))
    return redirect(post)


@for_members
def minute(request: HttpRequest, public_id: str) -> HttpResponse:
    """A community manager signs what came of a call."""
    if not access.may_moderate(request.user):
        raise PermissionDenied
    post = _call(request, public_id)
    call = post.call
    if not access.may_reply(request.user, post) or call.closed_at is None or call.minute_id:
        return redirect(post)

    def send(cleaned: Cleaned) -> Post:
        return acts.sign(
            access.member(request),
            call,
            cleaned["agreed"],
            cleaned["disputed"],
            cleaned["review_on"],
            form_key=cleaned["key"],
        )

    return compose(
        request,
        "calls/minute_form.html",
        {"post": post, "call": call, "result": queries.result(call, request.user)},
        form_class=MinuteForm,
        send=send,
    )
