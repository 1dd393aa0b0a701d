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
from discussions import access, cases, complaints, from_essays, leaving, posting, sanctions
from discussions.agreement import tally
from discussions.effects import Seen, follow
from discussions.following import notices
from discussions.models import (
    Action,
    Case,
    Complaint,
    Decision,
    Post,
    Revision,
    Suggestion,
    Target,
    Thread,
)
from discussions.models.decisions import ON_MEMBERS, Duty, Origin
from discussions.models.posts import PostQuerySet
from discussions.models.targets import named
from discussions.policy import Reason
from discussions.search import index
from discussions.tags import put_on
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


class SuggestedAlready(DecisionRefused):
    message = _("Somebody else has proposed a decision here: leave a note if you see it otherwise.")


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
        if not target.is_active:
            return ()
        lift = (Action.LIFT,) if _to_lift(target) else ()
        return lift if target.is_community_manager else (*lift, *ON_MEMBERS)
    if isinstance(target, Thread):
        if not target.restriction:
            return (Action.SLOW, Action.SHUT)
        closed = target.restriction.action == Action.SHUT
        return (Action.REOPEN,) if closed else (Action.REOPEN, Action.SHUT)
    return ()


def _acts_on_post(post: Post) -> tuple[Action, ...]:
    # Of somebody who is there, and may change it.
    author = post.author
    asks = author and author.is_active and access.may_change(author, post) and not post.rewrite_id
    rewrite = (Action.REWRITE,) if asks else ()
    if post.state == Post.State.PENDING:
        return (Action.APPROVE, *rewrite, Action.REFUSE)
    if post.state == Post.State.PUBLISHED:
        if post.is_waiting:
            return (Action.APPROVE, *rewrite, Action.REFUSE, Action.HIDE)
        back = (Action.RESTORE,) if _put_right(Action.RESTORE, post) else ()
        return (*back, *rewrite, Action.HIDE)
    if post.state == Post.State.HIDDEN and not post.latest_revision.erased_at:
        assert post.restriction
        if post.restriction.action == Action.UNDO:
            return (Action.RESTORE, Action.HIDE)
        if post.source:  # what an essay says is never erased
            # What an original comment took with it comes back with that.
            return () if post.source.is_withheld else (Action.RESTORE,)
        return (Action.RESTORE, Action.ERASE)
    return ()


def acts_now(target: Target) -> tuple[Action, ...]:
    """The same, and to leave it as it is where somebody asks for more."""
    possible = possible_acts(target)
    waits = Action.APPROVE in possible and not (isinstance(target, Post) and target.rewrite_id)
    if not waits and Complaint.objects.open().filter(**named(target)).exists():
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
    said = said.of_act(action)
    if missing := said.missing(action):
        raise Incomplete(missing)
    with transaction.atomic():
        target = _locked(target)
        if not by.decides:
            raise NotYours
        why = recusal.of(by, target, action)
        if why and not recusal.nobody_else(by, target, action):
            raise NotYours(why)
        _check(action, target, seen, said)
        put_right = _put_right(action, target)
        asked = _answered(action, target, put_right)
        appealed = next((each.entry for each in asked if each.entry), None)
        if appealed and not said.reason:
            raise Incomplete({"reason": _("Somebody asked for another look: answer in words.")})
        enter = partial(
            record.enter,
            action,
            by,
            duty=_duty(target),
            said=said,
            origin=_origin(asked),
            answers=put_right or appealed,
            since=Case.objects.filter(**named(target)).values_list("since", flat=True).first(),
            alone=why is not None,
            proposer=proposer,
        )
        decision = _carry_out(action, target, enter)
        _settle(target, decision, asked)
        return decision


def suggest(
    action: Action, target: Target, by: User, *, seen: str, said: Statement = NOTHING_SAID
) -> Suggestion:
    """A trainee proposes what somebody else decides; they may propose another act until then."""
    said = said.of_act(action)
    if missing := said.missing(action):
        raise Incomplete(missing)
    with transaction.atomic():
        target = _locked(target)
        if not by.is_community_manager:
            raise NotYours
        if why := recusal.of(by, target, action):
            raise NotYours(why)
        _check(action, target, seen, said)
        if Suggestion.objects.filter(**named(target), decision=None).exclude(by=by).exists():
            raise SuggestedAlready
        suggestion, _made = Suggestion.objects.update_or_create(
            **named(target),
            decision=None,
            defaults={"by": by, "action": action, "said": said.kept(), "seen": seen},
        )
        cases.follow(target)
        return suggestion


