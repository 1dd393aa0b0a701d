from typing import Any

from django.core.management import BaseCommand, CommandParser, call_command

from cmdebate.processes import beside, load_what_processes_share, show_as


class Command(BaseCommand):
    help = "Run a site that is set up: serve it, with the worker and its clock beside."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        show_as("cmdebate")
        load_what_processes_share()
        # One process for both: it has a Django to itself, some 25 MB.
        with beside("worker", "worker", "--no-reload", "--clock"):
            call_command("serve", host=host, port=port)
