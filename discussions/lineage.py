"""Definitions that take up, narrow, contradict or replace others: how a page finds and draws them.

A definition names at most one other, so that they stand in trees. Only what is public, or was,
has a place in one; whose text is gone keeps it, without a word of what it did with the others.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from . import shown
from .models import Post
from .models.posts import Viewer

UP, DOWN = 6, 4  # how far from the definition its tree is drawn
MOST = 40  # definitions below it
FARTHEST = 100  # how far up a circle is looked for


@dataclass(frozen=True)
class Relative:
    """A definition in its tree; `post.shown` is None where its text is gone."""

    post: Post
    depth: int
    is_this: bool

    @property
    def relation(self) -> str:
        """What it does with the one above it, as far as this person may read that."""
        version = self.post.shown
        return version.get_relation_display() if self.depth and version else ""


def of(post: Post, user: Viewer) -> list[Relative]:
    """The tree that a definition stands in, in reading order; empty where it stands alone."""
    start = post.shown.related_id if post.shown else None
    above: dict[int, int | None] = {}
    below: dict[int, list[int]] = defaultdict(list)
    for key, other, is_below in _edges(post.pk, start):
        if is_below:
            below[other].append(key)
        else:
            above[key] = other
    keys = {*above, *(key for others in below.values() for key in others)} - {post.pk}
    if not keys:
        return []
    placed = Post.objects.placed_for(user).filter(pk__in=keys)
    posts = {each.pk: each for each in shown.of(user, placed)}
    ancestors: list[Post] = []
    while start and (found := posts.pop(start, None)):
        ancestors.append(found)
        start = above.get(start) if found.shown else None
    tree = [Relative(each, depth, False) for depth, each in enumerate(reversed(ancestors))]
    tree += [Relative(post, len(ancestors), True)]
    tree += _under(post, len(ancestors) + 1, posts, below)
    return tree if len(tree) > 1 else []


def _under(
    post: Post, depth: int, posts: dict[int, Post], below: dict[int, list[int]]
) -> Iterator[Relative]:
    """Those that name a definition, each with its own. Each is taken out of `posts` once it
    has its place, so that a circle, if two edits at once made one, would be drawn once."""
    for key in sorted(below[post.pk]):
        if found := posts.pop(key, None):
            yield Relative(found, depth, False)
            yield from _under(found, depth + 1, posts, below)


def _edges(key: int, start: int | None) -> list[tuple[int, int, bool]]:
    """Which definition names which, around one: those above it, then those below."""
    with connection.cursor() as cursor:
        cursor.execute(_EDGES, [start or 0, UP, key, DOWN, MOST])
        return [(child, parent, bool(is_below)) for child, parent, is_below in cursor.fetchall()]


# One question, however far it leads.
_EDGES = """
WITH RECURSIVE
up (id, other, far) AS (
  SELECT p.id, r.related_id, 1 FROM discussions_post p
  JOIN discussions_revision r ON r.id = p.published_revision_id
  WHERE p.id = %s
  UNION ALL
  SELECT p.id, r.related_id, up.far + 1 FROM up
  JOIN discussions_post p ON p.id = up.other
  JOIN discussions_revision r ON r.id = p.published_revision_id
  WHERE up.far < %s
),
down (id, other, far) AS (
  SELECT p.id, r.related_id, 1 FROM discussions_revision r
  JOIN discussions_post p ON p.published_revision_id = r.id AND p.id = r.post_id
  WHERE r.related_id = %s
  UNION ALL
  SELECT p.id, r.related_id, down.far + 1 FROM down
  JOIN discussions_revision r ON r.related_id = down.id
  JOIN discussions_post p ON p.published_revision_id = r.id AND p.id = r.post_id
  WHERE down.far < %s
)
SELECT id, other, 0 FROM up
UNION ALL
SELECT id, other, 1 FROM (SELECT id, other FROM down LIMIT %s) AS nearest
"""


def leads_back(post: Post, other: Post) -> bool:
    """Whether a definition, through those that it names in turn, comes to another one."""
    named: Post | None = other
    for _step in range(FARTHEST):
        if named is None or named == post:
            return named is not None
        version = named.published_revision
        named = version.related if version else None
    return True
