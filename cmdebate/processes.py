"""The site's processes: started together, stopped together, none left behind."""

import gc
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import wait
from pathlib import Path
from threading import Event, Thread
from typing import NoReturn

from django.conf import settings
from django.core.management import CommandError, call_command
from django.template.loader import get_template
from django.urls import resolve
from django.utils.translation import gettext, override

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
PATIENCE = 5.0  # seconds in which a process that was told to stop does so


@dataclass(frozen=True)
class Parent:
    """Who started this process, and at which terminal."""

    pid: int
    at_terminal: bool

    def is_gone(self) -> bool:
        return os.getppid() != self.pid or os.isatty(0) != self.at_terminal


@cache
def parent_of(pid: int) -> Parent:
    """The parent of the process of that number: this one.

    PARENT_PID names it, so that it may be gone before we look.
    """
    return Parent(int(os.environ.pop("PARENT_PID", 0)) or os.getppid(), os.isatty(0))


def follow_parent() -> None:
    """End this process soon after the one that started it, should that one be killed.

    Or after its terminal: make, told that it was closed, waits for us and tells us nothing.
    """
    parent = parent_of(os.getpid())

    def watch() -> None:
        while not parent.is_gone():
            time.sleep(0.2)
        os._exit(1)

    Thread(target=watch, name="follow-parent", daemon=True).start()


def become(*arguments: str) -> NoReturn:
    """Run another management command as this process, free of what it has loaded so far."""
    sys.stdout.flush()
    os.environ["PARENT_PID"] = str(parent_of(os.getpid()).pid)
    # Threads that each keep freed memory for themselves cost some 10 MB a process.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    os.execv(sys.executable, [sys.executable, str(MANAGE), *arguments])  # noqa: S606


def check_port(host: str, port: int) -> None:
    """Refuse a port that something else listens on: granian would share it in silence."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise CommandError(
            f"Port {port} of {host} cannot be used: {os.strerror(error.errno or 0)}. "
            "Choose another one with PORT=… or --port."
        ) from error


@cache
def load_what_processes_share() -> None:
    """Before the first of them is forked: what is loaded here is held in memory once.

    Python would write to all of it when it next looks for garbage; frozen, it isn't looked at.
    """
    from cmdebate import wsgi

    assert wsgi
    resolve("/")
    for name in ("pages/home.html", "pages/essay.html", "discussions/definition_list.html"):
        get_template(name)
    for code, _name in settings.LANGUAGES:
        with override(code):
            gettext("reply")
    gc.collect()
    gc.freeze()


@contextmanager
def beside(name: str, *command: str) -> Iterator[None]:
    """Run a management command in a process forked from this one, for as long as the block lasts.

    Should it end by itself, this process is told to stop too: a site that does half of its
    work would not show it.
    """
    fork = multiprocessing.get_context("fork")
    process = fork.Process(target=_run, args=(name, command, os.getpid()), name=name)
    process.start()
    stopping = Event()

    def watch() -> None:
        wait([process.sentinel])
        if not stopping.is_set():
            print(f"{name}: ended by itself, so all else stops.", file=sys.stderr)
            os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=watch, name=f"watch-{name}", daemon=True).start()
    try:
        yield
    finally:
        stopping.set()
        has_ended = not process.is_alive()
        process.terminate()
        process.join(PATIENCE)
        process.kill()
    if has_ended:
        sys.exit(1)


def show_as(name: str) -> None:
    """The name in lists of processes, where a system lets it be set this way."""
    with suppress(OSError):
        Path("/proc/self/comm").write_text(name)


def leave_terminal() -> None:
    """Ctrl-C is for the process that stops all the others."""
    os.setsid()


def _run(name: str, command: Sequence[str], parent: int) -> None:
    os.environ["PARENT_PID"] = str(parent)
    show_as(f"cmdebate {name}")
    leave_terminal()
    call_command(*command)
