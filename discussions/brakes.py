"""What closes a discussion now, or slows it: an entry of the record, the reports on its texts."""

from dataclasses import dataclass
from datetime import timedelta

from . import policies
from .models import Action, Decision, Thread


@dataclass(frozen=True)
class Brake:
    """How long a member waits between two replies, and why; or that nobody replies at all."""

    entry: Decision | None = None
    by_reports: bool = False
    pause: timedelta = timedelta()

    @property
    def closes(self) -> bool:
        return self.entry is not None and self.entry.action == Action.SHUT

    @property
    def minutes(self) -> int:
        return int(self.pause.total_seconds() // 60)


def on(thread: Thread | None) -> Brake | None:
    """None where everybody may write as they like."""
    if thread is None or not (thread.restriction_id or thread.report_count):
        return None
    policy = policies.current()
    by_reports = thread.report_count >= policy.slow_after
    if not thread.restriction_id and not by_reports:
        return None
    entry = None
    if thread.restriction_id:
        found = Decision.objects.select_related("payload", "by")
        entry = found.get(pk=thread.restriction_id)
    pause = policy.pause(slowed=entry is not None, reports=thread.report_count)
    return Brake(entry, by_reports, pause)
