"""What a member may not do for a time. A sanction is an entry of the record, and ends by itself."""

from functools import cache

from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cmdebate.accounts.models import User
from cmdebate.prepared import Given, Prepared

from .models import Action, Decision
from .refusals import Closed, PostingRefused

SANCTIONS = (Action.SILENCE, Action.EXCLUDE)


class Sanctioned(PostingRefused):
    """The member may not do that now."""

    def __init__(self, sanction: Decision) -> None:
        self.message = in_words(sanction)


def here(member: User, *, writing: bool = True) -> None:
    """Locks the member, who may be leaving in another window: then nothing new is kept.

    Who is excluded does nothing any more, who is silenced does not write.
    """
    found = _here_prepared(writing=writing).rows(member=member.pk, now=timezone.now())
    if not found:
        raise Closed
    if sanction := found[0][0]:
        raise Sanctioned(Decision.objects.get(pk=sanction))


def on(member: User) -> QuerySet[Decision]:
    """Those in force, the gravest first."""
    return _in_force(timezone.now()).filter(member=member).order_by("action", "-number")


def active(member: User) -> Decision | None:
    return on(member).first()


def in_words(sanction: Decision) -> str:
    if sanction.until:
        until = date_format(timezone.localtime(sanction.until), "DATETIME_FORMAT")
        return _("You cannot do this until %(until)s: entry %(number)d of the record says why.") % {
            "until": until,
            "number": sanction.number,
        }
    return _("You cannot do this any more: entry %(number)d of the record says why.") % {
        "number": sanction.number
    }


def _in_force(now: object) -> QuerySet[Decision]:
    lifted = Decision.objects.filter(answers=OuterRef("pk"), action=Action.LIFT)
    return Decision.objects.filter(
        ~Exists(lifted), Q(until=None) | Q(until__gt=now), action__in=SANCTIONS
    )


@cache
def _here_prepared(*, writing: bool) -> Prepared:
    """The member, locked, and the number of the sanction that keeps them from acting now."""
    sanctions = _in_force(Given("now", DateTimeField())).filter(member=OuterRef("pk"))
    if not writing:
        sanctions = sanctions.filter(action=Action.EXCLUDE)
    members = User.objects.select_for_update(no_key=True, of=("self",))
    return Prepared(
        members.filter(pk=Given("member"), is_active=True).values_list(
            Subquery(sanctions.order_by("action", "-number").values("pk")[:1])
        )
    )
