"""Recomputes the record of this site, or one that was downloaded from it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from discussions.moderation import record


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="journal.jsonl, as downloaded")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        faults = list(record.faults_in(entries_of(file)) if file else record.faults_in_database())
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"The record does not hold: {len(faults)} fault(s).")
        self.stdout.write("The record holds, from its first entry to its last.")


def entries_of(file: Path) -> Iterator[dict[str, Any]]:
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                entry = json.loads(line)
                if not isinstance(entry, dict):
                    raise CommandError(f"{file}, line {number}: not an entry")
                yield entry
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{file}, line {number}: {error}") from error
