"""What somebody asks of the desk: reports and appeals. Nobody is left without an answer."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cmdebate import edition
from cmdebate.accounts.models import User
from essays.models import OriginalComment

from . import cases, policies
from .following import notices
from .models import Action, Case, Complaint, Decision, Post, Target, Thread
from .models.decisions import REVERSALS, STATED
from .models.targets import named
from .reasons import appeal_end
from .refusals import PostingRefused
from .sanctions import here

# Within that time after a reply to it, a post is not reported against the rules by who replied.
ANSWERED_LATELY = timedelta(hours=24)


class ComplaintRefused(PostingRefused):
    """Nothing was kept; `message` says why, to the person who tried."""


class Gone(ComplaintRefused):
    message = _("This text is not there any more: there is nothing left to report.")


class OwnText(ComplaintRefused):
    message = _("It is your own text: edit it, or withdraw it.")


class InExchange(ComplaintRefused):
    message = _(
        "You have just replied to this text. Talk it over, or report it tomorrow; "
        "what breaks the law can be reported at any time."
    )


class ReportedAlready(ComplaintRefused):
    message = _("You have reported this text already, and the answer is on its way.")


class NotAppealable(ComplaintRefused):
    message = _("This decision cannot be appealed: it was already, or its time is over.")


def report(
    target: Post | OriginalComment,
    kind: Complaint.Kind,
    words: str,
    *,
    also: Sequence[Post] = (),
    by: User | None = None,
    ground: str = "",
    rule: str = "",
    name: str = "",
    email: str = "",
    form_key: UUID,
) -> Complaint:
    """Says that a text which readers see breaks the rules or the law; with `also`, that these
    do too: one complaint about each, and one letter that says that they have come."""
    said = {
        "kind": kind,
        "by": by,
        "words": words,
        "ground": ground,
        "rule": rule,
        "name": name,
        "email": email,
        "weight": weight(by),
        "form_key": form_key,
    }
    with transaction.atomic():
        # In one order, so that two who report the same texts don't wait for each other.
        kept = {
            each: _keep(Complaint(**named(each), **said), acknowledge=each == target)
            for each in sorted({target, *also}, key=lambda each: each.pk)
        }
    return kept[target]


def appeal(entry: Decision, by: User, words: str, *, form_key: UUID) -> Complaint:
    """Asks that somebody else look at a decision again: its author's appeal, or, from anybody
    else, a second look."""
    kind = Complaint.Kind.APPEAL if concerns(entry, by) else Complaint.Kind.REVIEW
    return _keep(
        Complaint(
            **named(entry.target), kind=kind, by=by, words=words, entry=entry, form_key=form_key
        )
    )


def _keep(complaint: Complaint, *, acknowledge: bool = True) -> Complaint:
    """A form that is sent twice complains once."""
    column = next(iter(named(complaint.target)))
    sent = Complaint.objects.filter(
        form_key=complaint.form_key, **{column: getattr(complaint, column)}
    )
    if found := sent.first():
        return found
    complaint.language = (get_language() or complaint.language)[:5]
    try:
        with transaction.atomic():
            # Who is silenced or excluded may still appeal.
            if complaint.by and complaint.kind != Complaint.Kind.APPEAL:
                here(complaint.by, writing=False)
            target = _locked(complaint.target)
            _check(complaint, target)
            complaint.save()
            _count(target, 1, complaint)
            cases.follow(target)
            if acknowledge:
                notices.received(complaint)
            return complaint
    except IntegrityError:
        if found := sent.first():
            return found
        raise ReportedAlready from None


def _locked(target: Target) -> Target:
    if isinstance(target, User):
        return User.objects.select_for_update(no_key=True).get(pk=target.pk)
    return type(target)._default_manager.select_for_update().get(pk=target.pk)


def _check(complaint: Complaint, target: Target) -> None:
    if complaint.entry:
        if not complaint.by or not may_appeal(complaint.entry, complaint.by):
            raise NotAppealable
        return
    assert isinstance(target, Post | OriginalComment)
    check_report(target, complaint.by, Complaint.Kind(complaint.kind))


def check_report(
    target: Post | OriginalComment, by: User | None, kind: Complaint.Kind = Complaint.Kind.LAW
) -> None:
    """Refuses a report that could not be kept; of any kind, unless one is named."""
    if isinstance(target, OriginalComment):
        if target.is_hidden:
            raise Gone
        return
    if by and target.author_id == by.pk:
        raise OwnText
    if not target.is_public:
        raise Gone
    if by and kind == Complaint.Kind.RULES and _answered_lately(target, by):
        raise InExchange


def _answered_lately(post: Post, by: User) -> bool:
    under = Q(parent=post) | Q(thread__post=post, parent=None)
    since = timezone.now() - ANSWERED_LATELY
    return Post.objects.filter(under, author=by, created_at__gt=since).exists()


def concerns(entry: Decision, person: User) -> bool:
    """Whether the decision was on that person, or on a text of theirs."""
    if entry.member_id:
        return entry.member_id == person.pk
    return entry.post is not None and entry.post.author_id == person.pk


def may_appeal(entry: Decision, person: User) -> bool:
    """Whether that person may ask for it to be looked at again, now.

    A decision on somebody is appealed once, by them; anybody else may ask once for a second
    look at any entry that is about a text, a thread or a person.
    """
    if not (entry.post_id or entry.original_comment_id or entry.member_id or entry.thread_id):
        return False
    if concerns(entry, person):
        if entry.action not in STATED or timezone.now() > appeal_end(entry):
            return False
        if entry.answered_by.filter(action__in=(*REVERSALS, Action.UNDO)).exists():
            return False  # it is put right
        return not entry.complaints_on.filter(kind=Complaint.Kind.APPEAL).exists()
    if entry.post and not entry.post.was_public:
        return False
    return not entry.complaints_on.filter(kind=Complaint.Kind.REVIEW, by=person).exists()


def weight(by: User | None) -> float:
    """How often their reports were right, from 0 to 1; nobody starts at either end."""
    if by is None:
        return 0.5
    right, wrong = figures(by)
    return (right + 1) / (right + wrong + 2)


def figures(by: User) -> tuple[int, int]:
    """How many reports of theirs were granted, and declined."""
    return figures_of({by.pk}).get(by.pk, (0, 0))


def figures_of(people: Collection[int]) -> dict[int, tuple[int, int]]:
    """The same for several, by their key; who has none is left out."""
    found = Complaint.objects.reports().filter(by__in=people, kind=Complaint.Kind.RULES)
    counts = (
        found.order_by()
        .values_list("by")
        .annotate(
            right=Count("pk", Q(state=Complaint.State.GRANTED)),
            wrong=Count("pk", Q(state=Complaint.State.DECLINED)),
        )
    )
    return {key: (right, wrong) for key, right, wrong in counts}


def answer(asked: Iterable[Complaint], decision: Decision) -> None:
    """Answers them all by one decision, in its transaction."""
    for complaint in asked:
        granted = grants(decision, complaint)
        state = Complaint.State.GRANTED if granted else Complaint.State.DECLINED
        _close(complaint, state, decision)


def _close(complaint: Complaint, state: Complaint.State, answer: Decision | None = None) -> None:
    complaint.state = state
    complaint.answer = answer
    complaint.answered_at = answer.at if answer else timezone.now()
    if complaint.by and complaint.by.left_at:
        complaint.words = ""  # see `forget`
    complaint.save(update_fields=["state", "answer", "answered_at", "words"])
    _count(complaint.target, -1, complaint)
    notices.answered_complaint(complaint)


def grants(decision: Decision, complaint: Complaint) -> bool:
    """Whether the decision is what was asked for."""
    if complaint.is_report:
        return decision.action in STATED
    assert complaint.entry
    if complaint.entry.action in STATED:
        return decision.action in (*REVERSALS, Action.APPROVE)
    return decision.action in STATED


def reopen(decision: Decision) -> None:
    """The decision is undone: whoever it answered waits again."""
    for complaint in decision.complaints_met.all():
        complaint.state = Complaint.State.OPEN
        complaint.answer = complaint.answered_at = None
        complaint.save(update_fields=["state", "answer", "answered_at"])
        _count(complaint.target, 1, complaint)
        notices.taken_back(complaint)


def drop(target: Post) -> None:
    """Its author has taken the text away: what was asked about it has no object any more."""
    for complaint in Complaint.objects.open().filter(post=target):
        _close(complaint, Complaint.State.MOOT)
    Case.objects.filter(post=target).delete()


def forget(member: User) -> None:
    """Empties what somebody who leaves wrote here; what waits still has to be answered, and is
    emptied then."""
    answered = Complaint.objects.filter(by=member).exclude(state=Complaint.State.OPEN)
    answered.update(words="")


def _count(target: Target, by: int, complaint: Complaint) -> None:
    """Keeps how many open reports there are on the texts of a thread, which may slow it."""
    if isinstance(target, Post) and target.thread_id and complaint.is_report:
        threads = Thread.objects.filter(pk=target.thread_id)
        threads.update(report_count=F("report_count") + by)
        now = threads.values_list("report_count", flat=True).get()
        pauses = {
            policies.current().pause(slowed=False, reports=count) for count in (now, now - by)
        }
        if len(pauses) > 1:
            edition.turn()  # its page says so
