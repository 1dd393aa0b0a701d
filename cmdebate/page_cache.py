"""Pages for visitors, kept as they were answered for as long as the edition lasts.

It stands outside Django. A page is looked up only once the database has said that no newer
edition is committed, so that nobody gets a page older than an answer somebody else has had.
Whoever sends a cookie passes by: members, and visitors with a form.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import Any

from .edition import Reader, Unknown

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Key = tuple[str, ...]

SIZE = 16 * 1024 * 1024  # bytes, in each worker
LARGEST_PAGE = 1024 * 1024
# A page that varies by anything else is not kept. The language stands in the address.
VARIES_BY = {"cookie", "accept-language", "accept-encoding"}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    headers: Headers
    body: bytes
    etag: str

    @property
    def headers_without_body(self) -> Headers:
        return [
            (name, value)
            for name, value in self.headers
            if name.lower() not in ("content-length", "content-type")
        ]


class PageCache:
    def __init__(self, application: Application, reader: Reader, *, size: int = SIZE) -> None:
        self.application = application
        self.reader = reader
        self.size = size
        self.lock = Lock()
        self.edition: int | None = None
        self.pages: OrderedDict[Key, Page] = OrderedDict()
        self.used = 0

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or environ.get("HTTP_COOKIE"):
            return self.application(environ, start_response)
        key = (
            environ.get("HTTP_HOST", ""),
            environ["wsgi.url_scheme"],
            environ.get("HTTP_X_FORWARDED_PROTO", ""),
            environ["PATH_INFO"],
            environ.get("QUERY_STRING", ""),
        )
        with self.lock:
            edition = self._present_edition()
            page = self.pages.get(key)
            if page:
                self.pages.move_to_end(key)
        if page:
            return answer(page, environ, start_response)
        return self._ask(key, edition, environ, start_response)

    def _present_edition(self) -> int | None:
        """What is kept is of this edition, once this returns."""
        try:
            edition = self.reader.read()
        except Unknown:
            log.warning("The edition cannot be read: pages are not kept meanwhile.", exc_info=True)
            self._purge()
            self.edition = None
            return None
        if edition != self.edition:
            self._purge()
            self.edition = edition
        return edition

    def _purge(self) -> None:
        self.pages.clear()
        self.used = 0

    def _ask(
        self,
        key: Key,
        edition: int | None,
        environ: Environ,
        start_response: Callable[..., Any],
    ) -> Iterable[bytes]:
        said: list[Any] = []
        content = self.application(environ, lambda *arguments: said.extend(arguments))
        status, headers = said[0], said[1]
        if (
            edition is None
            or environ["REQUEST_METHOD"] != "GET"
            or not may_be_kept(status, headers)
        ):
            start_response(*said)
            return content
        try:
            body = b"".join(content)
        finally:
            if hasattr(content, "close"):
                content.close()
        etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        page = Page([*headers, ("ETag", etag), ("Cache-Control", "no-cache")], body, etag)
        with self.lock:
            # Rendered after `edition` was read, so it is at least as new as that.
            if edition == self.edition:
                self._keep(key, page)
        return answer(page, environ, start_response)

    def _keep(self, key: Key, page: Page) -> None:
        if before := self.pages.pop(key, None):
            self.used -= weight(key, before)
        self.pages[key] = page
        self.used += weight(key, page)
        while self.used > self.size:
            self.used -= weight(*self.pages.popitem(last=False))


def weight(key: Key, page: Page) -> int:
    """Bytes, with what its headers and the tables around take."""
    return len(page.body) + sum(map(len, key)) + 4000


def may_be_kept(status: str, headers: Headers) -> bool:
    found = {name.lower(): value for name, value in headers}
    varies_by = {name.strip().lower() for name in found.get("vary", "").split(",")} - {""}
    return (
        status.startswith("200")
        and found.get("content-type", "").startswith("text/html")
        and int(found.get("content-length", LARGEST_PAGE + 1)) <= LARGEST_PAGE
        and varies_by <= VARIES_BY
        and not {"set-cookie", "cache-control", "etag", "last-modified", "content-encoding"}
        & found.keys()
    )


def answer(page: Page, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    if is_had(page.etag, environ.get("HTTP_IF_NONE_MATCH")):
        start_response("304 Not Modified", page.headers_without_body)
        return []
    start_response("200 OK", page.headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [page.body]


def is_had(etag: str, if_none_match: str | None) -> bool:
    if if_none_match is None:
        return False
    had = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in had or had == ["*"]
