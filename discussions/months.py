"""A month's report: what anyone can recompute from the record, and what was counted at its end.

The figures about acts are a function of the entries of the month, as /journal.jsonl has them,
and of nothing else. What is no act of anybody (texts, members, reports that came) is counted
once, when the month is over, and stands in the record from then on.

Months are those of Paris. Delays are whole seconds, from when something began to wait at the
desk; their median and 95th percentile are taken by nearest rank, so that they are delays that
there were.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, Self

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from cmdebate.accounts.models import User

from .models import Action, Complaint, Decision, Month, Post
from .models.decisions import REVERSALS, STATED, Origin

Figures = dict[str, Any]


@dataclass(frozen=True, order=True)
class Period:
    """One month, named by its first day."""

    first: date

    @classmethod
    def of(cls, moment: datetime) -> Self:
        return cls(timezone.localdate(moment, timezone.get_default_timezone()).replace(day=1))

    @property
    def name(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def next(self) -> "Period":
        return Period((self.first + timedelta(days=31)).replace(day=1))

    @property
    def before(self) -> "Period":
        return Period((self.first - timedelta(days=1)).replace(day=1))

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), timezone.get_default_timezone())

    @property
    def end(self) -> datetime:
        return self.next.start


def reported(now: datetime) -> list[Period]:
    """The months that have a report: from that of the first entry to the one that runs."""
    entered = Decision.objects.order_by("number").values_list("at", flat=True).first()
    if entered is None:
        return []
    return list(_each(Period.of(entered), Period.of(now)))


def _each(period: Period, last: Period) -> Iterator[Period]:
    while period <= last:
        yield period
        period = period.next


class Act(NamedTuple):
    """What the record says of one act, as far as it is counted."""

    number: int
    at: datetime
    action: str
    ground: str
    duty: str
    origin: str
    since: datetime | None
    alone: bool
    answers: int | None
    answered_action: str | None
    by_name: str
    names_salt: str
    digest: str

    @property
    def is_automated(self) -> bool:
        """Done by the clock; where the names are erased, a person had decided."""
        return not self.by_name and bool(self.names_salt)


def acts(start: datetime, end: datetime) -> list[Act]:
    """The entries made from then on, until then, in order."""
    rows = Decision.objects.filter(at__gte=start, at__lt=end).order_by("number")
    return [
        Act(*row)
        for row in rows.values_list(
            *("number", "at", "action", "ground", "duty", "origin", "since", "alone"),
            *("answers", "answers__action"),
            *("payload__by_name", "payload__names_salt", "digest"),
        ).iterator(chunk_size=2000)
    ]


def figures(entries: Sequence[Act]) -> Figures:
    """All that is counted of acts; codes that no entry has are left out."""
    undone = {act.answers for act in entries if act.action == Action.UNDO}
    standing = [act for act in entries if act.number not in undone]
    return {
        "acts": len(entries),
        "automated": sum(act.is_automated for act in entries),
        "alone": sum(act.alone for act in entries),
        "reversals": sum(act.action in REVERSALS for act in entries),
        "undone": sum(act.action == Action.UNDO for act in entries),
        "actions": _count(act.action for act in entries),
        "grounds": _count(act.ground for act in entries),
        "duties": _count(act.duty for act in entries),
        "origins": _count(act.origin or "own" for act in entries),
        "moderators": _count(act.by_name for act in entries),
        "delays": _delays(entries),
        "reports": _outcomes(standing, (Origin.REPORT, Origin.LAW)),
        "appeals": _outcomes(standing, (Origin.APPEAL,)),
        "reviews": _outcomes(standing, (Origin.REVIEW,)),
    }


def _count(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(filter(None, values)).items()))


def _delays(entries: Iterable[Act]) -> Figures:
    delays = sorted(int((act.at - act.since).total_seconds()) for act in entries if act.since)
    return {
        "acts": len(delays),
        "median": _percentile(delays, 50),
        "p95": _percentile(delays, 95),
    }


def _percentile(ordered: Sequence[int], percent: int) -> int | None:
    """The least of them that so many in a hundred do not exceed."""
    return ordered[-(-percent * len(ordered) // 100) - 1] if ordered else None


def _outcomes(entries: Iterable[Act], origins: Sequence[str]) -> dict[str, int]:
    """How many decisions on such complaints gave what was asked for; see `complaints.grants`."""
    granted = [_grants(act) for act in entries if act.origin in origins]
    return {"granted": sum(granted), "declined": len(granted) - sum(granted)}


def _grants(act: Act) -> bool:
    if act.origin in (Origin.APPEAL, Origin.REVIEW) and act.answered_action in STATED:
        return act.action in (*REVERSALS, Action.APPROVE)
    return act.action in STATED


def in_words(seconds: int) -> str:
    """A delay in its two largest units."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": seconds}
    return _("%(seconds)d s") % {"seconds": seconds}


