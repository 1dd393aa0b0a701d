"""The site as `make run` starts it: nothing outlives what it was started by."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from tests.site import (
    PASSWORD_LINE,
    Prepared,
    answers,
    environment,
    free_port,
    fresh_database,
    manage,
    wait_for,
)


@pytest.fixture(scope="module")
def env(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with prepared.copied(tmp_path_factory.mktemp("processes")) as env:
        yield env


@dataclass
class Run:
    top: psutil.Popen
    port: int
    env: dict[str, str]

    def processes(self) -> list[psutil.Process]:
        """Every process that this run's variables have reached."""
        found = []
        for process in psutil.process_iter():
            try:
                ours = process.environ().get("VAR_DIR") == self.env["VAR_DIR"]
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue  # not ours to look at, or gone while we looked
        return found

    def process(self, name: str) -> psutil.Process:
        """The eldest process of that name."""
        named = (p for p in self.processes() if p.name() == name)
        return min(named, key=lambda p: p.create_time())

    def is_gone(self) -> bool:
        return not self.processes() and port_is_free(self.port)


def port_is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@contextmanager
def make_run(env: dict[str, str], stdin: int = subprocess.DEVNULL) -> Iterator[Run]:
    # As `make run`, without looking whether the packages are up to date.
    binaries = Path(sys.executable).parent
    port = free_port()
    command = ["make", "-s", "-o", ".venv/installed", "run", f"PORT={port}", f"BIN={binaries}"]
    top = psutil.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=env,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    run = Run(top, port, env)
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/sante/"), "the site answers")
        yield run
    finally:
        while left := run.processes():
            for process in left:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        top.communicate()


@pytest.mark.parametrize(
    "victim",
    [
        pytest.param(lambda run: run.top, id="make"),
        pytest.param(lambda run: run.process("cmdebate"), id="run"),
        pytest.param(lambda run: run.process("cmdebate worker"), id="worker"),
    ],
)
def test_killing_any_parent_ends_everything(env, victim: Callable[[Run], psutil.Process]) -> None:
    with make_run(env) as run:
        assert len(run.processes()) == 5  # make, the top, its two that serve, its worker

        victim(run).kill()

        wait_for(run.is_gone, "everything has ended", seconds=2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything(env, number: signal.Signals) -> None:
    with make_run(env) as run:
        run.process("cmdebate").send_signal(number)

        wait_for(run.is_gone, "everything has ended", seconds=4)


def test_a_site_whose_worker_died_has_failed(env) -> None:
    with make_run(env) as run:
        run.process("cmdebate worker").kill()

        assert run.top.wait(5) != 0


def test_closing_the_terminal_ends_everything(env) -> None:
    terminal, its_end = os.openpty()
    with make_run(env, stdin=its_end) as run:
        os.close(its_end)
        os.close(terminal)

        wait_for(run.is_gone, "everything has ended", seconds=2)


def test_a_killed_worker_is_replaced(env) -> None:
    with make_run(env) as run:
        before = set(run.processes())
        worker = run.process("cmdebate web")
        worker.kill()

        wait_for(
            lambda: len(set(run.processes()) - before) == 1 and len(run.processes()) == 5,
            "there are two workers again",
        )
        assert worker not in run.processes()


def test_a_taken_port_is_refused_in_one_line(env) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "manage.py", "start", "--port", str(port)],
            cwd=settings.BASE_DIR,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"CommandError: Port {port} of 127.0.0.1 cannot be used: Address already in use. "
        "Choose another one with PORT=… or --port.\n"
    )


def test_setting_up_again_keeps_the_data_and_shows_no_password(tmp_path) -> None:
    with fresh_database(tmp_path) as database_url:
        env = environment(tmp_path, database_url)

        first = manage(env, "setup")
        manage(env, "create_moderator", "Zoé", "zoe@example.org")
        second = manage(env, "setup")
        people = manage(env, "shell", "-v0", "-c", LIST_PEOPLE)

    assert [name for name, _ in PASSWORD_LINE.findall(first)] == [
        "proprietaire",
        "animatrice",
        "membre",
    ]
    assert PASSWORD_LINE.findall(second) == []
    assert "password" not in second.lower()
    assert people.splitlines() == [
        "animatrice community_manager True",
        "membre member True",
        "proprietaire owner True",
        "Zoé community_manager True",
    ]


LIST_PEOPLE = """
from allauth.account.models import EmailAddress
for address in EmailAddress.objects.order_by("user__name_key"):
    print(address.user, address.user.role, address.verified)
"""
