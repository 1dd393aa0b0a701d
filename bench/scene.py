"""python -m bench.scene …: what the bench asks of the site's own database.

prepare SIZES  copies an essay once for each size, and fills the discussion under each copy
look SLUGS     the addresses to measure under each, with queries and bytes for each reader
sessions N     members who are signed in and whose texts do not wait
replay         how long it takes to try other values of the policy on the latest texts
"""

import gzip
import json
import sys
import time
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.auth.models import AnonymousUser  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Count, Q  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from cmdebate.accounts.models import User  # noqa: E402
from cmdebate.accounts.signed_in import SessionStore  # noqa: E402
from discussions.filling.simulation import DOMAIN  # noqa: E402
from discussions.models import Post, Thread  # noqa: E402
from discussions.moderation.replay import replay  # noqa: E402
from discussions.policy import Policy  # noqa: E402
from discussions.reading import Order  # noqa: E402
from essays.models import Essay, OriginalComment, Segment  # noqa: E402

READERS = ("visitor", "member", "community_manager")
(BACKEND,) = settings.AUTHENTICATION_BACKENDS


def prepare(sizes: list[int]) -> None:
    for size in sizes:
        slug = f"fil-de-{size}"
        if Thread.objects.filter(essay__slug=slug, reply_count__gte=size).exists():
            continue
        if not Essay.objects.filter(slug=slug).exists():
            copy_essay(slug)
        definitions = 100 if size == sizes[0] else 0
        call_command(
            "simulate_debate",
            *("--essay", slug, "--replies", str(size), "--members", "1000"),
            *("--definitions", str(definitions)),
        )
    with connection.cursor() as cursor:
        # PostgreSQL would tidy up by itself, in the middle of what is measured.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


@transaction.atomic
def copy_essay(slug: str) -> None:
    """The first essay again under another slug, so that pages differ by their replies only."""
    essay = Essay.objects.order_by("pk")[0]
    segments, comments = list(essay.segments.all()), list(essay.original_comments.all())
    essay.pk = None
    essay.slug, essay.number = slug, str(900 + Essay.objects.count())
    essay.position = Essay.objects.order_by("-position")[0].position + 1
    essay.save()
    for segment in segments:
        segment.pk, segment.essay = None, essay
    Segment.objects.bulk_create(segments)
    new: dict[int, OriginalComment] = {}
    for comment in comments:
        before, parent = comment.pk, comment.parent_id
        comment.pk, comment.essay = None, essay
        comment.parent = new[parent] if parent else None
        comment.save()
        new[before] = comment


def places(slug: str) -> dict[str, dict[str, str]]:
    """By order, the addresses of the first, a middle and the last page."""
    thread = Thread.objects.get(essay__slug=slug)
    roots = Post.objects.visible_to(AnonymousUser()).filter(thread=thread, depth=0)
    count = roots.count()
    found: dict[str, dict[str, str]] = {}
    for order in Order:
        column = order.column if order == Order.OLDEST else f"-{order.column}"
        ids = roots.order_by(column).values_list("public_id", flat=True)
        start = f"/essais/{slug}/"
        query = "?" if order == Order.OLDEST else f"?tri={order.value}&"
        found[order.value] = {"first": start if order == Order.OLDEST else start + query[:-1]}
        if count > 50:
            found[order.value]["middle"] = f"{start}{query}apres={ids[count // 2]}"
            found[order.value]["last"] = f"{start}{query}apres={ids[count - 21]}"
    return found


def seen(path: str) -> dict[str, Any]:
    """Queries of a page that nobody has asked this process for, and what it weighs."""
    found: dict[str, Any] = {}
    for reader in READERS:
        client = Client(headers={"host": "localhost"})
        if reader != "visitor":
            people = User.objects.filter(email__endswith="@example.org", role=reader)
            client.force_login(people[0], BACKEND)
        client.get(path)  # what everybody sees alike is drawn once by each process
        with CaptureQueriesContext(connection) as queries:
            response = client.get(path)
        found[reader] = len(queries)
        if reader == "visitor":
            page = response.content if response.status_code == 200 else b""
            found |= {
                "status": response.status_code,
                "bytes": len(page),
                "compressed": len(gzip.compress(page, 6)),
            }
    return found


def sessions(count: int) -> list[str]:
    """Whose texts do not wait: three of each are published."""
    writers = User.objects.filter(email__endswith=f"@{DOMAIN}").annotate(
        published=Count("posts", Q(posts__state="published"))
    )
    keys = []
    for writer in writers.filter(published__gte=3).order_by("pk")[:count]:
        session = SessionStore()
        session[SESSION_KEY] = str(writer.pk)
        session[BACKEND_SESSION_KEY] = BACKEND
        session[HASH_SESSION_KEY] = writer.get_session_auth_hash()
        session.create()
        keys.append(str(session.session_key))
    return keys


def replayed() -> dict[str, Any]:
    """With words on both sides, and a threshold that holds thousands more."""
    words = [f"{word}*" for word in Essay.objects.order_by("pk")[0].text.split() if word.isalpha()]
    now = Policy(words=tuple(words[:50]))
    start = time.monotonic()
    made = replay(now, Policy(newcomer_posts=20, words=tuple(words[50:100])))
    return {"seconds": time.monotonic() - start, "read": made.read, "left_out": made.left_out}


def main(what: str, *arguments: str) -> None:
    if what == "prepare":
        prepare([int(size) for size in arguments])
    elif what == "look":
        others = ["/definitions/", "/", *[a for a in arguments if a.startswith("/")]]
        slugs = [a for a in arguments if not a.startswith("/")]
        by_slug = {slug: places(slug) for slug in slugs}
        paths = [p for orders in by_slug.values() for by in orders.values() for p in by.values()]
        print(json.dumps([by_slug, {path: seen(path) for path in [*paths, *others]}]))
    elif what == "sessions":
        print(json.dumps(sessions(int(arguments[0]))))
    elif what == "replay":
        print(json.dumps(replayed()))
    elif what == "count":
        threads = Thread.objects.exclude(essay=None).values_list("essay__slug", "reply_count")
        print(json.dumps(dict(threads)))


if __name__ == "__main__":
    main(*sys.argv[1:])
