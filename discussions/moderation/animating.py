"""Where nobody has answered yet: what the panel of the duty of animating lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cmdebate.accounts.models import User
from discussions import shown
from discussions.models import Post
from discussions.models.posts import Viewer
from essays.models import Essay

SHOWN = 20
COUNTED = 100  # as far as rows are counted
QUIET = timedelta(days=14)
# Who has written in that time is still there to be answered.
LATELY = timedelta(days=30)


Row = TypeVar("Row")


@dataclass(frozen=True)
class Found(Generic[Row]):
    """The first rows of a list, and how many there are, as far as they are counted."""

    rows: Sequence[Row]
    count: int

    @property
    def many(self) -> bool:
        return self.count > COUNTED


def _posts(user: Viewer, found: "QuerySet[Post]") -> "Found[Post]":
    keys = list(found.values_list("pk", flat=True)[: COUNTED + 1])
    return Found(shown.read(user, keys[:SHOWN]), len(keys))


def unanswered_replies(user: Viewer) -> "Found[Post]":
    """Top-level replies that nobody has answered, the latest first."""
    elsewhere = Q(own_thread__reply_count__gt=0)
    alone = Post.objects.filter(
        state=Post.State.PUBLISHED, thread__isnull=False, depth=0, branch_size=1, sealed=False
    )
    return _posts(user, alone.exclude(elsewhere).order_by("-published_at"))


def unanswered_definitions(user: Viewer) -> "Found[Post]":
    """Definitions that nobody has said anything of, the latest first."""
    written = Post.objects.definitions().written_here().filter(state=Post.State.PUBLISHED)
    silent = Q(own_thread=None) | Q(own_thread__reply_count=0)
    return _posts(user, written.filter(silent).order_by("-definition__by_age"))


def members_waiting() -> "Found[User]":
    """Members who wrote lately, and whom nobody has ever answered; the newest first."""
    since = timezone.now() - LATELY
    published = Post.objects.filter(state=Post.State.PUBLISHED)
    wrote = published.filter(published_at__gt=since, author__isnull=False)
    member = OuterRef("pk")
    others = published.exclude(author=member)
    found = User.objects.filter(
        ~Exists(others.filter(parent__author=member)),
        ~Exists(others.filter(thread__post__author=member)),
        pk__in=wrote.values("author"),
        is_active=True,
        role=User.Role.MEMBER,
    ).order_by("-pk")
    rows = list(found[: COUNTED + 1])
    return Found(rows[:SHOWN], len(rows))


def quiet_essays() -> "Found[Essay]":
    """Essays of which nobody has said anything for a while, nor of their words."""
    recent = Post.objects.filter(
        state=Post.State.PUBLISHED, published_at__gt=timezone.now() - QUIET, thread__isnull=False
    )
    talked = {
        essay
        for row in recent.values_list(
            "thread__essay", "thread__passage__essay", "thread__original_comment__essay"
        ).distinct()
        for essay in row
        if essay
    }
    essays = Essay.objects.exclude(pk__in=talked).select_related("thread").defer("text")
    rows = list(essays.order_by("position")[: COUNTED + 1])
    return Found(rows[:SHOWN], len(rows))


def prompts(user: Viewer) -> "Found[Post]":
    """Those that have not ended, with what they are answered; those that wait to be read too."""
    running = Post.objects.visible_to(user).filter(prompt__isnull=False, prompt__ended_at=None)
    states = (Post.State.PUBLISHED, Post.State.PENDING)
    return _posts(user, running.filter(state__in=states).order_by("-prompt__pinned", "-pk"))