def _check(action: Action, target: Target, seen: str, said: Statement) -> None:
    """Whether the act is on what its author saw, is open now, and quotes the text."""
    if version_of(target) != seen:
        raise ChangedSince
    if action not in acts_now(target):
        raise NothingToDo
    if said.marked and _lines(said.marked) not in _lines(_text_of(target)):
        raise Incomplete({"marked": _("These words are not in the text.")})


def _carry_out(action: Action, target: Target, enter: Callable[..., Decision]) -> Decision:
    if action == Action.KEEP:
        if not isinstance(target, Post):
            return enter(target)
        revision = target.published_revision or target.pending_revision
        return enter(target, revision=revision, name_author=target.was_public)
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


def _answered(action: Action, target: Target, put_right: Decision | None) -> list[Complaint]:
    """The open complaints that the act answers: all there are, but where it is about another
    thing than they are."""
    asked = Complaint.objects.open().filter(**named(target))
    if isinstance(target, Post) and action == Action.REFUSE and target.was_public:
        asked = asked.exclude(kind__in=Complaint.REPORTS)  # the text that was reported stays
    elif action == Action.LIFT:
        asked = asked.filter(entry=put_right)
    elif action in ON_MEMBERS:
        asked = asked.filter(entry__action=Action.LIFT)
    return list(asked.select_related("entry"))


def _put_right(action: Action, target: Target) -> Decision | None:
    """The entry that a reversal takes back."""
    if action == Action.RESTORE and isinstance(target, Post):
        return target.restriction or target.rewrite or _refused_edit(target)
    if action == Action.RESTORE and isinstance(target, OriginalComment) and target.withheld_by:
        return Decision.objects.get(number=target.withheld_by)
    if action == Action.REOPEN and isinstance(target, Thread):
        return target.restriction
    if action == Action.LIFT and isinstance(target, User):
        return _to_lift(target)
    return None


def _refused_edit(post: Post) -> Decision | None:
    """The refusal of a new version, while nothing has come after it."""
    last = post.decisions.exclude(action=Action.KEEP).order_by("number").last()
    if last is None or last.action != Action.REFUSE or post.pending_revision_id:
        return None
    revision = last.revision
    newest = post.revisions.order_by("number").last()
    return last if revision and revision == newest and not revision.erased_at else None


def _to_lift(member: User) -> Decision | None:
    """The sanction that is appealed, be it over, or else the gravest in force."""
    asked = Complaint.objects.open().filter(member=member, entry__action__in=ON_MEMBERS)
    appealed = asked.order_by("kind", "pk").first()
    return appealed.entry if appealed else sanctions.active(member)


def version_of(target: Target) -> str:
    """What a decision is made on: it changes with the state and the text of the target."""
    if isinstance(target, Post | OriginalComment):
        return target.version
    if isinstance(target, Thread):
        return f"thread-{target.restriction_id}"
    last = Decision.objects.filter(**named(target)).values_list("number", flat=True).first()
    return f"{record.reference_of(target)}-{last}"


def _lines(text: str) -> str:
    """Whatever line ends a browser sent."""
    return text.replace("\r\n", "\n")


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
    _publish(post, revision)
    return enter(post, revision=revision)


def _publish(post: Post, revision: Revision) -> None:
    starts = post.kind == Post.Kind.PROMPT and not post.was_public
    posting.publish(post, revision, also=["rewrite"])
    if starts:
        record.opened(post)


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
    """Puts back what was public; publishes what was refused before it ever was, or as a new
    version; asks for no rewrite any more."""
    revision = post.published_revision or post.pending_revision
    assert revision
    if post.state == Post.State.PUBLISHED and post.rewrite_id:
        post.rewrite = None
        post.save(update_fields=["rewrite"])
    elif post.state == Post.State.PUBLISHED:
        refusal = _refused_edit(post)
        assert refusal and refusal.revision  # possible_acts
        revision = refusal.revision
        posting.publish(post, revision)
    elif post.was_public:
        _bring_back(post)
    else:
        _publish(post, revision)
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
        _take_away(post, entry)
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
        _take_away(post, held)
    else:
        _bring_back(post)


def _undo_restoring(post: Post, decision: Decision, entry: Decision) -> None:
    if held := record.held_before(decision):
        _take_away(post, held)
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
