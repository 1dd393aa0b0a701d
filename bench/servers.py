"""What is measured: processes with all that they start, and what they have used."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@dataclass
class Server:
    """A server on loopback; `others` are processes that work for it, as a database does."""

    port: int
    pid: int
    others: tuple[int, ...] = ()

    def processes(self) -> Iterator[psutil.Process]:
        for pid in (self.pid, *self.others):
            top = psutil.Process(pid)
            yield top
            yield from top.children(recursive=True)

    def cpu(self) -> float:
        """Seconds, user and system, of all of them so far, those that have ended included."""
        total = 0.0
        for process in self.processes():
            try:
                used = process.cpu_times()
            except psutil.NoSuchProcess:
                continue  # it has just ended: its parent has its time
            total += used.user + used.system + used.children_user + used.children_system
        return total

    def memory(self) -> dict[str, float]:
        """Megabytes (10^6, PSS) of each process, by what it is."""
        found: dict[str, float] = {}
        for process in self.processes():
            try:
                pss = process.memory_full_info().pss / 1e6
                found[f"{process.pid} {process.name()}"] = pss
            except psutil.NoSuchProcess:
                continue
        return found


@contextmanager
def running(
    command: list[str],
    port: int,
    env: dict[str, str],
    path: str = "/",
    others: tuple[int, ...] = (),
) -> Iterator[Server]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603
            command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            end = time.monotonic() + 60
            while not answers(port, path):
                if process.poll() is not None or time.monotonic() > end:
                    log.seek(0)
                    sys.exit(f"{command} does not serve:\n{log.read().decode()}")
                time.sleep(0.1)
            yield Server(port, process.pid, others)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def answers(port: int, path: str) -> bool:
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def hello(server: str) -> Any:
    """The yardstick, served by gunicorn or by what serves the site, two processes each."""
    port = free_port()
    python = [sys.executable, "-m"]
    address = f"127.0.0.1:{port}"
    commands = {
        "gunicorn": [
            *(*python, "gunicorn", "--workers", "2", "--worker-class", "sync"),
            *("--bind", address, "bench.hello:application"),
        ],
        "granian": [
            *(*python, "granian", "--interface", "wsgi", "--workers", "2"),
            *("--blocking-threads", "4", "--port", str(port), "--log-level", "error"),
            "bench.hello:application",
        ],
    }
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return running(commands[server], port, env)


def site(env: dict[str, str], others: tuple[int, ...] = ()) -> Any:
    """The site as it ships."""
    port = free_port()
    command = [sys.executable, "manage.py", "start", "--port", str(port)]
    return running(command, port, env, "/sante/", others)


def manage(env: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{arguments} failed.")
    return done.stdout
