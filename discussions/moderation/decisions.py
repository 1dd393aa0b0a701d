"""The verbs of moderation. Desk, admin and commands call these and nothing else.

Each locks its target, checks who decides and that they saw what they decide on, changes
the state and adds the entry to the record in one transaction, and returns the entry.
"""

from collections.abc import Callable

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cmdebate.accounts.models import User
from discussions import access, from_essays, posting
from discussions.effects import Seen, follow
from discussions.following import notices
from discussions.models import Action, Decision, Ground, Post
from discussions.models.decisions import RESTRICTIONS
from discussions.models.posts import PostQuerySet
from discussions.search import index
from essays.models import OriginalComment

from . import record
from .record import Target


class DecisionRefused(Exception):
    """Nothing was decided; `message` says why, to the person who tried."""

    message: str | Promise


class NotYours(DecisionRefused):
    message = _("Nobody decides on their own text: leave this one to somebody else.")


class ChangedSince(DecisionRefused):
    message = _(
        "This text, or its state, has changed since you opened it. Nothing was decided: "
        "look at it again."
    )


class NothingToDo(DecisionRefused):
    message = _("That act does not apply to this text in its present state.")


class Incomplete(DecisionRefused):
    message = _("The ground or the reason is missing.")


def possible_acts(target: Target) -> tuple[Action, ...]:
    """What can be decided on the target in its present state."""
    if isinstance(target, OriginalComment):
        hidden = target.state == OriginalComment.State.HIDDEN
        return (Action.RESTORE,) if hidden else (Action.HIDE,)
    if target.state == Post.State.PENDING:
        return (Action.APPROVE, Action.REFUSE)
    if target.state == Post.State.PUBLISHED:
        return (Action.APPROVE, Action.REFUSE, Action.HIDE) if target.is_waiting else (Action.HIDE,)
    if target.state == Post.State.HIDDEN:
        # What its author took with them cannot be brought back; what an original comment took
        # with it comes back with that.
        gone = target.latest_revision.erased_at or (target.source and target.source.is_withheld)
        return () if gone else (Action.RESTORE,)
    return ()


def decide(
    action: Action,
    target: Target,
    by: User,
    *,
    seen: str,
    ground: Ground | str = "",
    reason: str = "",
) -> Decision:
    """Does one act; `seen` is the `version` of the target that the moderator was shown."""
    if action in RESTRICTIONS and not (ground and reason.strip()):
        raise Incomplete
    if action == Action.RESTORE and not reason.strip():
        raise Incomplete
    with transaction.atomic():
        target = _locked(target)
        if not access.may_decide(by, target):
            raise NotYours
        if target.version != seen:
            raise ChangedSince
        if action not in possible_acts(target):
            raise NothingToDo
        if isinstance(target, Post):
            decision = _ON_POST[action](target, by, str(ground), reason.strip())
            notices.decided(target, decision)
            return decision
        return _ON_COMMENT[action](target, by, str(ground), reason.strip())


def _locked(target: Target) -> Target:
    if isinstance(target, Post):
        if target.kind == Post.Kind.DEFINITION:
            # First, as where that comment is decided on: it takes its definitions along.
            list(from_essays.comment_of(target).select_for_update(of=("self",)))
        return Post.objects.select_for_update().get(pk=target.pk)
    return OriginalComment.objects.select_for_update().get(pk=target.pk)


def _approve(post: Post, by: User, ground: str, reason: str) -> Decision:
    assert post.pending_revision  # possible_acts
    revision = post.pending_revision
    posting.publish(post, revision)
    return record.enter(Action.APPROVE, by, post, reason=reason, revision=revision)


def _refuse(post: Post, by: User, ground: str, reason: str) -> Decision:
    """A new post goes to its author alone; a new version leaves the earlier one in place."""
    decision = record.enter(
        Action.REFUSE,
        by,
        post,
        ground=ground,
        reason=reason,
        revision=post.pending_revision,
        name_author=post.was_public,
    )
    if post.was_public:
        post.pending_revision = None
    else:
        post.state = Post.State.HIDDEN
        post.restriction = decision
    post.save(update_fields=posting.SHOWN)
    return decision


def _hide(post: Post, by: User, ground: str, reason: str) -> Decision:
    decision = record.enter(
        Action.HIDE, by, post, ground=ground, reason=reason, revision=post.published_revision
    )
    _take_away(post, decision)
    return decision


def _take_away(post: Post, decision: Decision) -> None:
    before = Seen.of(post)
    post.state = Post.State.HIDDEN
    post.restriction = decision
    post.save(update_fields=posting.SHOWN)
    follow(post, before)


def _restore(post: Post, by: User, ground: str, reason: str) -> Decision:
    """Puts back what was public; publishes what was refused before it ever was."""
    revision = post.published_revision or post.pending_revision
    assert revision
    if post.was_public:
        _bring_back(post)
    else:
        posting.publish(post, revision)
    return record.enter(Action.RESTORE, by, post, reason=reason, revision=revision)


def _bring_back(post: Post) -> None:
    before = Seen.of(post)
    post.state = Post.State.PUBLISHED
    post.restriction = None
    post.save(update_fields=posting.SHOWN)
    follow(post, before)


def _hide_comment(comment: OriginalComment, by: User, ground: str, reason: str) -> Decision:
    """The definitions that lie in it go with it, by the same decision."""
    decision = record.enter(Action.HIDE, by, comment, ground=ground, reason=reason)
    comment.state = OriginalComment.State.HIDDEN
    comment.withheld_by = decision.number
    comment.save(update_fields=["state", "withheld_by"])
    index.follow_comment(comment)
    for post in _definitions_in(comment).filter(state=Post.State.PUBLISHED):
        _take_away(post, decision)
    return decision


def _restore_comment(comment: OriginalComment, by: User, ground: str, reason: str) -> Decision:
    comment.state = OriginalComment.State.PUBLISHED
    comment.withheld_by = None
    comment.save(update_fields=["state", "withheld_by"])
    index.follow_comment(comment)
    for post in _definitions_in(comment).filter(restriction__original_comment=comment):
        _bring_back(post)
    from_essays.publish_in(comment)
    return record.enter(Action.RESTORE, by, comment, reason=reason)


def _definitions_in(comment: OriginalComment) -> PostQuerySet:
    return Post.objects.select_for_update(of=("self",)).filter(
        definition__source__original_comment=comment
    )


_ON_POST: dict[Action, Callable[[Post, User, str, str], Decision]] = {
    Action.APPROVE: _approve,
    Action.REFUSE: _refuse,
    Action.HIDE: _hide,
    Action.RESTORE: _restore,
}
_ON_COMMENT: dict[Action, Callable[[OriginalComment, User, str, str], Decision]] = {
    Action.HIDE: _hide_comment,
    Action.RESTORE: _restore_comment,
}
