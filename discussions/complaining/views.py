"""Report, appeal, and read what came of it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.core import ratelimit
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cmdebate.accounts.models import User
from discussions import access, complaints, reasons, shown
from discussions.composing import say
from discussions.drafts import for_members
from discussions.following import words
from discussions.models import Complaint, Post
from discussions.refusals import PostingRefused
from discussions.views import in_place
from essays.models import OriginalComment

from .forms import AppealForm, ReportForm

# How many other texts a report offers to tick.
OFFERED = 12
PER_PAGE = 30

reads_and_posts = require_http_methods(["GET", "HEAD", "POST"])


class TooMany(PostingRefused):
    message = _("Many reports have come from you within the hour. Try again later.")


@login_not_required
@never_cache
@reads_and_posts
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    post = in_place(request, public_id)
    if not post.was_public:
        raise Http404
    return _report(request, post, _offered(request, post) if post.is_public else [])


@login_not_required
@never_cache
@reads_and_posts
def report_comment(request: HttpRequest, slug: str, ref: str) -> HttpResponse:
    comments = OriginalComment.objects.select_related("essay")
    return _report(request, get_object_or_404(comments, essay__slug=slug, ref=ref), [])


def _report(
    request: HttpRequest, target: Post | OriginalComment, offered: list[Post]
) -> HttpResponse:
    member = request.user if request.user.is_authenticated else None

    def send(form: forms.Form) -> Complaint:
        assert isinstance(form, ReportForm)
        return complaints.report(target, by=member, **form.report())

    return _ask(
        request,
        "complaints/report.html",
        {"target": target, "is_post": isinstance(target, Post)},
        form_class=partial(
            ReportForm, target, offered=offered, signed_in=request.user.is_authenticated
        ),
        refuse=lambda: complaints.check_report(target, member),
        send=send,
    )


def _offered(request: HttpRequest, post: Post) -> list[Post]:
    """Other texts of the same author, or of the same exchange, that readers see and that this
    person has not reported yet."""
    near = Q(author=post.author) if post.author else Q()
    if post.root_id:
        near |= Q(root=post.root_id)
    if not near:
        return []
    others = Post.objects.visible_to(request.user).filter(near, state=Post.State.PUBLISHED)
    others = others.exclude(pk=post.pk)
    if request.user.is_authenticated:
        reported = Complaint.objects.open().reports().filter(by=request.user, post__isnull=False)
        others = others.exclude(author=request.user).exclude(pk__in=reported.values("post"))
    return [each for each in shown.of(request.user, others.order_by("-pk")[:OFFERED]) if each.shown]


@for_members
@never_cache
@reads_and_posts
def appeal(request: HttpRequest, number: int) -> HttpResponse:
    entry = get_object_or_404(reasons.entries(), number=number)
    member = access.member(request)

    def refuse() -> None:
        if not complaints.may_appeal(entry, member):
            raise complaints.NotAppealable

    def send(form: forms.Form) -> Complaint:
        said = form.cleaned_data
        return complaints.appeal(entry, member, said["words"], form_key=said["key"])

    return _ask(
        request,
        "complaints/appeal.html",
        {
            "entry": entry,
            "own": complaints.concerns(entry, member),
            "parts": reasons.parts(entry),
        },
        form_class=AppealForm,
        refuse=refuse,
        send=send,
    )


def _ask(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    form_class: Callable[..., forms.Form],
    refuse: Callable[[], None],
    send: Callable[[forms.Form], Complaint],
) -> HttpResponse:
    """A form that asks something of the desk: shown, unless it could not be kept, and sent."""
    form = form_class(request.POST) if request.method == "POST" else form_class()
    refusal = ""
    if form.is_bound and form.is_valid():
        try:
            _check_pace(request)
            return redirect(send(form))
        except PostingRefused as why:
            form.add_error(None, say(why))
    elif not form.is_bound:
        try:
            refuse()
        except PostingRefused as why:
            refusal = say(why)
    context |= {"form": form, "refusal": refusal}
    return render(request, template, context, status=422 if form.is_bound else 200)


def _check_pace(request: HttpRequest) -> None:
    """By address, and by member wherever they are."""
    if not ratelimit.consume(request, action="report"):
        raise TooMany
    if request.user.is_authenticated and not ratelimit.consume(request, action="member_report"):
        raise TooMany


@login_not_required
@never_cache
@require_safe
def complaint(request: HttpRequest, public_id: str) -> HttpResponse:
    """What came of it, for whoever holds the link; of a text that is gone, not a word."""
    found = get_object_or_404(_with_answers(), public_id=public_id)
    together = _with_answers().filter(form_key=found.form_key).exclude(pk=found.pk)
    return render(
        request,
        "complaints/complaint.html",
        {
            "complaint": found,
            "headline": words.of_complaint(found),
            "together": together,
            "parts": reasons.parts(found.answer, for_author=False) if found.answer else (),
            "own": found.by is not None and found.by == request.user,
        },
    )


@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """A member's own reports and appeals, the latest first."""
    member = access.member(request)
    asked = request.GET.get("page", "")
    page = max(int(asked[:4]), 1) if asked.isascii() and asked.isdecimal() else 1
    start = (page - 1) * PER_PAGE
    rows = list(_of(member)[start : start + PER_PAGE + 1])
    right, wrong = complaints.figures(member)
    return render(
        request,
        "complaints/own.html",
        {
            "complaints": rows[:PER_PAGE],
            "right": right,
            "wrong": wrong,
            "page": page,
            "next": page + 1 if len(rows) > PER_PAGE else None,
        },
    )


def _of(member: User) -> Any:
    return _with_answers().filter(by=member).order_by("-created_at", "-pk")


def _with_answers() -> Any:
    return Complaint.objects.select_related(
        "by",
        "post__author",
        "post__definition__source",
        "original_comment__essay",
        "member",
        "thread",
        "entry",
        "answer__payload",
        "answer__by",
        "answer__post",
        "answer__revision",
        "answer__original_comment",
    ).defer("original_comment__essay__text")
