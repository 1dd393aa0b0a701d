from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, no_translations

from essays.blocks import ImportRefused
from essays.debate import DEBATE
from essays.importer import import_folder, leave
from essays.models import Proposal


class Command(BaseCommand):
    help = (
        "Imports the texts of a folder, as its manifest.toml describes them, and what its "
        f"{DEBATE}, if it has one, finds in them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=settings.BASE_DIR / "seeds")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = import_folder(options["folder"], release=self.release)
        except ImportRefused as refused:
            raise CommandError(f"Nothing was imported.\n{refused}") from refused
        for outcome, name in report.outcomes:
            self.stdout.write(f"{outcome:<10} {name}")
        counts = report.counts
        self.stdout.write(
            f"essays: {counts['essays']}, original comments: {counts['comment']} "
            f"({counts['by_essayist']} by the essayist), pingbacks: {counts['pingback']}"
        )
        if DEBATE in (name for _outcome, name in report.outcomes):
            self.stdout.write(
                f"duties: {counts['duties']}, claims: {counts['claims']}, "
                f"contradictions: {counts['contradictions']}, "
                f"definitions of the essays: {counts['definitions']}"
            )

    def release(self, proposal: Proposal) -> None:
        leave(proposal)
