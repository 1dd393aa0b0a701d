"""Many writers at once into one thread: nothing is lost, doubled or misplaced."""

from collections import Counter

from discussions.threads import MAX_DEPTH, SEGMENT, segment
from tests.processes.workers import ready_workers
from tests.site import connected

ESSAY = "qu-est-ce-que-la-community"
WORKERS, REPLIES = 4, 400
SECONDS = 120

# But for the definitions of the essays, which are there from the beginning.
POSTS = """SELECT id, parent_id, path, depth, form_key FROM discussions_post
    WHERE kind = 'reply' ORDER BY path"""
BODIES = "SELECT body FROM discussions_revision WHERE body <> ''"
COUNTERS = "SELECT reply_count, hidden_count FROM discussions_thread"


def test_four_processes_post_into_one_thread(tmp_path, prepared) -> None:
    names = [f"auteur{number}" for number in range(WORKERS)]
    settings = "tests.processes.settings"
    with prepared.copied(tmp_path, DJANGO_SETTINGS_MODULE=settings) as env:
        with ready_workers(
            env, "post_replies", *([name, ESSAY, str(REPLIES)] for name in names)
        ) as workers:
            for worker in workers:
                worker.tell("go")
            ends = [worker.end(SECONDS) for worker in workers]

        with connected(env["DATABASE_URL"]) as database:
            posts = database.execute(POSTS).fetchall()
            bodies = Counter(body for (body,) in database.execute(BODIES))
            counters = database.execute(COUNTERS).fetchall()

    assert ends == [(0, "")] * WORKERS  # exit code, what it printed
    assert len(posts) == WORKERS * REPLIES
    assert len({form_key for *_, form_key in posts}) == WORKERS * REPLIES
    assert bodies == {f"{name}, {number}": 1 for name in names for number in range(REPLIES)}
    assert counters == [(WORKERS * REPLIES, 0)]

    expected: dict[int, str] = {}
    for number, parent, *_ in sorted(posts):
        above = expected[parent][: SEGMENT * (MAX_DEPTH - 1)] if parent else ""
        expected[number] = above + segment(number)
    assert {number: path for number, _, path, *_ in posts} == expected
    assert [path for _, _, path, *_ in posts] == sorted(expected.values())
    assert {number: depth for number, *_, depth, _ in posts} == {
        number: len(path) // SEGMENT - 1 for number, path in expected.items()
    }
    assert max(depth for *_, depth, _ in posts) == MAX_DEPTH - 1  # deep enough to tell
