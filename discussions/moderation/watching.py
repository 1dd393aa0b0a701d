"""What heats up, and what slows it: what the panel of the duty of watching lists."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max, Q
from django.utils import timezone

from cmdebate.accounts.models import User
from discussions import policies
from discussions.models import Complaint, Decision, Post, Revision, Thread, Vote
from discussions.models.decisions import ON_MEMBERS
from discussions.policy import Policy

SHOWN = 20
CANDIDATES = 100  # the busiest threads of a day, among which those that heat up are looked for
MOST = 10_000  # edits and votes that are looked at
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
USUAL = 7  # days, before the last one, that tell what is usual
SEVERAL = 2  # open reports
LATELY = timedelta(days=30)


@dataclass
class Heat:
    """A thread, and what happened in it within a day."""

    thread: Thread
    hour: int = 0
    day: int = 0
    before: int = 0  # replies within USUAL days
    edits: int = 0
    against: int = 0

    @property
    def usual(self) -> float:
        """Replies a day."""
        return self.before / USUAL

    @property
    def rank(self) -> tuple[float, ...]:
        return (self.thread.report_count + self.against, self.day - self.usual, self.hour)


def threads() -> list[Heat]:
    """The threads that heat up, the hottest first."""
    now = timezone.now()
    found: dict[int, Heat] = {}
    replies = Post.objects.filter(
        state=Post.State.PUBLISHED, thread__isnull=False, published_at__gt=now - DAY
    )
    paces = replies.values("thread").annotate(
        day=Count("pk"), hour=Count("pk", Q(published_at__gt=now - HOUR))
    )
    pace = {row["thread"]: row for row in paces.order_by("-day")[:CANDIDATES]}
    in_thread = Q(post__thread__isnull=False)
    edited = Revision.objects.filter(in_thread, number__gt=1, published_at__gt=now - DAY)
    edits = Counter(edited.values_list("post__thread", flat=True)[:MOST])
    opposed = Vote.objects.filter(in_thread, useful=False, cast_at__gt=now - DAY)
    against = Counter(opposed.values_list("post__thread", flat=True)[:MOST])
    reported = Thread.objects.filter(report_count__gt=0).order_by("-report_count")
    keys = {
        *pace,
        *(key for key, _n in edits.most_common(CANDIDATES)),
        *(key for key, _n in against.most_common(CANDIDATES)),
        *reported.values_list("pk", flat=True)[:CANDIDATES],
    }
    for thread in _named(keys):
        row = pace.get(thread.pk, {"hour": 0, "day": 0})
        found[thread.pk] = Heat(
            thread, row["hour"], row["day"], 0, edits[thread.pk], against[thread.pk]
        )
    earlier = Post.objects.filter(
        state=Post.State.PUBLISHED,
        thread__in=[*found],
        published_at__gt=now - DAY * (USUAL + 1),
        published_at__lte=now - DAY,
    )
    for key, count in earlier.values_list("thread").annotate(n=Count("pk")).order_by():
        found[key].before = count
    return sorted(found.values(), key=lambda heat: heat.rank, reverse=True)[:SHOWN]


def _named(keys: Iterable[int]) -> list[Thread]:
    """The threads, with what names them."""
    return list(
        Thread.objects.filter(pk__in=list(keys))
        .select_related(
            "essay",
            "passage__essay",
            "original_comment__essay",
            "post__author",
            "post__definition__term",
            "post__definition__source__essay",
            "post__definition__source__original_comment",
            "post__amendment__definition__definition__term",
            "post__call__term",
            "post__prompt__term",
            "restriction__payload",
            "restriction__by",
        )
        .defer(
            "essay__text",
            "passage__essay__text",
            "original_comment__essay__text",
            "post__definition__source__essay__text",
        )
    )


@dataclass(frozen=True)
class Braked:
    """A thread that is slow or closed."""

    thread: Thread
    minutes: int
    by_reports: bool


def braked() -> list[Braked]:
    """The threads that are slow or closed now, by an entry or by the reports on them."""
    policy: Policy = policies.current()
    stopped = Q(restriction__isnull=False) | Q(report_count__gte=policy.slow_after)
    keys = Thread.objects.filter(stopped).order_by("-report_count", "-pk")
    rows = _named(keys.values_list("pk", flat=True)[:SHOWN])
    return [
        Braked(
            thread,
            _minutes(policy, thread),
            thread.report_count >= policy.slow_after,
        )
        for thread in sorted(rows, key=lambda each: (-each.report_count, -each.pk))
    ]


def _minutes(policy: Policy, thread: Thread) -> int:
    pause = policy.pause(slowed=thread.restriction is not None, reports=thread.report_count)
    return int(pause.total_seconds() // 60)


@dataclass(frozen=True)
class Watched:
    """A member, what is reported of them, and the last sanction on them."""

    member: User
    reports: int
    last: Decision | None


def members() -> list[Watched]:
    """Members with several open reports, or lately warned, silenced or excluded."""
    open_reports = (
        Complaint.objects.open()
        .reports()
        .filter(post__author__isnull=False)
        .values_list("post__author")
        .annotate(n=Count("pk"))
        .order_by("-n")
    )
    reports = dict(open_reports.filter(n__gte=SEVERAL)[:SHOWN])
    acts = Decision.objects.filter(action__in=ON_MEMBERS, at__gt=timezone.now() - LATELY)
    latest = dict(acts.values_list("member").annotate(last=Max("number")).order_by("-last")[:SHOWN])
    entries = Decision.objects.select_related("payload", "by").in_bulk([*latest.values()])
    people = User.objects.filter(pk__in={*reports, *latest}, left_at=None)
    rows = [
        Watched(member, reports.get(member.pk, 0), entries.get(latest.get(member.pk, 0)))
        for member in people
    ]
    return sorted(rows, key=lambda row: (-row.reports, -(row.last.number if row.last else 0)))[
        :SHOWN
    ]
