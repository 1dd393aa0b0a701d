"""The verbs of moderation. Desk, admin and commands call these and nothing else.

Each locks its target, checks who decides and that they saw what they decide on, changes the
state, adds the entry to the record and answers whoever asked for it, in one transaction, and
returns the entry.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cmdebate import edition
from cmdebate.accounts.models import User
from discussions import cases, complaints, from_essays, leaving, posting, sanctions
from discussions.effects import Seen, follow
from discussions.following import notices
from discussions.models import (
    Action,
    Case,
    Complaint,
    Decision,
    Post,
    Suggestion,
    Target,
    Thread,
)
from discussions.models.decisions import ON_MEMBERS, Duty, Origin
from discussions.models.posts import PostQuerySet
from discussions.models.targets import named
from discussions.policy import Reason
from discussions.search import index
from essays.models import OriginalComment

from . import record, recusal
from .statements import NOTHING_SAID, Statement

# For how long who decided may take it back.
UNDO_TIME = timedelta(minutes=10)


class DecisionRefused(Exception):
    """Nothing was decided; `message` says why, to the person who tried."""

    message: str | Promise


class NotYours(DecisionRefused):
    message = _("Somebody else decides here.")

    def __init__(self, why: recusal.Recusal | None = None) -> None:
        if why:
            self.message = why.label


class ChangedSince(DecisionRefused):
    message = _(
        "This text, or its state, has changed since you opened it. Nothing was decided: "
        "look at it again."
    )


class NothingToDo(DecisionRefused):
    message = _("That act does not apply to this text in its present state.")


class Incomplete(DecisionRefused):
    """`fields` says what is missing, by the field of the statement."""

    message = _("The statement of reasons is not complete.")

    def __init__(self, fields: dict[str, str | Promise]) -> None:
        self.fields = fields


class TooLate(DecisionRefused):
    message = _("A decision is taken back within minutes, by who made it, if nothing came since.")


def possible_acts(target: Target) -> tuple[Action, ...]:
    """What can be decided on the target in its present state."""
    if isinstance(target, Post):
        return _acts_on_post(target)
    if isinstance(target, OriginalComment):
        hidden = target.state == OriginalComment.State.HIDDEN
        return (Action.RESTORE,) if hidden else (Action.HIDE,)
    if isinstance(target, User):
        if not target.is_active or target.is_community_manager:
            return ()
        lift = (Action.LIFT,) if sanctions.active(target) else ()
        return (*lift, *ON_MEMBERS)
    if isinstance(target, Thread):
        if not target.restriction:
            return (Action.SLOW, Action.SHUT)
        closed = target.restriction.action == Action.SHUT
        return (Action.REOPEN,) if closed else (Action.REOPEN, Action.SHUT)
    return ()


def _acts_on_post(post: Post) -> tuple[Action, ...]:
    if post.kind == Post.Kind.CALL:
        rewrite: tuple[Action, ...] = ()  # it is sealed
    else:
        rewrite = () if post.rewrite_id or post.author is None else (Action.REWRITE,)
    if post.state == Post.State.PENDING:
        return (Action.APPROVE, *rewrite, Action.REFUSE)
    if post.state == Post.State.PUBLISHED:
        if post.is_waiting and not post.rewrite_id:
            return (Action.APPROVE, *rewrite, Action.REFUSE, Action.HIDE)
        return (*rewrite, Action.HIDE)
    if post.state == Post.State.HIDDEN and not post.latest_revision.erased_at:
        assert post.restriction
        if post.restriction.action == Action.UNDO:
            return (Action.RESTORE, Action.HIDE)
        # What an original comment took with it comes back with that.
        if post.source and post.source.is_withheld:
            return (Action.ERASE,)
        return (Action.RESTORE, Action.ERASE)
    return ()


def acts_now(target: Target) -> tuple[Action, ...]:
    """The same, and to leave it as it is where somebody asks for more."""
    possible = possible_acts(target)
    asked = Complaint.objects.open().filter(**named(target)).exists()
    if asked and Action.APPROVE not in possible:
        return (Action.KEEP, *possible)
    return possible


def decide(
    action: Action,
    target: Target,
    by: User,
    *,
    seen: str,
    said: Statement = NOTHING_SAID,
    proposer: User | None = None,
) -> Decision:
    """Does one act; `seen` is the version of the target that the moderator was shown."""
    if missing := said.missing(action):
        raise Incomplete(missing)
    with transaction.atomic():
        target = _locked(target)
        if not by.decides:
            raise NotYours
        why = recusal.of(by, target, action)
        if why and not recusal.nobody_else(by, target, action):
            raise NotYours(why)
        if version_of(target) != seen:
            raise ChangedSince
        if action not in acts_now(target):
            raise NothingToDo
        if said.marked and said.marked not in _text_of(target):
            raise Incomplete({"marked": _("These words are not in the text.")})
        asked = list(Complaint.objects.open().filter(**named(target)))
        appealed = next((each.entry for each in asked if each.entry), None)
        enter = partial(
            record.enter,
            action,
            by,
            duty=_duty(target),
            said=said,
            origin=_origin(asked),
            answers=appealed or _put_right(action, target),
            since=Case.objects.filter(**named(target)).values_list("since", flat=True).first(),
            alone=why is not None,
            proposer=proposer,
        )
        decision = _carry_out(action, target, enter)
        _settle(target, decision, asked)
        return decision


def _carry_out(action: Action, target: Target, enter: Callable[..., Decision]) -> Decision:
    if action == Action.KEEP:
        revision = target.published_revision if isinstance(target, Post) else None
        return enter(target, revision=revision)
    if isinstance(target, Post):
        return _ON_POST[action](target, enter)
    if isinstance(target, OriginalComment):
        return _ON_COMMENT[action](target, enter)
    if isinstance(target, Thread):
        return _on_thread(target, enter)
    return enter(target)  # a sanction stands in the record alone


def _settle(target: Target, decision: Decision, asked: Sequence[Complaint]) -> None:
    """Answers whoever asked, tells whom it concerns, takes it from the desk."""
    Suggestion.objects.filter(**named(target), decision=None).update(decision=decision)
    complaints.answer(asked, decision)
    cases.follow(target)
    if isinstance(target, Post):
        notices.decided(target, decision)
    elif isinstance(target, User):
        notices.decided_on(target, decision)


def _duty(target: Target) -> Duty:
    if isinstance(target, Thread):
        return Duty.WATCH
    waits = target.pending_revision if isinstance(target, Post) else None
    if waits and Reason.ROLE in waits.held_for:
        return Duty.VALIDATE
    return Duty.MODERATE


def _origin(asked: Sequence[Complaint]) -> Origin:
    kinds = {complaint.kind for complaint in asked}
    for kind, origin in (
        (Complaint.Kind.APPEAL, Origin.APPEAL),
        (Complaint.Kind.REVIEW, Origin.REVIEW),
        (Complaint.Kind.LAW, Origin.LAW),
        (Complaint.Kind.RULES, Origin.REPORT),
    ):
        if kind in kinds:
            return origin
    return Origin.OWN


def _put_right(action: Action, target: Target) -> Decision | None:
    """The entry that a reversal takes back."""
    if action == Action.RESTORE and isinstance(target, Post):
        return target.restriction
    if action == Action.RESTORE and isinstance(target, OriginalComment) and target.withheld_by:
        return Decision.objects.get(number=target.withheld_by)
    if action == Action.REOPEN and isinstance(target, Thread):
        return target.restriction
    if action == Action.LIFT and isinstance(target, User):
        return sanctions.active(target)
    return None


def version_of(target: Target) -> str:
    """What a decision is made on: it changes with the state and the text of the target."""
    if isinstance(target, Post | OriginalComment):
        return target.version
    if isinstance(target, Thread):
        return f"thread-{target.restriction_id}"
    last = Decision.objects.filter(**named(target)).values_list("number", flat=True).first()
    return f"{record.reference_of(target)}-{last}"


def _text_of(target: Target) -> str:
    if isinstance(target, Post):
        return target.latest_revision.wording.text
    return ""


def _locked(target: Target) -> Target:
    if isinstance(target, Post):
        if target.kind == Post.Kind.DEFINITION:
            # First, as where that comment is decided on: it takes its definitions along.
            list(from_essays.comment_of(target).select_for_update(of=("self",)))
        return Post.objects.select_for_update().get(pk=target.pk)
    if isinstance(target, User):
        return User.objects.select_for_update(no_key=True).get(pk=target.pk)
    return type(target)._default_manager.select_for_update().get(pk=target.pk)


Enter = Callable[..., Decision]


def _approve(post: Post, enter: Enter) -> Decision:
    assert post.pending_revision  # possible_acts
    revision = post.pending_revision
    post.rewrite = None
    posting.publish(post, revision, also=["rewrite"])
    return enter(post, revision=revision)


def _refuse(post: Post, enter: Enter) -> Decision:
    """A new post goes to its author alone; a new version leaves the earlier one in place."""
    decision = enter(post, revision=post.pending_revision, name_author=post.was_public)
    post.rewrite = None
    if post.was_public:
        post.pending_revision = None
    else:
        post.state = Post.State.HIDDEN
        post.restriction = decision
    post.save(update_fields=[*posting.SHOWN, "rewrite"])
    return decision


def _rewrite(post: Post, enter: Enter) -> Decision:
    """The text stays as it is, for readers or for nobody, until its author sends another."""
    decision = enter(post, revision=post.latest_revision, name_author=post.was_public)
    post.rewrite = decision
    post.save(update_fields=["rewrite"])
    return decision


def _hide(post: Post, enter: Enter) -> Decision:
    decision = enter(post, revision=post.published_revision)
    _take_away(post, decision)
    return decision


def _take_away(post: Post, decision: Decision) -> None:
    before = Seen.of(post)
    post.state = Post.State.HIDDEN
    post.restriction = decision
    post.save(update_fields=posting.SHOWN)
    follow(post, before)


def _restore(post: Post, enter: Enter) -> Decision:
    """Puts back what was public; publishes what was refused before it ever was."""
    revision = post.published_revision or post.pending_revision
    assert revision
    if post.was_public:
        _bring_back(post)
    else:
        posting.publish(post, revision)
    return enter(post, revision=revision)


def _bring_back(post: Post) -> None:
    before = Seen.of(post)
    post.state = Post.State.PUBLISHED
    post.restriction = None
    post.save(update_fields=posting.SHOWN)
    follow(post, before)


def _erase(post: Post, enter: Enter) -> Decision:
    """Empties every version of a hidden text; what the record commits to can't be told then."""
    decision = enter(post, revision=post.latest_revision, name_author=post.was_public)
    leaving.empty(post.revisions.all())
    post.refresh_from_db()
    post.restriction = decision
    post.save(update_fields=["restriction"])
    return decision


