"""The desk and the record."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, user_passes_test
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from discussions import access, shown
from discussions.models import Case, Decision, Post, RecordHead, Target
from discussions.models.posts import Viewer
from discussions.models.targets import named
from essays.models import OriginalComment

from . import record, recusal
from .decisions import DecisionRefused, Incomplete, acts_now, decide, version_of
from .forms import DecisionForm

QUEUE_LENGTH = 50
ENTRIES_PER_PAGE = 30


def _moderators(user: Any) -> bool:
    if not access.may_moderate(user):
        raise PermissionDenied
    return True


moderators_only = user_passes_test(_moderators)


@moderators_only
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What waits, and the first item open; with ?liste=masques, what is hidden."""
    queue = _queue(request)
    target = _on_desk(request, queue[0].public_id) if queue else None
    return _render_desk(request, queue, target)


@moderators_only
def post_case(request: HttpRequest, public_id: str) -> HttpResponse:
    return _case(request, _on_desk(request, public_id))


@moderators_only
def comment_case(request: HttpRequest, slug: str, ref: str) -> HttpResponse:
    comment = get_object_or_404(
        OriginalComment.objects.select_related("essay"), essay__slug=slug, ref=ref
    )
    return _case(request, comment)


def _case(request: HttpRequest, target: Target) -> HttpResponse:
    """One text and the decision on it."""
    if request.method != "POST":
        return _render_desk(request, _queue(request), target)
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            decision = decide(
                form.cleaned_data["action"],
                target,
                access.member(request),
                seen=form.cleaned_data["seen"],
                said=form.statement(),
            )
        except Incomplete as refusal:
            form.say_missing(refusal.fields)
        except DecisionRefused as refusal:
            # Not an error of the form: there is none where nothing can be decided any more.
            messages.error(request, str(refusal.message))
        else:
            messages.success(
                request,
                format_html(
                    _(
                        'Done: <a href="{record}">entry {number} of the record</a>. '
                        '<a href="{case}">Look at it again</a>'
                    ),
                    record=decision.get_absolute_url(),
                    number=decision.number,
                    case=request.path,
                ),
            )
            return redirect("moderation:desk")
    # As it is now, which may be why the decision was refused.
    if isinstance(target, Post):
        target = _on_desk(request, target.public_id)
    else:
        target.refresh_from_db()
    return _render_desk(request, _queue(request), target, form, status=422)


def _queue(request: HttpRequest) -> list[Post]:
    posts = Post.objects.visible_to(request.user)
    if request.GET.get("liste") == "masques":
        posts = posts.filter(state=Post.State.HIDDEN).order_by("-restriction__number")
    else:
        posts = posts.waiting()
    queue = shown.of(request.user, posts[:QUEUE_LENGTH])
    for post in queue:
        post.shown = post.latest_revision
    return queue


def _on_desk(request: HttpRequest, public_id: str) -> Post:
    """The post, with all that is shown around it."""
    return shown.get(request.user, Post.objects.visible_to(request.user), public_id)


def _render_desk(
    request: HttpRequest,
    queue: list[Post],
    target: Target | None,
    form: DecisionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    hidden = request.GET.get("liste") == "masques"
    context: dict[str, Any] = {
        "queue": queue,
        "hidden": hidden,
        "waiting_count": Case.objects.count(),
        "oldest": Case.objects.order_by("since").first(),
        "latest": Decision.objects.select_related("payload", "by")[:4],
        "head": RecordHead.objects.get(),
        "target": target,
    }
    if target is not None:
        context |= {
            "is_post": isinstance(target, Post),
            "case_url": _case_url(target),
            "acts": acts_now(target),
            "recusal": recusal.bars(access.member(request), target),
            "form": form or DecisionForm(),
            "version": version_of(target),
            "history": Decision.objects.filter(**named(target)).select_related("payload", "by")[
                :10
            ],
        }
        if isinstance(target, Post):
            context |= _around(request.user, target)
    return render(request, "moderation/desk.html", context, status=status)


def _case_url(target: Target) -> str:
    if isinstance(target, Post):
        return reverse("moderation:post", args=[target.public_id])
    assert isinstance(target, OriginalComment)
    return reverse("moderation:comment", args=[target.essay.slug, target.ref])


def _around(user: Viewer, post: Post) -> dict[str, Any]:
    """The thread above and below a post, and what its author has written so far."""
    above: list[Post] = []
    below: list[Post] = []
    if post.thread:
        paths = [post.path[:end] for end in range(6, len(post.path), 6)]
        in_thread = Post.objects.visible_to(user).in_thread(post.thread)
        above = shown.of(user, in_thread.filter(path__in=paths))
        below = shown.of(user, in_thread.filter(path__gt=post.path, state=Post.State.PUBLISHED)[:2])
    own = Post.objects.filter(author=post.author) if post.author else Post.objects.none()
    written = own.values("state").annotate(n=Count("pk"))
    return {
        "above": above,
        "below": below,
        "figures": {row["state"]: row["n"] for row in written} if post.author else {},
    }


@login_not_required
@require_safe
def journal(request: HttpRequest) -> HttpResponse:
    """The record, latest entries first."""
    decisions = Decision.objects.select_related(
        "payload", "by", "post", "revision", "original_comment__essay"
    )
    until = request.GET.get("jusqua", "")
    if until.isascii() and until.isdecimal():
        decisions = decisions.filter(number__lte=int(until[:12]))
    entries = list(decisions[: ENTRIES_PER_PAGE + 1])
    page = entries[:ENTRIES_PER_PAGE]
    return render(
        request,
        "moderation/journal.html",
        {
            "entries": page,
            "until": until,
            "next": entries[-1].number if len(entries) > len(page) else None,
            "head": RecordHead.objects.get(),
        },
    )


@login_not_required
@require_safe
def journal_export(request: HttpRequest) -> StreamingHttpResponse:
    """The whole record, an entry a line, to be recomputed by anyone."""

    def lines() -> Iterator[bytes]:
        for entry in record.exported():
            yield record.canonical(entry) + b"\n"

    return StreamingHttpResponse(
        lines(),
        content_type="application/x-ndjson; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="journal.jsonl"'},
    )
