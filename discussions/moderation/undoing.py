"""Taking a decision on a post back at once, as if it had not been made: it waits again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmdebate.accounts.models import User
from discussions import cases, complaints, posting
from discussions.agreement import tally
from discussions.effects import Seen, follow
from discussions.following import notices
from discussions.models import Action, Complaint, Decision, Post, Suggestion
from discussions.tags import put_on

from . import record
from .acting import bring_back, take_away
from .decisions import DecisionRefused, locked

# For how long who decided may take it back.
UNDO_TIME = timedelta(minutes=10)


class TooLate(DecisionRefused):
    message = _("A decision is taken back within minutes, by who made it, if nothing came since.")


def undo(decision: Decision, by: User) -> Decision:
    """Readers who have seen the text meanwhile have seen it: the record keeps both entries."""
    with transaction.atomic():
        assert decision.post
        post = locked(decision.post)
        assert isinstance(post, Post)
        decision = Decision.objects.get(number=decision.number)  # its text, as it is now
        if not may_undo(decision, by, post):
            raise TooLate
        entry = record.enter(
            Action.UNDO, by, post, revision=decision.revision, answers=decision, name_author=False
        )
        _ON_UNDOING[Action(decision.action)](post, decision, entry)
        complaints.reopen(decision)
        Suggestion.objects.filter(decision=decision).update(decision=None)
        cases.follow(post)
        notices.decided(post, entry)
        return entry


def may_undo(decision: Decision, by: User, post: Post) -> bool:
    """Whether who decided may take it back: soon, and if nothing came since."""
    last = post.decisions.order_by("number").last()
    asked = Complaint.objects.open().filter(post=post)
    proposed = Suggestion.objects.filter(post=post, decision=None)
    return (
        decision.by == by
        and by.decides
        and decision.action in _ON_UNDOING
        and decision == last
        and timezone.now() - decision.at < UNDO_TIME
        and post.state != Post.State.WITHDRAWN
        and not _written_since(post, decision)
        and not (decision.revision and decision.revision.erased_at)
        and not (post.source and post.source.is_withheld)
        and not (asked.exists() or proposed.exists())
    )


def _written_since(post: Post, decision: Decision) -> bool:
    """Whether there is a later version, or an amendment was taken over by this one."""
    adopted = decision.revision and decision.revision.adopted_id
    return bool(adopted) or post.revisions.filter(created_at__gt=decision.at).exists()


def _undo_approval(post: Post, decision: Decision, entry: Decision) -> None:
    if record.shows_first(decision):
        take_away(post, entry)
    else:
        _take_back(post, decision, waits=True)


def _take_back(post: Post, decision: Decision, *, waits: bool) -> None:
    """Shows the version before again; this one waits, or does not, as it did."""
    before = Seen.of(post)
    assert decision.revision
    post.published_revision = (
        post.revisions.filter(published_at__isnull=False, number__lt=decision.revision.number)
        .order_by("number")
        .last()
    )
    post.pending_revision = decision.revision if waits else None
    post.save(update_fields=posting.SHOWN)
    decision.revision.published_at = None  # it has no place in the history that readers see
    decision.revision.save(update_fields=["published_at"])
    if post.kind == Post.Kind.DEFINITION:
        assert post.published_revision
        put_on(post.definition, post.published_revision.tags)
        tally.rank(post.definition)
    follow(post, before)


def _undo_refusal(post: Post, decision: Decision, entry: Decision) -> None:
    if post.was_public:
        post.pending_revision = decision.revision
    else:
        post.state = Post.State.PENDING
        post.restriction = None
    post.save(update_fields=posting.SHOWN)


def _undo_hiding(post: Post, decision: Decision, entry: Decision) -> None:
    """What the undoing of an approval had hidden before goes back to that."""
    if held := record.held_before(decision):
        take_away(post, held)
    else:
        bring_back(post)


def _undo_restoring(post: Post, decision: Decision, entry: Decision) -> None:
    if held := record.held_before(decision):
        take_away(post, held)
    elif decision.answers and decision.answers.action == Action.REWRITE:
        post.rewrite = decision.answers
        post.save(update_fields=["rewrite"])
    else:
        _take_back(post, decision, waits=False)  # a new version that had been refused


def _undo_asking(post: Post, decision: Decision, entry: Decision) -> None:
    post.rewrite = None
    post.save(update_fields=["rewrite"])


def _undo_nothing(post: Post, decision: Decision, entry: Decision) -> None:
    """Only those who had asked are to be answered again."""


_ON_UNDOING: dict[Action, Callable[[Post, Decision, Decision], Any]] = {
    Action.APPROVE: _undo_approval,
    Action.REFUSE: _undo_refusal,
    Action.HIDE: _undo_hiding,
    Action.RESTORE: _undo_restoring,
    Action.REWRITE: _undo_asking,
    Action.KEEP: _undo_nothing,
}
