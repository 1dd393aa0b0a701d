import logging
import time
from datetime import datetime, timedelta
from typing import Any, NoReturn, cast

from django.core.cache import caches
from django.core.management import BaseCommand, CommandParser, call_command
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cmdebate.counters import CounterCache
from cmdebate.processes import follow_parent
from discussions.calls import acts
from discussions.following import digests, letters
from discussions.moderation import checkpoint

logger = logging.getLogger(__name__)


def tick(now: datetime) -> None:
    """All that is due by `now`. A minute that was missed is made good by the next one."""
    acts.close_due(now)
    closed = checkpoint.close_due(now)
    written = digests.write(now)
    if letters.due(now) or written or closed:
        letters.wake()
    call_command("prune_db_task_results", verbosity=0)
    call_command("clearsessions")
    cast(CounterCache, caches["default"]).purge()


def keep_time() -> NoReturn:
    """Ticks at the turn of every minute."""
    while True:
        try:
            tick(timezone.now())
        except DatabaseError:
            logger.exception("The clock missed a minute.")
        close_old_connections()
        now = timezone.now()
        minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        time.sleep((minute - now).total_seconds())


def moment(text: str) -> datetime:
    found = parse_datetime(text)
    if found is None:
        raise ValueError(text)
    return found if timezone.is_aware(found) else timezone.make_aware(found)


class Command(BaseCommand):
    help = "Do what is due, every minute: digests, letters that could not leave, what has expired."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at", type=moment, metavar="TIME", help="do what is due by then, once, and end"
        )

    def handle(self, *, at: datetime | None, **options: Any) -> None:
        if at:
            tick(at)
            return
        follow_parent()
        keep_time()
