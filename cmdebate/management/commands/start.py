import os
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser, call_command

from cmdebate.processes import become, check_port, follow_parent


class Command(BaseCommand):
    help = "Set the site up where needed, then run its processes together."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        follow_parent()
        check_port(host, port)
        call_command("setup", stdout=self.stdout)
        if settings.LOCAL:
            os.environ.setdefault("SITE_URL", f"http://localhost:{port}")
        become("run", "--host", host, "--port", str(port))
