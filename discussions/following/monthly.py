"""The letter with a month's report: to the desk, and to members who follow a term."""

from django.db.models import Q

from cmdebate.accounts.models import User
from discussions.models import Letter, Rhythm
from discussions.months import Period


def write(period: Period) -> int:
    """Writes to each of them once; says to how many."""
    readers = (
        User.objects.filter(is_active=True)
        .exclude(email="")
        .exclude(preferences__monthly=False)
        .filter(
            ~Q(role=User.Role.MEMBER)
            | Q(follows__term__isnull=False) & ~Q(preferences__rhythm=Rhythm.SITE)
        )
        .distinct()
    )
    return len(
        Letter.objects.bulk_create(
            (
                Letter(
                    recipient_id=reader,
                    kind=Letter.Kind.MONTH,
                    since=period.start,
                    until=period.end,
                )
                for reader in readers.values_list("pk", flat=True)
            ),
            ignore_conflicts=True,
            batch_size=500,
        )
    )
