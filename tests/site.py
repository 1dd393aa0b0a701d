"""A site like the one that `make run` serves, for tests that come to it from outside."""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_string, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.utils.crypto import get_random_string

PASSWORD_LINE = re.compile(r"^  (\w+) +([a-z0-9]{16})  ", re.MULTILINE)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@contextmanager
def fresh_database(folder: Path) -> Iterator[str]:
    """The address of an empty database, of the kind that this run tests."""
    url = os.environ["DATABASE_URL"]
    if url.startswith("sqlite"):
        yield f"sqlite:///{folder}/cmdebate.sqlite3"
        return
    with new_database("template1") as name:
        yield urlsplit(url)._replace(path=f"/{name}").geturl()


def new_name() -> str:
    return f"cmdebate_{get_random_string(10).lower()}"


@contextmanager
def new_database(template: str) -> Iterator[str]:
    """The name of a PostgreSQL database that begins as a copy of another."""
    name = new_name()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        try:
            yield name
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def environment(folder: Path, database_url: str) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "cmdebate.settings",
        "LOCAL": "1",
        "SECRET_KEY": "",  # the site makes its own
        "VAR_DIR": str(folder),
        "DATABASE_URL": database_url,
    }


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_for(condition, what: str, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.05)


@contextmanager
def connected(database_url: str) -> Iterator[Any]:
    """The tables themselves, without the site's code between: to check them, or to spoil them."""
    if database_url.startswith("sqlite"):
        connection: Any = sqlite3.connect(database_url.removeprefix("sqlite:///"))
    else:
        connection = psycopg.connect(os.environ["DATABASE_URL"], dbname=name_of(database_url))
    with closing(connection), connection:
        yield connection


def name_of(database_url: str) -> str:
    return urlsplit(database_url).path.strip("/")


@contextmanager
def copied_database(database_url: str, folder: Path) -> Iterator[str]:
    """The address of a copy. PostgreSQL makes one only while nobody is connected."""
    if database_url.startswith("sqlite"):
        copy_url = f"sqlite:///{folder}/{new_name()}.sqlite3"
        with connected(database_url) as original, connected(copy_url) as copy:
            original.backup(copy)
        yield copy_url
        return
    with new_database(name_of(database_url)) as name:
        yield urlsplit(database_url)._replace(path=f"/{name}").geturl()


@dataclass
class Site:
    port: int
    env: dict[str, str]
    var: Path
    people: dict[str, str]
    "The first accounts: name to password."
    server: subprocess.Popen = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "serve"]
        self.server = subprocess.Popen([*command, "--port", str(self.port)], env=self.env)
        wait_for(lambda: answers(f"{self.url}/sante/"), "the site answers")

    def stop(self) -> None:
        self.server.terminate()
        self.server.wait(10)

    def manage(self, *arguments: str) -> str:
        """What a management command prints."""
        return manage(self.env, *arguments)

    def mails(self) -> list[EmailMessage]:
        """Everything that was sent, newest last."""
        files = sorted(self.var.glob("mail/*"), key=lambda path: path.stat().st_mtime_ns)
        return [
            message_from_string(text.lstrip("\n"), policy=policy.default)
            for file in files
            for text in file.read_text().split(f"\n{'-' * 79}\n")
            if text.strip()
        ]


def manage(env: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout


@dataclass
class Prepared:
    """What `setup` makes, once for all sites of a run."""

    folder: Path
    database_url: str
    people: dict[str, str]

    @classmethod
    @contextmanager
    def made(cls, folder: Path) -> Iterator["Prepared"]:
        with fresh_database(folder) as database_url:
            printed = manage(environment(folder, database_url), "setup")
            yield cls(folder, database_url, dict(PASSWORD_LINE.findall(printed)))

    @contextmanager
    def copied(self, folder: Path, **variables: str) -> Iterator[dict[str, str]]:
        """The environment of a site of its own."""
        ignored = shutil.ignore_patterns("*.sqlite3*")
        shutil.copytree(self.folder, folder, ignore=ignored, dirs_exist_ok=True)
        with copied_database(self.database_url, folder) as database_url:
            yield environment(folder, database_url) | variables

    @contextmanager
    def served(self, folder: Path, **variables: str) -> Iterator[Site]:
        with self.copied(folder, **variables) as env:
            site = Site(free_port(), env, folder, self.people)
            try:
                site.start()
                yield site
            finally:
                site.stop()
