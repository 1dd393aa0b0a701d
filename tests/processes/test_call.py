"""Two members vote without end while two clocks close the call: what is counted is what stands."""

from tests.processes.workers import ready_workers
from tests.site import connected, manage

SECONDS = 30

OPEN = """
from tests import factories
opened = factories.call()
factories.candidate(opened)
print(opened.post.public_id)
"""
END_SOON = """
from datetime import timedelta
from django.utils import timezone
from discussions.models import Call
Call.objects.update(closes_at=timezone.now() + timedelta(seconds=3))
"""
COUNTED = """
SELECT ballots, approvals FROM discussions_call
JOIN discussions_candidacy ON call_id = post_id
"""
STANDING = """
SELECT (SELECT COUNT(*) FROM discussions_ballot), (SELECT COUNT(*) FROM discussions_approval)
"""
CLOSED = "SELECT COUNT(*) FROM discussions_decision WHERE action = 'close'"


def test_nothing_is_taken_after_the_count_and_two_clocks_count_once(tmp_path, prepared) -> None:
    settings = "tests.processes.settings"
    with prepared.copied(tmp_path, DJANGO_SETTINGS_MODULE=settings) as env:
        public_id = manage(env, "shell", "-v0", "-c", OPEN).strip()
        names = ("membre", "animatrice", "clock", "clock")
        with ready_workers(env, "vote", *([name] for name in names)) as workers:
            manage(env, "shell", "-v0", "-c", END_SOON)
            for worker in workers:
                worker.tell(public_id)
            heard = [int(worker.hear()) for worker in workers]
            ends = [worker.end(SECONDS) for worker in workers]
        with connected(env["DATABASE_URL"]) as database:
            (counted,) = database.execute(COUNTED).fetchall()
            (standing,) = database.execute(STANDING).fetchall()
            (closed,) = database.execute(CLOSED).fetchall()
        verified = manage(env, "verify_record")

    assert ends == [(0, "")] * len(names)
    assert min(heard[:2]) > 0 and sum(heard[2:]) == 1
    assert tuple(counted) == tuple(standing)
    assert tuple(closed) == (1,)
    assert verified == "The record holds, from its first entry to its last.\n"
