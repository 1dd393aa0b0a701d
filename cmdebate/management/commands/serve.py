import signal
from collections.abc import Callable
from typing import Any

from django.core.management import BaseCommand, CommandParser
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from cmdebate.processes import (
    check_port,
    follow_parent,
    leave_terminal,
    load_what_processes_share,
    show_as,
)


def load_site(target: str) -> Callable[..., Any]:
    """What each worker begins with."""
    show_as("cmdebate web")
    leave_terminal()
    follow_parent()
    from cmdebate.wsgi import application

    return application


class Command(BaseCommand):
    help = "Serve the site over HTTP, until told to stop or until what started this is gone."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=2, help="number of processes")
        parser.add_argument("--access-log", action="store_true", help="log every request")

    def handle(
        self, *, host: str, port: int, workers: int, access_log: bool, **options: Any
    ) -> None:
        follow_parent()
        check_port(host, port)
        shown = "localhost" if host == "127.0.0.1" else host
        self.stdout.write(f"Serving http://{shown}:{port}/ (Ctrl-C stops it)")
        self.stdout.flush()
        load_what_processes_share()
        server = Granian(
            "cmdebate.wsgi",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=1,
            respawn_failed_workers=True,
            workers_kill_timeout=3,
            log_level=LogLevels.info if access_log else LogLevels.error,
            log_access=access_log,
        )
        # A terminal that closes is no wish for new workers.
        server.on_startup(lambda: signal.signal(signal.SIGHUP, signal.getsignal(signal.SIGTERM)))
        server.serve(target_loader=load_site)
