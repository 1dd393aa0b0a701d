"""The posts of a page, with all that it shows of them.

That comes from some twenty tables. To put such a query together, and on PostgreSQL to plan it,
takes far longer than to answer it: so posts are found by a small query, and read by one that
is prepared.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain

from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404

from cmdebate.prepared import Given, Prepared

from . import access
from .models import Amendment, Clause, Post, Revision
from .models.posts import PostQuerySet, Viewer

BATCH = 64  # a little more than a page of a thread


def of(user: Viewer, found: PostQuerySet) -> list[Post]:
    """The posts found, in that order, each with the version that this person may read."""
    return read(user, list(found.values_list("pk", flat=True)))


def get(user: Viewer, found: PostQuerySet, public_id: str) -> Post:
    """The one of that id, if it is among them; else there is no such page."""
    posts = of(user, found.filter(public_id=public_id))
    if not posts:
        raise Http404
    return posts[0]


def read(user: Viewer, keys: Sequence[int]) -> list[Post]:
    """The posts of these keys, in that order. Who calls has seen to who may know of them."""
    posts: dict[int, Post] = {}
    for start in range(0, len(keys), BATCH):
        for post in _prepared().objects(keys=keys[start : start + BATCH]):
            posts[post.pk] = post
    rows = [posts[key] for key in keys if key in posts]
    complete(rows)
    return access.shown_to(user, rows)


def complete(posts: Sequence[Post]) -> None:
    """Adds what few posts have, so that all others do without: clauses, other definitions."""
    with_threads = chain(posts, (post.thread.post for post in posts if post.thread))
    prefetch_related_objects(
        [post for post in with_threads if post and post.kind == Post.Kind.AMENDMENT],
        Prefetch("amendment", Amendment.objects.select_related(*OF_AMENDMENT)),
    )
    definitions = [post for post in posts if post.has_clauses]
    prefetch_related_objects(
        definitions,
        *(
            Prefetch(f"{version}__clauses", Clause.objects.with_passages())
            for version in ("published_revision", "pending_revision")
        ),
    )
    name_others(
        revision
        for post in definitions
        for revision in (post.published_revision, post.pending_revision)
        if revision
    )


OF_AMENDMENT = (
    "definition__author",
    "definition__definition__term",
    "definition__definition__source",
)


def name_others(revisions: Iterable[Revision]) -> None:
    """Adds to versions of definitions what names the other texts that they stand to."""
    rows = [each for each in revisions if each.related_id or each.adopted_id]
    keys = {key for each in rows for key in (each.related_id, each.adopted_id) if key}
    if not keys:
        return
    named = Post.objects.select_related("author", "definition__source").in_bulk(keys)
    for each in rows:
        each.related = named.get(each.related_id or 0)
        each.adopted = named.get(each.adopted_id or 0)


@cache
def _prepared() -> Prepared:
    posts = Post.objects.filter(pk__in=Given("keys", length=BATCH))
    return Prepared(posts.with_texts().with_place())
