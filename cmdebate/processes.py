"""The site's processes: started together, stopped together, none left behind.

What watches over them runs this file alone: no Django, so that it stays small.
"""

import os
import shlex
import socket
import sys
import time
from pathlib import Path
from threading import Thread
from typing import NoReturn

from honcho.manager import Manager

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"


parent = 0  # whom this process follows


def follow_parent() -> None:
    """End this process soon after the one that started it, should that one be killed.

    Or after its terminal: make, told that it was closed, waits for us and tells us nothing.
    PARENT_PID names the parent, so that it may be gone before we look.
    """
    global parent
    parent = int(os.environ.pop("PARENT_PID", 0)) or os.getppid()
    at_terminal = os.isatty(0)

    def watch() -> None:
        while os.getppid() == parent and os.isatty(0) == at_terminal:
            time.sleep(0.2)
        os._exit(1)

    Thread(target=watch, name="follow-parent", daemon=True).start()


def check_port(host: str, port: int) -> None:
    """Refuse a port that something else listens on: granian would share it in silence."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        from django.core.management import CommandError

        raise CommandError(
            f"Port {port} of {host} cannot be used: {os.strerror(error.errno or 0)}. "
            "Choose another one with PORT=… or --port."
        ) from error


class ThreadingManager(Manager):  # type: ignore[misc]
    """Honcho would put a process of its own between us and each command.

    One more that can be killed, and that nobody would miss: a thread does as well.
    """

    def _start(self) -> None:
        for name, process in self._processes.items():
            run = process["obj"].run
            process["process"] = Thread(target=run, args=(self.events,), name=name, daemon=True)
            process["process"].start()


def run_together(commands: dict[str, list[str]]) -> NoReturn:
    """Become what runs management commands until one of them ends or we are told to stop.

    The same process with the same name, but what Django has loaded until now is gone: some
    60 MB that would only wait.
    """
    sys.stdout.flush()
    # Threads that each keep freed memory for themselves cost some 10 MB a process.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    if parent:
        os.environ["PARENT_PID"] = str(parent)
    lines = (f"{name}: {shlex.join(arguments)}" for name, arguments in commands.items())
    os.execv(sys.executable, [sys.executable, __file__, "start", *lines])  # noqa: S606


def main(lines: list[str]) -> int:
    follow_parent()
    manager = ThreadingManager()
    for line in lines:
        name, _, arguments = line.partition(": ")
        command = f"{shlex.join([sys.executable, str(MANAGE)])} {arguments}"
        manager.add_process(name, f"PARENT_PID=$PPID exec {command}")
    manager.loop()
    stopped_by_signal = manager.returncode in (130, 143)
    return 0 if stopped_by_signal else manager.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:]))
