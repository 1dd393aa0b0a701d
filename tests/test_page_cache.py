"""Visitors get kept pages, and never one that is older than what somebody was told."""

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from cmdebate import edition
from cmdebate.edition import Unknown
from cmdebate.models import Edition
from cmdebate.page_cache import PageCache, is_had
from discussions.models import Post
from tests.essays.factories import EssayFactory
from tests.factories import NEVER_PUBLIC, act, edit, in_state, published, reply, withdrawn
from tests.processes.workers import Worker, ready_workers
from tests.site import Site, connected, free_port

ESSAY = "/essais/qu-est-ce-que-la-community/"


class Numbered:
    """Stands where the database does: what edition it is."""

    def __init__(self) -> None:
        self.number = 1
        self.fails = False

    def read(self) -> int:
        if self.fails:
            raise Unknown
        return self.number

    def close(self) -> None:
        pass


class Application:
    """Counts how often it is asked, and says so."""

    def __init__(self, **headers: str) -> None:
        self.asked = 0
        self.status = "200 OK"
        self.headers = {"Content-Type": "text/html; charset=utf-8"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        self.closed = 0
        self.before_it_answers = lambda: None

    def __call__(self, environ, start_response):
        self.asked += 1
        body = f"{environ['PATH_INFO']} {self.asked}".encode()
        headers = self.headers | {"Content-Length": str(len(body))}
        start_response(self.status, list(headers.items()))
        self.before_it_answers()
        return Content(self, body)


class Content(list):
    def __init__(self, application: Application, body: bytes) -> None:
        super().__init__([body])
        self.application = application

    def close(self) -> None:
        self.application.closed += 1


def ask(cache: PageCache, path: str = "/", method: str = "GET", **environ: str):
    said = []
    content = cache(
        {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "HTTP_HOST": "localhost",
            "wsgi.url_scheme": "http",
        }
        | environ,
        lambda status, headers: said.extend([status, dict(headers)]),
    )
    body = b"".join(content)
    if hasattr(content, "close"):
        content.close()
    return (said[0], said[1], body.decode())


@pytest.fixture
def numbered() -> Numbered:
    return Numbered()


class TestCache:
    def bodies(self, cache: PageCache, times: int = 2, **environ: str) -> list[str]:
        return [ask(cache, **environ)[2] for _i in range(times)]

    def test_page_is_answered_again_without_being_asked_for(self, numbered):
        application = Application()
        cache = PageCache(application, numbered)
        first, second = ask(cache), ask(cache)
        assert first == second
        assert (application.asked, application.closed) == (1, 1)
        assert first[1]["Cache-Control"] == "no-cache"
        assert first[1]["Content-Length"] == str(len(first[2]))

    def test_new_edition_is_asked_for_anew(self, numbered):
        cache = PageCache(Application(), numbered)
        ask(cache)
        numbered.number = 2
        assert ask(cache)[2] == "/ 2"

    @pytest.mark.parametrize(
        "environ",
        [
            {"HTTP_HOST": "example.org"},
            {"QUERY_STRING": "q=1"},
            {"wsgi.url_scheme": "https"},
            {"HTTP_X_FORWARDED_PROTO": "https"},
            {"PATH_INFO": "/en/"},
        ],
    )
    def test_another_address_is_another_page(self, numbered, environ):
        cache = PageCache(Application(), numbered)
        ask(cache)
        assert self.bodies(cache, **environ)[0].endswith(" 2")

    @pytest.mark.parametrize(
        "environ",
        [{"HTTP_COOKIE": "sessionid=1"}, {"HTTP_COOKIE": "a=b"}, {"REQUEST_METHOD": "POST"}],
    )
    def test_who_sends_a_cookie_or_a_form_passes_by(self, numbered, environ):
        cache = PageCache(Application(), numbered)
        ask(cache)
        assert self.bodies(cache, **environ) == ["/ 2", "/ 3"]
        assert ask(cache)[2] == "/ 1"

    @pytest.mark.parametrize(
        "headers",
        [
            {"Set_Cookie": "a=b"},
            {"Cache_Control": "private"},
            {"Content_Type": "text/plain"},
            {"Vary": "Cookie, HX-Request"},
            {"Content_Length": "2000000"},
        ],
    )
    def test_answer_that_says_so_is_not_kept(self, numbered, headers):
        application = Application(**headers)
        if "Content_Length" in headers:
            application = replace_length(application, headers["Content_Length"])
        assert self.bodies(PageCache(application, numbered)) == ["/ 1", "/ 2"]

    @pytest.mark.parametrize("status", ["404 Not Found", "302 Found", "500 Oops"])
    def test_anything_but_a_page_is_not_kept(self, numbered, status):
        application = Application()
        application.status = status
        assert self.bodies(PageCache(application, numbered)) == ["/ 1", "/ 2"]

    def test_page_that_was_overtaken_while_it_was_made_is_not_kept(self, numbered):
        application = Application()
        cache = PageCache(application, numbered)

        def somebody_else_is_served() -> None:
            application.before_it_answers = lambda: None
            numbered.number = 2
            ask(cache, "/other/")

        application.before_it_answers = somebody_else_is_served
        assert ask(cache)[2] == "/ 1"
        assert ask(cache)[2] == "/ 3"

    def test_page_is_not_sent_to_who_has_it(self, numbered):
        application = Application()
        cache = PageCache(application, numbered)
        etag = ask(cache)[1]["ETag"]
        status, headers, body = ask(cache, HTTP_IF_NONE_MATCH=f'W/"x", W/{etag}')
        assert (status, body, headers["ETag"]) == ("304 Not Modified", "", etag)
        assert "Content-Length" not in headers
        assert ask(cache, HTTP_IF_NONE_MATCH='"x"')[0] == "200 OK"

    def test_page_that_is_the_same_in_a_new_edition_is_not_sent_again(self, numbered):
        application = Application()
        cache = PageCache(application, numbered)
        etag = ask(cache)[1]["ETag"]
        application.asked, numbered.number = 0, 2
        assert ask(cache, HTTP_IF_NONE_MATCH=etag)[0] == "304 Not Modified"
        assert application.asked == 1

    def test_head_is_answered_from_what_is_kept_and_keeps_nothing(self, numbered):
        application = Application()
        cache = PageCache(application, numbered)
        ask(cache, method="HEAD")
        page = ask(cache)
        assert application.asked == 2
        assert ask(cache, method="HEAD") == (page[0], page[1], "")
        assert application.asked == 2

    def test_keeps_what_was_asked_for_last(self, numbered):
        application = Application()
        cache = PageCache(application, numbered, size=3 * 4100)
        for path in "abcadae":
            ask(cache, path)
        asked = application.asked
        for path in "ade":
            ask(cache, path)
        assert application.asked == asked == 5
        assert cache.used <= cache.size
        numbered.number = 2
        ask(cache)
        assert cache.used < 4100

    def test_nothing_is_kept_while_the_edition_is_unknown(self, numbered, caplog):
        cache = PageCache(Application(), numbered)
        ask(cache)
        numbered.fails = True
        assert self.bodies(cache) == ["/ 2", "/ 3"]
        numbered.fails = False
        assert self.bodies(cache) == ["/ 4", "/ 4"]
        assert "The edition cannot be read" in caplog.text


def replace_length(application: Application, length: str) -> Application:
    class Longer(Application):
        def __call__(self, environ, start_response):
            return super().__call__(
                environ,
                lambda status, headers: start_response(
                    status, list((dict(headers) | {"Content-Length": length}).items())
                ),
            )

    return Longer()


@pytest.mark.parametrize(
    "sent, had",
    [
        (None, False),
        ("*", True),
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ('"b"', False),
        ("", False),
        ('"a', False),
    ],
)
def test_what_a_reader_has(sent, had):
    assert is_had('"a"', sent) is had


def number() -> int:
    return sum(Edition.objects.values_list("number", flat=True))


@pytest.mark.django_db
class TestEdition:
    def turns(self, change) -> int:
        before = number()
        change()
        return number() - before

    def test_turns_with_what_readers_see(self):
        post = reply()
        assert self.turns(lambda: published(post)) > 0
        assert self.turns(lambda: edit(post, "Autre.")) == 0  # it waits
        assert self.turns(lambda: act("approve", post)) > 0
        assert self.turns(lambda: act("hide", post)) > 0
        assert self.turns(lambda: act("restore", post)) > 0
        assert self.turns(lambda: withdrawn(post)) > 0

    def test_says_nothing_of_what_waits(self):
        essay = EssayFactory.create()
        assert self.turns(lambda: reply(essay)) == 0
        assert self.turns(lambda: in_state("dropped", reply(essay))) == 0

    def test_turns_only_with_the_transaction(self):
        def fail() -> None:
            with transaction.atomic():
                edition.turn()
                transaction.set_rollback(True)

        assert self.turns(fail) == 0

    @pytest.mark.parametrize("state", NEVER_PUBLIC)
    def test_turns_when_what_was_never_public_is_restored(self, state):
        post = in_state(state)
        if state == "refused":
            assert self.turns(lambda: act("restore", post)) > 0
        assert Post.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_second_row_is_made_where_the_first_is_held():
    from django.db import connection

    if connection.vendor != "postgresql":
        edition.turn()
        edition.turn()
        assert list(Edition.objects.values_list("number", flat=True)) == [2]
        return
    edition.turn()
    other = connection.copy()
    try:
        other.set_autocommit(False)
        other.cursor().execute("UPDATE cmdebate_edition SET number = number + 1")
        edition.turn()  # waits for nobody
        assert number() == 2
        other.commit()
        assert number() == 3
    finally:
        other.close()


def fetch(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """On a connection of its own, so that any worker may answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers={"Host": "localhost", **headers})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, headers, response.read().decode()
    finally:
        connection.close()


@contextmanager
def without_cache(site: Site) -> Iterator[Site]:
    """The same site served a second time, by a server that keeps no page."""
    plain = Site(free_port(), site.env | {"PAGE_CACHE": "0"}, site.var, site.people)
    plain.start()
    try:
        yield plain
    finally:
        plain.stop()


PAGES = [
    "/",
    "/en/",
    "/essais/",
    ESSAY,
    f"/en{ESSAY}",
    f"{ESSAY}c1/",
    "/definitions/",
    "/role/",
    "/membres/membre/",
    "/membres/animatrice/",
    "/journal/",
]
STEPS = 18
SHOWN = re.compile(r"(\d+) repl(?:y|ies) today")


def test_any_page_is_as_it_would_be_without_the_cache(tmp_path, prepared):
    settings = {"DJANGO_SETTINGS_MODULE": "tests.processes.settings"}
    with (
        prepared.served(tmp_path, **settings) as site,
        without_cache(site) as plain,
        ready_workers(site.env, "act_at_random", ["5"]) as [actor],
    ):
        done = []
        for _step in range(STEPS):
            actor.tell("go")
            done.append(actor.hear())
            for path in PAGES:
                expected = fetch(plain.port, path)[2]
                for _time in range(2):
                    status, headers, page = fetch(site.port, path)
                    assert page == expected, f"{path} after {done}"
                    assert (status, "etag" in headers) == (200, True)
        kinds = {line.split()[0] for line in done}
    assert len(kinds) > 5, done


def test_reader_gets_what_was_acknowledged_and_304_for_what_has_not_changed(tmp_path, prepared):
    settings = {"DJANGO_SETTINGS_MODULE": "tests.processes.settings"}
    arguments = ["autrice", ESSAY.split("/")[2], "60"]
    with (
        prepared.served(tmp_path, **settings) as site,
        ready_workers(site.env, "post_replies", arguments) as [writer],
    ):
        etag = fetch(site.port, ESSAY)[1]["etag"]
        assert {fetch(site.port, ESSAY, **{"If-None-Match": etag})[0] for _i in range(6)} == {304}
        counted_while_writing(writer, site)
        assert fetch(site.port, ESSAY, **{"If-None-Match": etag})[0] == 200


def counted_while_writing(writer: Worker, site: Site) -> None:
    """Whatever is committed before a page is asked for stands on it."""
    writer.tell("go")
    seen = set()
    while writer.process.poll() is None:
        with connected(site.env["DATABASE_URL"]) as database:
            rows = database.execute("SELECT reply_count FROM discussions_thread").fetchall()
        committed = rows[0][0] if rows else 0
        page = fetch(site.port, "/en/essais/")[2]
        assert max(int(count) for count in SHOWN.findall(page)) >= committed
        seen.add(committed)
    assert len(seen) > 3
