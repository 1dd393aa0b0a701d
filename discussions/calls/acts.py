"""What the role does: open a call, close it on its day, sign what came of it.

Each is an entry of the public record.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cmdebate.accounts.models import User
from discussions import posting
from discussions.following import notices
from discussions.models import Action, Ballot, Call, Candidacy, Post
from discussions.models.decisions import Duty
from discussions.models.posts import Wording
from discussions.moderation import record, recusal
from discussions.moderation.statements import Statement
from discussions.search.texts import day_start
from essays.models import Term

from . import tally, voting


class AlreadyOpen(posting.PostingRefused):
    message = gettext_lazy("A call is open on this term already: one at a time, until its end.")


class Candidate(posting.PostingRefused):
    message = recusal.Recusal.CANDIDATE.label


class NotNow(posting.PostingRefused):
    message = gettext_lazy("This call has not ended, or its minute is signed already.")


def open_call(
    by: User, term: Term, wording: Wording, first: date, last: date, *, form_key: UUID
) -> Post:
    """Asks the community for definitions, from the first day to the end of the last one."""
    if not by.decides:
        raise posting.Closed
    with transaction.atomic():
        term = Term.objects.select_for_update().get(pk=term.pk)
        post = Post(kind=Post.Kind.CALL, author=by, form_key=form_key, sealed=True)
        call = Call(
            term=term, opens_at=day_start(first), closes_at=day_start(last + timedelta(days=1))
        )
        is_sent = Post.objects.filter(author=by, form_key=form_key).exists()
        if not is_sent and term.calls.filter(closed_at=None).exists():
            raise AlreadyOpen
        sent = posting.send(post, wording, beside=call)
        if sent is post:
            revision = post.published_revision
            record.enter(Action.OPEN, by, post, revision=revision, duty=Duty.ANIMATE)
        return sent


def close_due(now: datetime) -> int:
    """Closes the calls that have ended; says how many."""
    return sum(close(call, now) for call in Call.objects.due(now))


def close(call: Call, now: datetime) -> bool:
    """Counts the ballots of a call that has ended, once and for good."""
    with transaction.atomic():
        call = Call.objects.select_for_update(of=("self",)).select_related("post").get(pk=call.pk)
        if call.closed_at or now < call.closes_at:
            return False
        candidacies = list(
            call.candidacies.select_related("definition__post").order_by("definition__number")
        )
        on_ballot = set(voting.on_ballot(call).values_list("pk", flat=True))
        outcome = tally.count(
            {each.pk: _last_version(each) for each in candidacies if each.pk in on_ballot},
            _ballots(call),
        )
        for each in candidacies:
            if each.definition.post.was_public:
                each.revision_id = _last_version(each)
            if counted := outcome.counts.get(each.pk):
                each.approvals, each.earlier = counted.approvals, counted.earlier
        Candidacy.objects.bulk_update(candidacies, ["revision", "approvals", "earlier"])
        call.closed_at, call.ballots = now, outcome.ballots
        call.retained_id = outcome.retained
        call.save()
        decision = record.enter(
            Action.CLOSE,
            None,
            call.post,
            said=Statement(reason=_in_words(outcome, candidacies)),
            revision=call.post.published_revision,
            duty=Duty.ANIMATE,
        )
        notices.decided(call.post, decision)
        return True


def _last_version(candidacy: Candidacy) -> int:
    revision = candidacy.definition.post.published_revision_id
    assert revision  # it was public
    return revision


def _ballots(call: Call) -> Iterable[dict[int, int]]:
    """What each member who is still one has approved, and in which version."""
    ballots = Ballot.objects.filter(call=call, member__is_active=True)
    for ballot in ballots.prefetch_related("approvals"):
        yield {each.candidacy_id: each.revision_id for each in ballot.approvals.all()}


def _in_words(outcome: tally.Outcome, candidacies: Iterable[Candidacy]) -> str:
    """The count as the record keeps it: addresses and numbers, and nobody's text."""
    with translation.override(settings.LANGUAGE_CODE):
        name = {
            each.pk: _("definition %(number)s") % {"number": each.definition.number}
            for each in candidacies
        }
        lines = [_("Ballots: %(count)d.") % {"count": outcome.ballots}]
        lines += [
            _("%(name)s: %(count)d.") % {"name": name[key], "count": counted.approvals}
            for key, counted in outcome.counts.items()
        ]
        if outcome.retained:
            lines.append(_("Retained: %(name)s.") % {"name": name[outcome.retained]})
        elif outcome.leading:
            level = ", ".join(name[key] for key in outcome.leading)
            lines.append(_("Level, none retained: %(names)s.") % {"names": level})
        else:
            lines.append(_("None retained."))
        return " ".join(lines)


def sign(
    by: User, call: Call, agreed: str, disputed: str, review_on: date, *, form_key: UUID
) -> Post:
    """Signs what came of a call: a reply in its thread, which its author changes no more."""
    if not by.decides:
        raise posting.Closed
    with transaction.atomic():
        call = Call.objects.select_for_update(of=("self",)).select_related("post").get(pk=call.pk)
        if call.minute and call.minute.post.form_key == form_key:
            return call.minute.post
        if call.closed_at is None or call.minute:
            raise NotNow
        is_candidate = recusal.of_minute(by, call) is not None
        if is_candidate and not recusal.alone_with(by, call):
            raise Candidate
        body = minute(call, agreed, disputed, review_on)
        post = posting.reply(by, call.post, body, form_key=form_key)
        post.sealed = True
        post.save(update_fields=["sealed"])
        call.minute, call.review_on = post.published_revision, review_on
        call.save(update_fields=["minute", "review_on"])
        record.enter(
            Action.SIGN,
            by,
            post,
            revision=call.minute,
            duty=Duty.REPORT,
            alone=is_candidate,
        )
        return post


def minute(call: Call, agreed: str, disputed: str, review_on: date) -> str:
    """The text of a minute, in the language of who signs it."""
    parts = [
        f"**{_('What is agreed')}**",
        agreed.strip(),
        f"**{_('What is not')}**",
        disputed.strip(),
        _("To be looked at again on %(date)s.") % {"date": date_format(review_on)},
    ]
    uncounted = call.candidacies.filter(revision__isnull=False, approvals=None)
    if uncounted.exists():
        names = ", ".join(
            _("definition %(number)s") % {"number": number}
            for number in uncounted.order_by("definition__number").values_list(
                "definition__number", flat=True
            )
        )
        parts.append(
            _("Hidden or withdrawn before the end, and not counted: %(names)s.") % {"names": names}
        )
    return "\n\n".join(parts)
