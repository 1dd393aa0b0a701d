"""At a month's end, what is no act is counted and entered in the record."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from discussions import months
from discussions.following import monthly
from discussions.models import Action, Month, RecordHead
from discussions.models.decisions import Duty

from . import record
from .statements import Statement
from .verifier import canonical


def close_due(now: datetime) -> int:
    """Closes the months that are over and not closed yet; says how many.

    The oldest first, so that where the last one is closed all are. The head of the record is
    locked before anything is counted: no act of the month is still on its way, and of two
    clocks the second finds nothing left to do.
    """
    # Whatever time the clock is asked to do what is due by: entries bear the real one.
    running = months.Period.of(min(now, timezone.now()))
    if Month.objects.filter(first=running.before.first).exists():
        return 0
    with transaction.atomic():
        RecordHead.objects.select_for_update().get()
        closed = set(Month.objects.values_list("first", flat=True))
        due = [
            period
            for period in months.reported(now)
            if period < running and period.first not in closed
        ]
        for period in due:
            _close(period)
        if due:
            monthly.write(due[-1])
        return len(due)


def _close(period: months.Period) -> None:
    figures = months.counted(period)
    record.enter(
        Action.COUNT,
        None,
        Month.objects.create(first=period.first, figures=figures),
        duty=Duty.REPORT,
        said=Statement(reason=canonical(figures).decode()),
    )
