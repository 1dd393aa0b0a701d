"""Processes of a test that begin at the same moment."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings


class Worker:
    """A module of this folder, run with those arguments."""

    def __init__(self, env: dict[str, str], module: str, arguments: list[str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"tests.processes.{module}", *arguments],
            cwd=settings.BASE_DIR,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def tell(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def end(self, seconds: float) -> tuple[int, str]:
        """Its exit code and what it has still printed."""
        printed, _ = self.process.communicate(timeout=seconds)
        return self.process.returncode, printed


@contextmanager
def ready_workers(
    env: dict[str, str], module: str, *arguments: list[str]
) -> Iterator[list[Worker]]:
    """One worker for each list of arguments, all waiting to be told something."""
    workers = [Worker(env, module, each) for each in arguments]
    try:
        for worker in workers:
            assert worker.hear() == "ready"
        yield workers
    finally:
        for worker in workers:
            worker.process.kill()
            worker.process.communicate()
