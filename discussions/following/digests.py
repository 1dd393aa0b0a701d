"""The daily and the weekly letter: what is due is a function of the time, and made once."""

from datetime import datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from cmdebate.accounts.models import User
from discussions.models import Letter, Notice, Post, Rhythm
from discussions.models.notices import NoticeQuerySet

MORNING = time(7)


def latest_moment(rhythm: Rhythm, now: datetime) -> datetime:
    """The last seven o’clock, or the last one on a Monday, on the site’s own clock."""
    local = timezone.localtime(now)
    day = local.date()
    if local.time() < MORNING:
        day -= timedelta(days=1)
    if rhythm == Rhythm.WEEKLY:
        day -= timedelta(days=day.weekday())
    return timezone.make_aware(datetime.combine(day, MORNING))


def write(now: datetime) -> int:
    """Writes the digests that are due and have something to tell; says how many."""
    return sum(_write(rhythm, now) for rhythm in (Rhythm.DAILY, Rhythm.WEEKLY))


def _write(rhythm: Rhythm, now: datetime) -> int:
    until = latest_moment(rhythm, now)
    digests = Letter.objects.filter(recipient=OuterRef("pk"), kind=Letter.Kind.DIGEST)
    last = (
        digests.filter(until__gt=OuterRef("preferences__since"))
        .order_by("-until")
        .values("until")[:1]
    )
    members = (
        User.objects.filter(preferences__rhythm=rhythm, is_active=True)
        .exclude(email="")
        .exclude(Exists(digests.filter(until__gte=until)))
        .annotate(start=Coalesce(Subquery(last), "preferences__since"))
        .filter(start__lt=until)
    )
    news = Notice.objects.filter(
        person=OuterRef("pk"),
        created_at__gt=OuterRef("start"),
        created_at__lte=until,
        read_at=None,
        letter=None,
        decision=None,
        post__state=Post.State.PUBLISHED,
    )
    rows = members.filter(Exists(news)).values_list("pk", "start")
    written = Letter.objects.bulk_create(
        (
            Letter(recipient_id=member, kind=Letter.Kind.DIGEST, since=start, until=until)
            for member, start in rows
        ),
        ignore_conflicts=True,
        batch_size=500,
    )
    return len(written)


def told_in(letter: Letter) -> NoticeQuerySet:
    """What a digest has to tell, as far as its reader may still see it."""
    assert letter.since and letter.until and letter.recipient
    notices = Notice.objects.shown_to(letter.recipient).unread()
    preferences = getattr(letter.recipient, "preferences", None)
    if preferences and not preferences.answers:
        notices = notices.exclude(kind__in=Notice.ADDRESSED)
    return notices.filter(
        Q(created_at__gt=letter.since, created_at__lte=letter.until),
        letter=None,
        post__isnull=False,
        decision=None,
    )
