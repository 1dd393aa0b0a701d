import logging
import os
import signal
from argparse import ArgumentParser
from threading import Thread
from typing import Any

from django_tasks_db.management.commands import db_worker

from cmdebate.processes import follow_parent
from discussions.management.commands.clock import keep_time

logger = logging.getLogger(__name__)


class Command(db_worker.Command):
    help = "Do the work that requests leave, until told to stop or what started this is gone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--clock", action="store_true", help="be the clock too (see `clock`)")

    def configure_logging(self, verbosity: int) -> None:
        """Warnings of ours go where all of the site's go; its coming and going is no news."""
        logging.getLogger(db_worker.logger.name).setLevel(logging.ERROR)

    def handle(self, **options: Any) -> None:
        follow_parent()
        if options.pop("clock"):
            Thread(target=be_the_clock, name="clock", daemon=True).start()
        super().handle(**options)


def be_the_clock() -> None:
    """Should it fail, the worker ends too, and with it the site: not in silence."""
    try:
        keep_time()
    except Exception:
        logger.exception("The clock has stopped.")
        os.kill(os.getpid(), signal.SIGTERM)
