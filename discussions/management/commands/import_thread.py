from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from discussions.filling.thread_file import Refused, import_file
from essays.models import Essay


class Command(BaseCommand):
    help = (
        "Imports a discussion into an essay’s: a file with one reply a line, parents first, as "
        '{"id", "parent", "depth", "author", "email", "body", "created"}.'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--essay", metavar="SLUG", required=True)

    def handle(self, *, file: Path, essay: str, **options: Any) -> None:
        chosen = Essay.objects.filter(slug=essay).first()
        if chosen is None:
            raise CommandError(f"There is no essay “{essay}”.")
        try:
            outcome = import_file(file, chosen)
        except Refused as refused:
            raise CommandError(f"Nothing was imported.\n{file}, {refused}") from refused
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        self.stdout.write(
            f"created: {outcome.created}, unchanged: {outcome.unchanged}, "
            f"new members: {outcome.members}"
        )
