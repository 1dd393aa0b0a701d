"""What a moderator sees around what they decide on."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from cmdebate.accounts.models import User
from discussions import complaints, differences, sanctions, shown
from discussions.models import (
    Complaint,
    Decision,
    Note,
    Post,
    Revision,
    Suggestion,
    Target,
    Thread,
)
from discussions.models.posts import PostQuerySet
from discussions.models.targets import named

ENTRIES = 10
TEXTS = 5


def of(user: User, target: Target) -> dict[str, Any]:
    """All of it, for a page; what moderators tell each other is left to `kept`."""
    entries = Decision.objects.select_related("payload", "by", "post")
    around: dict[str, Any] = {"history": entries.filter(**named(target))[:ENTRIES]}
    person = target if isinstance(target, User) else None
    if isinstance(target, Post):
        person = target.author
        around |= _thread_around(user, target)
    elif isinstance(target, Thread):
        around["texts"] = _latest(
            user, Post.objects.filter(thread=target, published_at__isnull=False)
        )
    if person:
        around |= {
            "person": person,
            "figures": _figures(person),
            "sanctions": sanctions.on(person).select_related("payload"),
            "on_person": entries.filter(Q(post__author=person) | Q(member=person))
            .exclude(**named(target))
            .order_by("-number")[:TEXTS],
        }
    if isinstance(target, User):
        around["texts"] = _latest(user, Post.objects.filter(author=target))
    return around


@dataclass
class Complained:
    """A complaint, and how often its author was right before."""

    complaint: Complaint
    right: int = 0
    wrong: int = 0


def kept(target: Target) -> dict[str, Any]:
    """What is for those who decide on it alone: complaints, notes, a trainee's proposal."""
    asked = list(
        Complaint.objects.open()
        .filter(**named(target))
        .select_related("by", "entry__payload", "entry__by")
    )
    known = complaints.figures_of({each.by_id for each in asked if each.by_id})
    return {
        "complaints": [Complained(each, *known.get(each.by_id or 0, (0, 0))) for each in asked],
        "notes": Note.objects.filter(**named(target)).select_related("by"),
        "suggestion": Suggestion.objects.filter(**named(target), decision=None)
        .select_related("by")
        .first(),
    }


def changes(post: Post, seen: str = "") -> dict[str, Any]:
    """What the latest version changed in the one that was last seen, or else in the one that
    readers see or that was last judged."""
    latest = post.latest_revision
    before = _seen(post, seen) or post.published_revision
    if before is None or before == latest:
        judged = post.decisions.filter(revision__isnull=False).order_by("-number").first()
        before = judged.revision if judged else None
    if before is None or before == latest or before.erased_at:
        return {}
    shown.name_others([before])
    return {
        "before": before,
        "runs": differences.words(differences.readable(before), differences.readable(latest)),
        "since_seen": bool(seen) and before == _seen(post, seen),
    }


def _seen(post: Post, version: str) -> Revision | None:
    """The text that a version of the post names (`Post.version`)."""
    keys = [int(part) for part in version.split("-")[1:3] if part.isascii() and part.isdecimal()]
    return post.revisions.filter(pk=keys[-1]).first() if keys else None


def _thread_around(user: User, post: Post) -> dict[str, Any]:
    """The thread above and below a post."""
    if not post.thread:
        return {}
    paths = [post.path[:end] for end in range(6, len(post.path), 6)]
    in_thread = Post.objects.visible_to(user).in_thread(post.thread)
    return {
        "above": shown.of(user, in_thread.filter(path__in=paths)),
        "below": shown.of(
            user, in_thread.filter(path__gt=post.path, state=Post.State.PUBLISHED)[:2]
        ),
    }


def _latest(user: User, posts: PostQuerySet) -> list[Post]:
    rows = shown.of(user, posts.visible_to(user).order_by("-pk")[:TEXTS])
    for post in rows:
        post.shown = post.latest_revision
    return rows


def _figures(person: User) -> dict[str, int]:
    rows = Post.objects.filter(author=person).values("state").annotate(n=Count("pk"))
    return {row["state"]: row["n"] for row in rows}