def counted(period: Period) -> Figures:
    """What is no act, as it stands now: to be asked when the month is over."""
    within = {"published_at__gte": period.start, "published_at__lt": period.end}
    texts = Post.objects.written_here().filter(state=Post.State.PUBLISHED, **within)
    kinds = texts.order_by().values_list("kind").annotate(Count("pk"))
    joined = User.objects.filter(joined_at__gte=period.start, joined_at__lt=period.end)
    return {
        "texts": dict(sorted(kinds)),
        "members": joined.count(),
        "answers_to_prompts": texts.replies().filter(thread__post__kind="prompt").count(),
        # Messages that open an exchange, and that nobody has answered.
        "unanswered": texts.filter(depth=0, thread__isnull=False, branch_size=1).count(),
        "complaints": _complaints(period),
        "head": _head(period.end),
    }


def _complaints(period: Period) -> dict[str, dict[str, int]]:
    """Those that came in the month, and what had become of them at its end."""
    came = Complaint.objects.filter(created_at__gte=period.start, created_at__lt=period.end)
    outcomes: dict[str, Counter[str]] = {}
    for kind, state, answered_at in came.order_by().values_list("kind", "state", "answered_at"):
        answered = answered_at and answered_at < period.end
        outcome = state if answered else Complaint.State.OPEN
        outcomes.setdefault(kind, Counter())[str(outcome)] += 1
    return {kind: dict(sorted(found.items())) for kind, found in sorted(outcomes.items())}


def _head(end: datetime) -> Figures:
    """Where the chain ended then: nobody can change what stands before it unseen."""
    last = Decision.objects.filter(at__lt=end).order_by("number").last()
    return {"number": last.number, "digest": last.digest} if last else {"number": 0, "digest": ""}


@dataclass(frozen=True)
class Report:
    """One month as its page, its downloads and its mail tell it."""

    period: Period
    acts: Figures
    # The entry that closes it; None, while the month runs, and until the clock has counted.
    entry: Decision | None
    before: "Report | None" = None

    @property
    def month(self) -> Month | None:
        return self.entry.month if self.entry else None

    @property
    def counted(self) -> Figures | None:
        return self.month.figures if self.month else None

    def as_json(self) -> Figures:
        return {
            "month": self.period.name,
            "from": self.period.start.isoformat(),
            "until": self.period.end.isoformat(),
            "provisional": self.entry is None,
            "entry": self.entry.number if self.entry else None,
            "acts": self.acts,
            "counted": self.counted,
        }


def report(period: Period, *, compared: bool = True) -> Report:
    """With the month before it, if that has a report."""
    shown = [period.before, period] if compared else [period]
    made = acts(shown[0].start, period.end)
    entries = {
        entry.month.first: entry
        for entry in Decision.objects.filter(
            month__first__in=[each.first for each in shown]
        ).select_related("month")
        if entry.month
    }
    found: Report | None = None
    for each in shown:
        within = [act for act in made if each.start <= act.at < each.end]
        entry = entries.get(each.first)
        if each == period or within or entry:
            found = Report(each, figures(within), entry, found)
    assert found
    return found
