"""The server is killed while people write and decide: what it acknowledged is there, once."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPException
from http.cookiejar import CookieJar
from typing import TypeVar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, build_opener
from uuid import UUID, uuid4

import psutil

from tests.site import Site, connected, wait_for

ESSAY = "qu-est-ce-que-la-community"
WRITERS, POSTS = 3, 90
SECONDS = 60

# All but what the essays themselves say, which nobody has sent.
POST_KEYS = "SELECT form_key, public_id FROM discussions_post WHERE form_key IS NOT NULL"
COUNTERS = "SELECT reply_count, hidden_count FROM discussions_thread"
HIDDEN = """
SELECT public_id FROM discussions_decision JOIN discussions_post ON post_id = id
WHERE action = 'hide' AND state = 'hidden'
"""

T = TypeVar("T")


class StayHere(HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


class Person:
    """Somebody signed in, who sends again what got no answer."""

    def __init__(self, site: Site, name: str) -> None:
        self.url = site.url
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies), StayHere)
        self.get("/compte/login/")
        self.send("/compte/login/", login=name, password=site.people[name])

    def get(self, path: str) -> str:
        with self.opener.open(self.url + path, timeout=SECONDS) as page:
            return page.read().decode()

    def send(self, path: str, **fields: str) -> str:
        """Where the answer leads; anything but a redirection is no acknowledgement."""
        token = next(cookie.value for cookie in self.cookies if cookie.name == "csrftoken")
        data = urlencode(fields | {"csrfmiddlewaretoken": token}).encode()
        try:
            with self.opener.open(self.url + path, data, timeout=SECONDS) as page:
                raise AssertionError(f"{path}: {page.status}")
        except HTTPError as answer:
            with answer:
                assert answer.code == 302, f"{path}: {answer.code}"
                return answer.headers["Location"]

    def reply(self, key: UUID) -> str:
        place = self.send(f"/essais/{ESSAY}/repondre/", body=f"Réponse {key}", key=str(key))
        return place.strip("/").split("/")[-1]

    def hide(self, public_id: str) -> None:
        case = f"/moderation/messages/{public_id}/"
        page = self.get(case)
        if 'value="hide"' not in page:
            return  # decided, but the answer was lost
        seen = re.search(r'name="seen" value="([^"]+)"', page)
        assert seen
        said = {"ground": "off_topic", "facts": "Il parle du temps.", "reason": "Hors du mot."}
        self.send(case, action="hide", seen=seen[1], **said)


def until_answered(act: Callable[[], T]) -> T:
    end = time.monotonic() + SECONDS
    while True:
        try:
            return act()
        except (OSError, HTTPException):
            assert time.monotonic() < end, "no answer any more"
            time.sleep(0.1)


def crash(site: Site) -> None:
    server = psutil.Process(site.server.pid)
    processes = [server, *server.children(recursive=True)]
    for process in processes:
        process.kill()
    site.server.wait()
    psutil.wait_procs(processes, timeout=5)


def test_what_was_acknowledged_survives_a_crash(tmp_path, prepared) -> None:
    acknowledged: dict[UUID, str] = {}
    hidden: list[str] = []

    def write(person: Person, keys: list[UUID]) -> None:
        for key in keys:
            acknowledged[key] = until_answered(partial(person.reply, key))

    def hide_the_first(person: Person) -> None:
        while len(hidden) < POSTS // 3:
            wait_for(lambda: len(acknowledged) > len(hidden), "the next reply", SECONDS)
            public_id = list(acknowledged.values())[len(hidden)]
            until_answered(partial(person.hide, public_id))
            hidden.append(public_id)

    keys = [uuid4() for _i in range(POSTS)]
    settings = {"DJANGO_SETTINGS_MODULE": "tests.processes.settings"}
    with prepared.served(tmp_path, **settings) as site, ThreadPoolExecutor(WRITERS + 1) as threads:
        work = [threads.submit(hide_the_first, Person(site, "animatrice"))]
        for number in range(WRITERS):
            share = keys[number::WRITERS]
            work.append(threads.submit(write, Person(site, "proprietaire"), share))

        wait_for(lambda: len(hidden) >= 5, "the work is under way", SECONDS)
        crash(site)
        unfinished = POSTS - len(acknowledged)
        site.start()
        for each in work:
            each.result(SECONDS)

        with connected(site.env["DATABASE_URL"]) as database:
            posts = {UUID(str(key)): name for key, name in database.execute(POST_KEYS)}
            decided = [name for (name,) in database.execute(HIDDEN)]
            counters = database.execute(COUNTERS).fetchall()
        verified = site.manage("verify_record")

    assert unfinished > 0
    assert set(acknowledged) == set(keys)
    assert posts == acknowledged
    assert sorted(decided) == sorted(hidden)
    assert counters == [(POSTS - len(hidden), len(hidden))]
    assert verified == "The record holds, from its first entry to its last.\n"
