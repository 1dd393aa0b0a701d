"""Requests over loopback. What they cost is read from the servers, so that this may be slow."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import count
from urllib.parse import urlencode
from uuid import uuid4

from .servers import Server

CLIENTS = 2
WARM_UP = 12
TURNS = 3
NETWORKS = count(time.time_ns() % 100 + 11)  # a new one each time: its limits are untouched


@dataclass
class Cost:
    cpu: float  # seconds for each request
    requests: int
    failures: int
    per_second: float


def get(connection: HTTPConnection, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    return response.status, response.read()


def pages(server: Server, path: str, *, seconds: float, expect: int = 200, **headers: str) -> Cost:
    """What one page costs, asked for by a few readers at once for so many seconds."""
    headers = {"Host": "localhost", **{k.replace("_", "-"): v for k, v in headers.items()}}
    counts: list[int] = []
    failures: list[str] = []

    def read(until: Callable[[int], bool], *, anew: bool = False) -> None:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=120)
        count = 0
        while not until(count):
            try:
                status, _body = get(connection, path, headers)
                if status != expect:
                    failures.append(str(status))
            except (OSError, HTTPException) as error:
                failures.append(repr(error))
                connection.close()
            if anew:
                connection.close()
            count += 1
        connection.close()
        counts.append(count)

    def all_read(until: Callable[[int], bool], **how: bool) -> None:
        threads = [
            threading.Thread(target=read, args=(until,), kwargs=how) for _i in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    # Each time on a new connection: an old one stays with one process of the server, and the
    # other would draw the page for the first time while it is measured.
    all_read(lambda count: count >= WARM_UP, anew=True)
    counts.clear()
    failures.clear()
    start, before = time.monotonic(), server.cpu()
    all_read(lambda count: time.monotonic() > start + seconds)
    cpu, elapsed = server.cpu() - before, time.monotonic() - start
    total = sum(counts)
    return Cost(cpu / total, total, len(failures), total / elapsed)


def in_turns(server: Server, path: str, other: str, *, seconds: float) -> tuple[Cost, Cost]:
    """Two pages, each for so many seconds in all: a machine that slows down slows both."""
    costs: dict[str, list[Cost]] = {path: [], other: []}
    for _turn in range(TURNS):
        for each, found in costs.items():
            found.append(pages(server, each, seconds=seconds / TURNS))
    return _together(costs[path]), _together(costs[other])


def _together(costs: list[Cost]) -> Cost:
    requests = sum(cost.requests for cost in costs)
    return Cost(
        sum(cost.cpu * cost.requests for cost in costs) / requests,
        requests,
        sum(cost.failures for cost in costs),
        requests / sum(cost.requests / cost.per_second for cost in costs),
    )


def posts(server: Server, slug: str, sessions: list[str], count: int) -> Cost:
    """What posting a reply costs, through the form, by as many writers as there are sessions.

    The form is read once by each; its cost is not counted, as it is a page like others.
    """
    path = f"/essais/{slug}/repondre/"
    ready = threading.Barrier(len(sessions) + 1)
    failures: list[str] = []
    network = next(NETWORKS)
    share = count // len(sessions)

    def write(number: int, session: str) -> None:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=120)
        cookie = f"sessionid={session}"
        connection.request("GET", path, headers={"Host": "localhost", "Cookie": cookie})
        response = connection.getresponse()
        page = response.read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        csrf = re.search(r"csrftoken=(\w+)", response.headers.get("Set-Cookie", ""))
        ready.wait()
        if not token or not csrf:
            failures.append("no form")
            ready.wait()
            return
        for post in range(share):
            body = f"Réponse {post} de l’auteur {number} : *{uuid4()}*. " + SAID
            fields = {"csrfmiddlewaretoken": token[1], "key": str(uuid4()), "body": body}
            try:
                connection.request(
                    "POST",
                    path,
                    urlencode(fields),
                    {
                        "Host": "localhost",
                        "Cookie": f"{cookie}; csrftoken={csrf[1]}",
                        "Content-Type": "application/x-www-form-urlencoded",
                        # A handful of texts from each address, as in life.
                        "X-Forwarded-For": f"{network}.{number}.{post // 250}.{post // 25 % 250}",
                    },
                )
                response = connection.getresponse()
                response.read()
                if response.status != 302:
                    failures.append(str(response.status))
            except (OSError, HTTPException) as error:
                failures.append(repr(error))
                connection.close()
        ready.wait()
        connection.close()

    threads = [
        threading.Thread(target=write, args=(number, session))
        for number, session in enumerate(sessions)
    ]
    for thread in threads:
        thread.start()
    ready.wait()
    start, before = time.monotonic(), server.cpu()
    ready.wait()
    cpu, elapsed = server.cpu() - before, time.monotonic() - start
    for thread in threads:
        thread.join()
    sent = share * len(sessions)
    return Cost(cpu / sent, sent, len(failures), sent / elapsed)


SAID = (
    "Une communauté ne se décrète pas, elle se constate : ceux qui la font vivre y viennent "
    "pour parler de ce qu’ils aiment, et s’en vont quand on cesse de les écouter. Animer, "
    "c’est d’abord lire ; modérer vient ensuite, et rendre compte toujours."
)