def _hide_comment(comment: OriginalComment, enter: Enter) -> Decision:
    """The definitions that lie in it go with it, by the same decision."""
    decision = enter(comment)
    comment.state = OriginalComment.State.HIDDEN
    comment.withheld_by = decision.number
    comment.save(update_fields=["state", "withheld_by"])
    index.follow_comment(comment)
    for post in _definitions_in(comment).filter(state=Post.State.PUBLISHED):
        _take_away(post, decision)
    return decision


def _restore_comment(comment: OriginalComment, enter: Enter) -> Decision:
    comment.state = OriginalComment.State.PUBLISHED
    comment.withheld_by = None
    comment.save(update_fields=["state", "withheld_by"])
    index.follow_comment(comment)
    for post in _definitions_in(comment).filter(restriction__original_comment=comment):
        _bring_back(post)
    from_essays.publish_in(comment)
    return enter(comment)


def _definitions_in(comment: OriginalComment) -> PostQuerySet:
    return Post.objects.select_for_update(of=("self",)).filter(
        definition__source__original_comment=comment
    )


def _on_thread(thread: Thread, enter: Enter) -> Decision:
    decision = enter(thread)
    thread.restriction = None if decision.action == Action.REOPEN else decision
    thread.save(update_fields=["restriction"])
    edition.turn()
    return decision


