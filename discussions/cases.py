"""What waits at the desk, and where it stands in the queue: the gravest first, then the oldest.

A case is there while something about its target is to be decided. Whoever changes that calls
`follow`, in the same transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import pgettext_lazy

from .models import Action, Case, Complaint, Post, Suggestion, Target
from .models.targets import named
from .policy import Reason


class Waits(models.TextChoices):
    """Why something waits, beside what policy holds it for."""

    LAW = "law", pgettext_lazy("why it waits", "reported as unlawful")
    REPORT = "report", pgettext_lazy("why it waits", "reported")
    APPEAL = "appeal", pgettext_lazy("why it waits", "appeal")
    REVIEW = "review", pgettext_lazy("why it waits", "a second look is asked for")
    UNDONE = "undone", pgettext_lazy("why it waits", "the decision was undone")
    EDITED = "edited", pgettext_lazy("why it waits", "new version of a published text")
    SUGGESTED = "suggested", pgettext_lazy("why it waits", "a trainee proposes a decision")


# What each reason adds to the gravity of a case. A report adds its weight, from 0 to 1, times
# that: ten of them, all by people whose reports were always right, weigh as much as the law.
GRAVITY: dict[str, int] = {
    Waits.LAW: 1000,
    Waits.REPORT: 100,
    Waits.APPEAL: 80,
    Reason.WORDS: 60,
    Waits.REVIEW: 40,
    Waits.UNDONE: 30,
}
_OF_COMPLAINT = {
    Complaint.Kind.LAW: Waits.LAW,
    Complaint.Kind.RULES: Waits.REPORT,
    Complaint.Kind.APPEAL: Waits.APPEAL,
    Complaint.Kind.REVIEW: Waits.REVIEW,
}


@dataclass(frozen=True)
class Wait:
    """One thing that is to be decided about a target."""

    reason: str
    since: datetime
    weight: float = 1.0

    @property
    def gravity(self) -> float:
        return GRAVITY.get(self.reason, 0) * self.weight


def label(reason: str) -> str:
    known = Waits(reason) if reason in Waits.values else Reason(reason)
    return str(known.label)


def follow(target: Target) -> None:
    """Brings the target's case up to date: made, changed, or gone."""
    waits = list(_waits(target))
    if not waits:
        Case.objects.filter(**named(target)).delete()
        return
    waits.sort(key=lambda wait: -wait.gravity)
    counted: dict[str, int] = {}
    for wait in waits:
        counted[wait.reason] = counted.get(wait.reason, 0) + 1
    Case.objects.update_or_create(
        **named(target),
        defaults={
            "gravity": round(sum(wait.gravity for wait in waits)),
            "since": min(wait.since for wait in waits),
            "reasons": [[reason, count] for reason, count in counted.items()],
            "reason": waits[0].reason,
        },
    )


def _waits(target: Target) -> Iterable[Wait]:
    if isinstance(target, Post):
        yield from _of_post(target)
    for complaint in Complaint.objects.open().filter(**named(target)):
        weight = complaint.weight if complaint.kind == Complaint.Kind.RULES else 1.0
        yield Wait(_OF_COMPLAINT[Complaint.Kind(complaint.kind)], complaint.created_at, weight)
    for suggestion in Suggestion.objects.filter(**named(target), decision=None):
        yield Wait(Waits.SUGGESTED, suggestion.at)


def _of_post(post: Post) -> Iterable[Wait]:
    if post.is_waiting and not post.rewrite_id:
        assert post.pending_revision
        since = post.pending_revision.created_at
        if post.was_public:
            yield Wait(Waits.EDITED, since)
        for reason in post.pending_revision.held_for:
            yield Wait(reason, since)
    undone = post.restriction and post.restriction.action == Action.UNDO
    if undone and post.restriction and not post.latest_revision.erased_at:
        yield Wait(Waits.UNDONE, post.restriction.at)
