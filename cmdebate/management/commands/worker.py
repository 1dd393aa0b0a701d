import logging
from typing import Any

from django_tasks_db.management.commands import db_worker

from cmdebate.processes import follow_parent


class Command(db_worker.Command):
    help = "Do the work that requests leave, until told to stop or what started this is gone."

    def configure_logging(self, verbosity: int) -> None:
        """Warnings of ours go where all of the site's go; its coming and going is no news."""
        logging.getLogger(db_worker.logger.name).setLevel(logging.ERROR)

    def handle(self, **options: Any) -> None:
        follow_parent()
        super().handle(**options)