_ON_POST: dict[Action, Callable[[Post, Enter], Decision]] = {
    Action.APPROVE: _approve,
    Action.REFUSE: _refuse,
    Action.REWRITE: _rewrite,
    Action.HIDE: _hide,
    Action.RESTORE: _restore,
    Action.ERASE: _erase,
}
_ON_COMMENT: dict[Action, Callable[[OriginalComment, Enter], Decision]] = {
    Action.HIDE: _hide_comment,
    Action.RESTORE: _restore_comment,
}


def undo(decision: Decision, by: User) -> Decision:
    """Takes back a decision on a post at once, as if it had not been made: it waits again.

    Readers who have seen the text meanwhile have seen it: the record keeps both entries.
    """
    with transaction.atomic():
        assert decision.post
        post = _locked(decision.post)
        assert isinstance(post, Post)
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
    last = post.decisions.order_by("number").last()
    return (
        decision.by == by
        and by.decides
        and decision.action in _ON_UNDOING
        and decision == last
        and timezone.now() - decision.at < UNDO_TIME
        and post.state != Post.State.WITHDRAWN
        and not _written_since(post, decision)
    )


def _written_since(post: Post, decision: Decision) -> bool:
    return post.revisions.filter(created_at__gt=decision.at).exists()


def _undo_approval(post: Post, decision: Decision, entry: Decision) -> None:
    if record.shows_first(decision):
        _take_away(post, entry)
        return
    before = Seen.of(post)
    assert decision.revision
    post.published_revision = (
        post.revisions.filter(published_at__isnull=False, number__lt=decision.revision.number)
        .order_by("number")
        .last()
    )
    post.pending_revision = decision.revision
    post.save(update_fields=posting.SHOWN)
    follow(post, before)


def _undo_refusal(post: Post, decision: Decision, entry: Decision) -> None:
    if post.was_public:
        post.pending_revision = decision.revision
    else:
        post.state = Post.State.PENDING
        post.restriction = None
    post.save(update_fields=posting.SHOWN)


def _undo_hiding(post: Post, decision: Decision, entry: Decision) -> None:
    _bring_back(post)


def _undo_restoring(post: Post, decision: Decision, entry: Decision) -> None:
    assert decision.answers
    _take_away(post, decision.answers)


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
