"""python -m bench: measures the site as it ships, and holds it against its bars (README)."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil

from tests.postgres import database as postgresql

from . import load
from .servers import Server, hello, manage, site

SIZES = [10, 1_000, 10_000, 100_000]
FULL = 1_000_000
WRITERS = 8
COMMON, RARE = "communaute", "fideliser"


class Report:
    """The rows, printed as they come."""

    def __init__(self, name: str) -> None:
        self.failed = 0
        print(f"\n{name}\n")
        print(
            f"{'':<46}{'x':>8}{'ms':>8}{'queries v/m/cm':>16}{'kB':>8}{'gzip':>7}   bar", flush=True
        )

    def row(self, label: str, cost: float | None = None, unit: float = 1, **more: Any) -> None:
        look: dict[str, Any] = more.get("look") or {}
        x = "" if cost is None else f"{cost / unit:.2f}"
        ms = "" if cost is None else f"{cost * 1000:.2f}"
        queries = "/".join(str(look[who]) for who in WHO) if look else ""
        raw = f"{look['bytes'] / 1000:.1f}" if look else ""
        small = f"{look['compressed'] / 1000:.1f}" if look else ""
        verdict = ""
        for bar, holds in more.get("bars", ()):
            verdict += f"   {bar}: {'ok' if holds else 'FAILS'}"
            self.failed += not holds
        print(f"{label:<46}{x:>8}{ms:>8}{queries:>16}{raw:>8}{small:>7}{verdict}", flush=True)


WHO = ("visitor", "member", "community_manager")


class Bench:
    def __init__(
        self, report: Report, env: dict[str, str], others: tuple[int, ...], seconds: float
    ) -> None:
        self.report, self.env, self.others, self.seconds = report, env, others, seconds
        self.unit = 0.0
        self.looks: dict[str, dict[str, Any]] = {}
        self.fronts: dict[str, str] = {}  # by order, the first page of 1,000

    def module(self, *arguments: str) -> Any:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "bench.scene", *arguments],
            env=self.env,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        last = done.stdout.strip().rpartition("\n")[2]
        return json.loads(last) if last.startswith(("[", "{")) else None

    def run(self, sizes: list[int], post_count: int) -> None:
        manage(self.env, "setup")
        start = time.monotonic()
        self.module("prepare", *map(str, sizes))
        seconds = time.monotonic() - start
        bars = [("≤ 30 min", seconds <= 1800)] if FULL in sizes else []
        self.report.row(
            f"{sum(sizes):,} replies made up in {seconds:.0f} s of this machine", bars=bars
        )
        self.replay()
        searches = [f"/recherche/?q={word}" for word in (COMMON, RARE)]
        slugs = [f"fil-de-{size}" for size in sizes]
        places, self.looks = self.module("look", *slugs, *searches)

        with hello("gunicorn") as server:
            self.unit = first = load.pages(server, "/", seconds=self.seconds).cpu
        with self.serving(PAGE_CACHE="0") as server:
            self.essays(server, sizes, places)
            self.lists(server, searches)
            self.posting(server, sizes, post_count)
            plain_memory = server.memory()
        with hello("gunicorn") as server:
            second = load.pages(server, "/", seconds=self.seconds).cpu
        self.report.row("hello under gunicorn, before", first, self.unit)
        self.report.row("hello under gunicorn, after", second, self.unit)
        with hello("granian") as server:
            hello_cost = load.pages(server, "/", seconds=self.seconds)
        with self.serving() as server:
            self.cached(server, slugs[-1], hello_cost)
            for path, look in self.looks.items():
                if look["status"] == 200:
                    load.pages(server, path, seconds=0.05)
            self.memory("memory after all that, pages kept", server.memory())
        self.memory("memory after all that, no page kept", plain_memory)

    @contextmanager
    def serving(self, **variables: str) -> Iterator[Server]:
        with site(self.env | variables, self.others) as server:
            yield server

    def replay(self) -> None:
        """Other values of the policy on the latest 100,000 texts, of which none is left out."""
        found = self.module("replay")
        self.report.row(
            f"policy replayed over {found['read']:,} texts in {found['seconds']:.1f} s",
            bars=[
                ("≤ 10 s", found["seconds"] <= 10),
                (f"{found['left_out']:,} left out", not found["left_out"]),
            ],
        )

    def essays(self, server: Server, sizes: list[int], places: Any) -> None:
        for size in sizes:
            for order, paths in places[f"fil-de-{size}"].items():
                for place, path in paths.items():
                    self.essay(server, size, order, place, path)

    def essay(self, server: Server, size: int, order: str, place: str, path: str) -> None:
        look = self.looks[path]
        bars: list[tuple[str, bool]] = []
        if size > 10_000 and order in self.fronts:
            front = self.fronts[order]
            cost, front_cost = load.in_turns(server, path, front, seconds=self.seconds)
            ratio = cost.cpu / front_cost.cpu
            bars = [(f"{ratio:.2f} of 1,000’s first ≤ 1.25", ratio <= 1.25)]
            if place == "first":
                same = look["visitor"] == self.looks[front]["visitor"]
                bars.append(("queries the same", same))
        else:
            cost = load.pages(server, path, seconds=self.seconds)
        if (size, order, place) == (10_000, "anciens", "first"):
            most = dict(zip(WHO, (6, 10, 12), strict=True))
            few = all(look[who] <= most[who] for who in WHO)
            bars = [
                ("x ≤ 14", cost.cpu / self.unit <= 14),
                ("queries ≤ 6/10/12", few),
                ("gzip ≤ 25 kB", look["compressed"] <= 25_000),
            ]
        if size == 1_000 and place == "first":
            self.fronts[order] = path
        if cost.failures:
            bars.append((f"{cost.failures} failures", False))
        self.report.row(
            f"essay, {size:,} replies, {order}, {place}", cost.cpu, self.unit, look=look, bars=bars
        )

    def lists(self, server: Server, searches: list[str]) -> None:
        for path in ("/", "/definitions/"):
            cost = load.pages(server, path, seconds=self.seconds)
            self.report.row(path, cost.cpu, self.unit, look=self.looks[path])
        for path in searches:
            look = self.looks[path]
            if look["status"] != 200:
                self.report.row(f"{path}: answers {look['status']}", bars=[("a page", False)])
                continue
            cost, essay = load.in_turns(server, path, self.fronts["anciens"], seconds=self.seconds)
            ratio = cost.cpu / essay.cpu
            bars = [
                (f"{ratio:.2f} of the essay ≤ 1.5", ratio <= 1.5),
                ("queries ≤ 6", look["visitor"] <= 6),
            ]
            self.report.row(path, cost.cpu, self.unit, look=look, bars=bars)

    def posting(self, server: Server, sizes: list[int], count: int) -> None:
        sessions = self.module("sessions", str(WRITERS))
        before = self.module("count")
        small, large = "fil-de-1000", f"fil-de-{sizes[-1]}"
        in_small = load.posts(server, small, sessions, count // 4)
        in_large = load.posts(server, large, sessions, count // 4)
        middle = load.posts(server, "fil-de-10000", sessions, count)
        after = self.module("count")
        arrived = sum(after.values()) - sum(before.values())
        sent = in_small.requests + in_large.requests + middle.requests
        failures = in_small.failures + in_large.failures + middle.failures
        self.report.row(
            f"posting, {middle.requests} by {WRITERS} writers, 10,000 replies",
            middle.cpu,
            self.unit,
            bars=[
                ("x ≤ 20", middle.cpu / self.unit <= 20),
                (f"{arrived} of {sent} arrived", arrived == sent),
                (f"{failures} failures", not failures),
            ],
        )
        self.report.row("posting, 1,000 replies", in_small.cpu, self.unit)
        ratio = in_large.cpu / in_small.cpu
        self.report.row(
            f"posting, {sizes[-1]:,} replies",
            in_large.cpu,
            self.unit,
            bars=[(f"{ratio:.2f} of 1,000’s ≤ 1.2", ratio <= 1.2)],
        )

    def cached(self, server: Server, slug: str, hello_cost: load.Cost) -> None:
        self.report.row(
            f"hello on the site’s server, {hello_cost.per_second:.0f}/s", hello_cost.cpu, self.unit
        )
        path = f"/essais/{slug}/"
        connection = HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", path, headers={"Host": "localhost"})
        response = connection.getresponse()
        response.read()
        etag = response.headers["ETag"] or ""
        connection.close()
        kept = load.pages(server, path, seconds=self.seconds)
        same = load.pages(server, path, seconds=self.seconds, expect=304, If_None_Match=etag)
        for name, cost in (("kept page", kept), ("304", same)):
            ratio = hello_cost.cpu / cost.cpu
            bars = [(f"{ratio:.2f} of hello’s speed ≥ 0.5", ratio >= 0.5)]
            if cost.failures:
                bars.append((f"{cost.failures} failures", False))
            self.report.row(f"{name}, {cost.per_second:.0f}/s", cost.cpu, self.unit, bars=bars)

    def memory(self, label: str, found: dict[str, float]) -> None:
        most = 300 if self.others else 180
        total = sum(found.values())
        self.report.row(f"{label}: {total:.0f} MB", bars=[(f"≤ {most} MB", total <= most)])
        for name, size in sorted(found.items(), key=lambda item: -item[1]):
            print(f"    {size:6.1f} MB  {name}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--full", action="store_true", help="a million replies too")
    parser.add_argument("--on", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--seconds", type=float, default=2, help="for each row")
    parser.add_argument("--posts", type=int, default=2000)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, help="1000 and 10000 among them"
    )
    parser.add_argument("--folder", type=Path, help="keep what was made up here, to go on with")
    options = parser.parse_args()
    if not {1_000, 10_000} <= {*options.sizes}:
        parser.error("without discussions of 1,000 and of 10,000 there is nothing to compare with")
    sizes = [*options.sizes, *([FULL] if options.full else [])]
    failed = 0
    for engine in options.on or ["sqlite", "postgresql"]:
        with ExitStack() as stack:
            made = tempfile.TemporaryDirectory(prefix="cmdebate-bench-")
            folder = options.folder or stack.enter_context(made)
            variables = {"DATABASE_URL": f"sqlite:///{folder}/cmdebate.sqlite3"}
            if engine == "postgresql":
                variables = stack.enter_context(postgresql())
            env = os.environ | {
                "DJANGO_SETTINGS_MODULE": "bench.settings",
                "LOCAL": "1",
                "SECRET_KEY": "",
                "VAR_DIR": str(folder),
            }
            report = Report("PostgreSQL" if engine == "postgresql" else "SQLite")
            bench = Bench(report, env | variables, postmasters(variables), options.seconds)
            bench.run(sizes, options.posts)
            failed += report.failed
    print(f"\n{failed} bar(s) fail." if failed else "\nEvery bar holds.")


def postmasters(variables: dict[str, str]) -> tuple[int, ...]:
    """The process of the PostgreSQL that this run has started; none of one that it was given."""
    if "PGHOST" not in variables:
        return ()
    running = {
        process.pid: process.info
        for process in psutil.process_iter(["name", "ppid", "cmdline"])
        if process.info["name"] == "postgres"
    }
    return tuple(
        pid
        for pid, found in running.items()
        if found["ppid"] not in running and variables["PGHOST"] in " ".join(found["cmdline"] or ())
    )


if __name__ == "__main__":
    main()
