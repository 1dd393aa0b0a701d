import sys
from typing import Any

from django.core.management import BaseCommand, CommandParser

from cmdebate.processes import run_together


class Command(BaseCommand):
    help = "Run the processes of a site that is set up: web server, worker and its clock."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", default="8000")

    def handle(self, *, host: str, port: str, **options: Any) -> None:
        status = run_together(
            {
                "web": ["serve", "--host", host, "--port", port],
                # One process for both: it has a Django to itself, some 25 MB.
                "worker": ["worker", "--no-reload", "--clock"],
            }
        )
        sys.exit(status)
