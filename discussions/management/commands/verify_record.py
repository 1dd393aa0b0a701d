"""Recomputes the record of this site, or one that was downloaded from it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from discussions.moderation import record, verifier


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="journal.jsonl, as downloaded")
        parser.add_argument("--head", default="", help="a digest that was noted earlier")

    def handle(self, *args: Any, file: Path | None, head: str, **options: Any) -> None:
        try:
            if file:
                with file.open("rb") as lines:
                    faults = list(verifier.faults_in(lines, head))
            else:
                faults = list(record.faults_in_database(head))
        except OSError as error:
            raise CommandError(f"{file}: {error}") from error
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"The record does not hold: {len(faults)} fault(s).")
        self.stdout.write("The record holds, from its first entry to its last.")
