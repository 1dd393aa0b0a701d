"""Two moderators decide on the same text at the same moment: one does, the other is told."""

import time

from tests.processes.workers import ready_workers
from tests.site import connected, manage

POSTS = 20
SECONDS = 20

SEND_POSTS = f"""
from uuid import uuid4
from cmdebate.accounts.models import User
from discussions import posting
from essays.models import Essay
author, essay = User.objects.get(name="membre"), Essay.objects.first()
for number in range({POSTS}):
    post = posting.reply(author, essay, str(number), form_key=uuid4())
    print(post.public_id, post.version)
"""
STATES = "SELECT public_id, state FROM discussions_post"
ENTRIES = """
SELECT number, public_id, action FROM discussions_decision
JOIN discussions_post ON post_id = id ORDER BY number
"""


def test_of_two_decisions_at_the_same_moment_one_is_entered(tmp_path, prepared) -> None:
    settings = "tests.processes.settings"
    with prepared.copied(tmp_path, DJANGO_SETTINGS_MODULE=settings) as env:
        seen = dict(
            line.split() for line in manage(env, "shell", "-v0", "-c", SEND_POSTS).splitlines()
        )
        assert len(seen) == POSTS

        answers = {}
        with ready_workers(
            env, "decide", ["animatrice", "approve"], ["proprietaire", "refuse"]
        ) as moderators:
            for public_id, version in seen.items():
                moment = time.monotonic() + 0.05
                for moderator in moderators:
                    moderator.tell(f"{public_id} {version} {moment}")
                answers[public_id] = [moderator.hear() for moderator in moderators]
            ends = [moderator.end(SECONDS) for moderator in moderators]

        with connected(env["DATABASE_URL"]) as database:
            states = dict(database.execute(STATES).fetchall())
            entries = database.execute(ENTRIES).fetchall()
        verified = manage(env, "verify_record")

    assert ends == [(0, "")] * 2
    expected = []
    for number, (public_id, (approved, refused)) in enumerate(answers.items(), 1):
        if refused == "ChangedSince":
            assert (approved, states[public_id]) == (str(number), "published")
            expected.append((number, public_id, "approve"))
        else:
            assert (approved, refused) == ("ChangedSince", str(number))
            assert states[public_id] == "hidden"
            expected.append((number, public_id, "refuse"))
    assert entries == expected
    assert verified == "The record holds, from its first entry to its last.\n"
