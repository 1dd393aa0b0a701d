"""The verbs of moderation. Desk, admin and commands call these and nothing else.

Each locks its target, checks who decides and that they saw what they decide on, changes the
state, adds the entry to the record and answers whoever asked for it, in one transaction, and
returns the entry.
"""

from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cmdebate.accounts.models import User
from discussions import access, cases, complaints, from_essays, sanctions
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
from discussions.models.targets import named
from discussions.policy import Reason
from essays.models import OriginalComment

from . import acting, record, recusal
from .statements import NOTHING_SAID, Statement


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
        target = locked(target)
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
        decision = acting.carry_out(action, target, enter)
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
        target = locked(target)
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
        return target.restriction or target.rewrite or acting.refused_edit(target)
    if action == Action.RESTORE and isinstance(target, OriginalComment) and target.withheld_by:
        return Decision.objects.get(number=target.withheld_by)
    if action == Action.REOPEN and isinstance(target, Thread):
        return target.restriction
    if action == Action.LIFT and isinstance(target, User):
        return _to_lift(target)
    return None


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


def locked(target: Target) -> Target:
    if isinstance(target, Post):
        if target.kind == Post.Kind.DEFINITION:
            # First, as where that comment is decided on: it takes its definitions along.
            list(from_essays.comment_of(target).select_for_update(of=("self",)))
        return Post.objects.select_for_update().get(pk=target.pk)
    if isinstance(target, User):
        return User.objects.select_for_update(no_key=True).get(pk=target.pk)
    return type(target)._default_manager.select_for_update().get(pk=target.pk)
