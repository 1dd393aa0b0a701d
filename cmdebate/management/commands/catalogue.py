from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from cmdebate import catalogue


class Command(BaseCommand):
    help = "Bring the source's new strings into the French catalogue, check it or compile it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--check", action="store_true", help="name what is missing or wrong")
        what.add_argument("--compile", action="store_true", help="write the file Django reads")

    def handle(self, *, check: bool, compile: bool, **options: Any) -> None:
        if compile:
            catalogue.compile_translations()
        elif not check:
            catalogue.update_translations()
        elif found := list(catalogue.problems()):
            raise CommandError(
                "The French catalogue is not complete (`make messages` brings new strings in):\n  "
                + "\n  ".join(found)
            )
