"""Mail leaves through a real server, and a worker killed in the middle of it loses none."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.processes.mailbox import Mailbox, serving
from tests.site import connected, manage, wait_for

FOLLOWERS, FEW = 500, 12
SECONDS = 120

WRITE = """
from uuid import uuid4
from django.contrib.auth.hashers import make_password
from cmdebate.accounts.models import User
from discussions import posting
from discussions.following import follows
from discussions.models import Follow
from essays.models import Essay
essay = Essay.objects.first()
people = User.objects.bulk_create(
    User(name=f"Membre{n}", name_key=f"membre{n}", email=f"membre{n}@example.org")
    for n in range(FOLLOWERS)
)
Follow.objects.bulk_create(Follow(member=person, essay=essay) for person in people)
owner = User.objects.get(name="proprietaire")
posting.reply(owner, essay, "Bonjour à tous.", form_key=uuid4())
"""


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with serving() as mailbox:
        yield mailbox


def worker(env: dict[str, str], *options: str) -> subprocess.Popen[bytes]:
    quick = ["--no-startup-delay", "--interval", "0.1"]
    command = [sys.executable, "manage.py", "worker", *quick, *options]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=env)


def test_worker_killed_among_500_letters_loses_none_and_doubles_one_at_most(
    tmp_path, prepared, mailbox
) -> None:
    with prepared.copied(tmp_path, EMAIL_URL=mailbox.url) as env:
        manage(env, "shell", "-v0", "-c", f"FOLLOWERS = {FOLLOWERS}{WRITE}")

        first = worker(env)
        wait_for(lambda: len(mailbox.received) >= FOLLOWERS // 5, "letters leave", SECONDS)
        first.kill()
        first.wait()
        before = len(mailbox.received)

        # The clock of some minutes later takes back what the killed one had in hand.
        later = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 600))
        manage(env, "clock", "--at", later)
        second = worker(env)
        try:
            wait_for(
                lambda: states(env["DATABASE_URL"]) == {"sent": FOLLOWERS}, "all is sent", SECONDS
            )
        finally:
            second.terminate()
            second.wait(10)

    assert FOLLOWERS // 5 <= before < FOLLOWERS
    recipients = Counter(str(message["To"]) for message in mailbox.received)
    assert set(recipients) == {f"membre{n}@example.org" for n in range(FOLLOWERS)}
    doubled = [who for who, times in recipients.items() if times > 1]
    assert len(doubled) <= 1
    # Its mailbox can tell: both bear the same name.
    assert len({message["Message-ID"] for message in mailbox.received}) == FOLLOWERS
    assert len(mailbox.received) == FOLLOWERS + len(doubled)
    body = mailbox.received[0].get_body(("plain",))
    assert body
    assert "Bonjour à tous." in body.get_content()


def states(database_url: str) -> dict[str, int]:
    with connected(database_url) as database:
        rows = database.execute("SELECT state, COUNT(*) FROM discussions_letter GROUP BY state")
        return dict(rows.fetchall())


def test_letters_wait_for_a_server_that_is_down(tmp_path, prepared, mailbox) -> None:
    with prepared.copied(tmp_path, EMAIL_URL="smtp://127.0.0.1:1") as env:
        database_url = env["DATABASE_URL"]
        manage(env, "shell", "-v0", "-c", f"FOLLOWERS = {FEW}{WRITE}")
        manage(env, "worker", "--batch")
        assert states(database_url) == {"waiting": FEW}

        later = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 600))
        manage(env, "clock", "--at", later)
        with connected(database_url) as database:
            # As if the pause were over.
            database.execute("UPDATE discussions_letter SET due_at = created_at")
            database.commit()
        manage(env | {"EMAIL_URL": mailbox.url}, "worker", "--batch")
        assert states(database_url) == {"sent": FEW}

    assert len(mailbox.received) == FEW


def test_worker_is_the_clock_too(tmp_path, prepared, mailbox) -> None:
    with prepared.copied(tmp_path, EMAIL_URL="smtp://127.0.0.1:1") as env:
        manage(env, "shell", "-v0", "-c", f"FOLLOWERS = {FEW}{WRITE}")
        manage(env, "worker", "--batch")
        with connected(env["DATABASE_URL"]) as database:
            database.execute("UPDATE discussions_letter SET due_at = created_at")
            database.commit()

        # No task waits: only the clock calls the worker.
        running = worker(env | {"EMAIL_URL": mailbox.url}, "--clock")
        try:
            wait_for(lambda: states(env["DATABASE_URL"]) == {"sent": FEW}, "all is sent", SECONDS)
        finally:
            running.terminate()
            running.wait(10)
