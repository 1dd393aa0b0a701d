"""A thread as it is read: its branches in the order the reader chose, a page at a time.

A page is some fifty replies: whole branches, the long ones shortened to their first replies
and read further on a page of their own. What it costs depends on neither the length of the
thread nor the place of the page in it: branches are a range of an index (threads.sort_key),
and so are the first replies of each (threads.branch_cut).

What most readers see of a reply is drawn once and kept in the process (`Row.key`), and so is a
branch of such replies (`Branch.key`): they say nothing that depends on who reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.db import models
from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, Value
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cmdebate.prepared import Given, Prepared

from . import access, brakes, shown, threads
from .hiding import NOTHING_HIDDEN, Hidden, hidden_in
from .models import Post, Thread, Vote
from .models.posts import Viewer

PAGE_SIZE = 50  # replies, about: a page ends with a branch


class Order(models.TextChoices):
    """How the branches of a thread follow each other; inside a branch, reading order holds."""

    OLDEST = "anciens", _("Oldest first")
    NEWEST = "recents", _("Latest activity")
    BEST = "utiles", _("Most useful")
    CONTESTED = "disputes", _("Most disputed")

    @property
    def column(self) -> str:
        return _COLUMNS[self]


_COLUMNS = {
    Order.OLDEST: "pk",
    Order.NEWEST: "by_latest",
    Order.BEST: "by_score",
    Order.CONTESTED: "by_contest",
}


class Place(NamedTuple):
    """What a page asks of a thread, as its address says it."""

    order: Order = Order.OLDEST
    after: str = ""  # public id of the top-level reply to go on after
    start: str = ""  # public id of the top-level reply to begin with
    branch: str = ""  # public id of the reply to read its branch from

    def query(self) -> str:
        """The place in the query of an address."""
        order = "" if self.order == Order.OLDEST else self.order.value
        named = {"tri": order, "apres": self.after, "depuis": self.start, "branche": self.branch}
        return urlencode({name: value for name, value in named.items() if value})


FIRST = Place()


class Light(NamedTuple):
    """What a page needs of every reply to know what to show of it."""

    pk: int
    public_id: str
    path: str
    depth: int
    root_id: int
    state: str
    author_id: int
    published_revision_id: int | None
    pending_revision_id: int | None
    useful: int
    not_useful: int
    swayed_count: int
    author_name: str
    author_role: str
    parent_name: str
    own_replies: int | None
    quoted_comment_state: str | None
    quoted_post_state: str | None
    quoted_author_name: str | None
    vote: bool | None  # this reader's


_COLUMNS_OF_LIGHT = (
    *("pk", "public_id", "path", "depth", "root_id", "state", "author_id"),
    *("published_revision_id", "pending_revision_id", "useful", "not_useful", "swayed_count"),
    *("author__name", "author__role", "parent__author__name", "own_thread__reply_count"),
    "published_revision__quotations__original_comment__state",
    *("quotation__revision__post__state", "quotation__revision__post__author__name", "vote"),
)


@dataclass
class Row:
    """A reply on a page: drawn already, or to be drawn."""

    light: Light
    more: str = ""  # the first reply of its branch that the page leaves out
    key: str = ""  # under which it is kept once drawn, if many people see the same
    html: str = ""
    post: Post | None = None

    @property
    def depth(self) -> int:
        return self.light.depth


@dataclass
class Branch:
    """A top-level reply and its answers, or what a page shows of them."""

    rows: list[Row]
    key: str = ""  # as that of a row
    html: str = ""


@dataclass(frozen=True)
class Page:
    branches: Sequence[Branch]
    place: Place = FIRST
    from_start: bool = True
    next: str = ""  # the top-level reply to go on after, if there is more
    next_in_branch: str = ""
    number: int | None = None  # of the thread, by which the record knows it
    reply_count: int = 0
    brake: brakes.Brake | None = None  # what slows or closes it now
    hidden: Hidden = NOTHING_HIDDEN

    @property
    def orders(self) -> type[Order]:
        return Order

    @property
    def start_query(self) -> str:
        return Place(self.place.order).query()

    @property
    def next_query(self) -> str:
        return Place(self.place.order, after=self.next).query()


EMPTY_PAGE = Page(())


def read(thread: Thread | None, user: Viewer, place: Place = FIRST) -> Page:
    """A page of the thread, as this person may see it.

    A cursor that this person cannot see here is passed over.
    """
    if thread is None:
        return Page((), place)
    if place.branch:
        found = _branch(thread, user, place)
        if found:
            return Page(
                _drawn([found[:PAGE_SIZE]], {}, user),
                place,
                from_start=False,
                next_in_branch=found[PAGE_SIZE].public_id if len(found) > PAGE_SIZE else "",
                number=thread.pk,
                reply_count=thread.reply_count,
                brake=brakes.on(thread),
                hidden=hidden_in(thread),
            )
    roots, from_start = _roots(thread, user, place)
    chosen, total = [], 0
    for root in roots[:PAGE_SIZE]:
        if total >= PAGE_SIZE:
            break
        chosen.append(root)
        total += max(1, min(root.branch_size, threads.BRANCH_SHOWN))
    branches, more = _first_replies(user, chosen)
    return Page(
        _drawn(branches, more, user),
        place,
        from_start=from_start,
        next=chosen[-1].public_id if len(roots) > len(chosen) else "",
        number=thread.pk,
        reply_count=thread.reply_count,
        brake=brakes.on(thread),
        hidden=hidden_in(thread),
    )


def ahead(subject: threads.Subject) -> Page:
    """What whoever is about to reply to it must know of the thread; none of its replies."""
    return Page((), brake=brakes.on(threads.thread_under(subject)))


class _Root(NamedTuple):
    pk: int
    public_id: str
    branch_size: int
    branch_cut: str


class _AnyMember(Given):
    """Whoever reads, in what is prepared once for all members."""

    is_authenticated = True


def _reader(*, signed_in: bool) -> Viewer:
    return cast(Viewer, _AnyMember("reader")) if signed_in else AnonymousUser()


@cache
def _roots_prepared(order: Order, compare: str, *, signed_in: bool) -> Prepared:
    standing = Post.objects.standing_for(_reader(signed_in=signed_in))
    roots = standing.filter(thread=Given("thread"), depth=0)
    column = order.column
    ordered = roots.order_by(column if order == Order.OLDEST else f"-{column}")
    if compare:
        # Looked up in the same query; where there is none, no row compares to it.
        key = roots.filter(public_id=Given("cursor", CharField())).values(column)[:1]
        ordered = ordered.filter(**{f"{column}__{compare}": key})
    return Prepared(ordered.values_list(*_Root._fields)[: PAGE_SIZE + 1], one_plan=False)


@cache
def _branches_prepared(*, signed_in: bool) -> Prepared:
    reader = _reader(signed_in=signed_in)
    # The roots by what stands in their own rows: from there, the first replies of each are a
    # range of an index. By thread or root_id, PostgreSQL would rather read whole branches.
    found = _with_vote(Post.objects.standing_for(reader), reader).filter(
        root__public_id__in=Given("roots", CharField(), length=PAGE_SIZE),
        path__lte=F("root__branch_cut"),
    )
    return Prepared(found.values_list(*_COLUMNS_OF_LIGHT))


def _roots(thread: Thread, user: Viewer, place: Place) -> tuple[list[_Root], bool]:
    """The branches from the cursor on, and whether they are the first ones."""

    def rows(compare: str) -> list[_Root]:
        asked = _roots_prepared(place.order, compare, signed_in=user.is_authenticated)
        found = asked.rows(thread=thread.pk, reader=user.pk, cursor=cursor)
        return [_Root(*row) for row in found]

    if cursor := place.after or place.start:
        compare = "gt" if place.order == Order.OLDEST else "lt"
        after = rows(compare + "e" if place.start else compare)
        here = Post.objects.standing_for(user).filter(thread=thread, depth=0, public_id=cursor)
        if after or here.exists():
            return after, False
    return rows(""), True


def _first_replies(
    user: Viewer, roots: Sequence[_Root]
) -> tuple[list[list[Light]], dict[int, str]]:
    """Of each branch its first replies, in one query.

    And the replies after which more are left out: by their pk, the first of those.
    """
    branches: dict[int, list[Light]] = {root.pk: [] for root in roots}
    if not roots:
        return [], {}
    asked = _branches_prepared(signed_in=user.is_authenticated)
    rows = asked.rows(roots=[root.public_id for root in roots], reader=user.pk)
    light = [Light(*values) for values in rows]
    for row in sorted(light, key=lambda row: row.path):
        branches[row.root_id].append(row)
    more: dict[int, str] = {}
    for root, replies in zip(roots, branches.values(), strict=True):
        if replies[-1].path == root.branch_cut:
            left_out = replies.pop()
            more[replies[-1].pk] = left_out.public_id
    return list(branches.values()), more


def _branch(thread: Thread, user: Viewer, place: Place) -> list[Light]:
    """A branch from one of its replies on."""
    standing = Post.objects.standing_for(user).filter(thread=thread)
    start = standing.filter(public_id=place.branch).values_list("root_id", "path").first()
    if start is None:
        return []
    root_id, path = start
    rows = _with_vote(standing, user).filter(root_id=root_id, path__gte=path).order_by("path")
    return [Light(*row) for row in rows.values_list(*_COLUMNS_OF_LIGHT)[: PAGE_SIZE + 1]]


def _drawn(branches: Sequence[Sequence[Light]], more: dict[int, str], user: Viewer) -> list[Branch]:
    """The branches with what is kept of them, and the posts that are still to be drawn."""
    eyes = access.eyes_of(user)
    found = [Branch([Row(light, more.get(light.pk, "")) for light in rows]) for rows in branches]
    for branch in found:
        if all(_looks_alike(row.light, user, eyes) for row in branch.rows):
            branch.key = _key("branch", eyes, [(*row.light, row.more) for row in branch.rows])
    kept: dict[str, Any] = caches["drawn"].get_many(branch.key for branch in found if branch.key)
    loose = []
    for branch in found:
        branch.html = kept.get(branch.key, "")
        if not branch.html:
            loose += branch.rows
    for row in loose:
        if _looks_alike(row.light, user, eyes):
            row.key = _key("reply", eyes, *row.light)
    kept = caches["drawn"].get_many(row.key for row in loose if row.key)
    missing = {}
    for row in loose:
        row.html = kept.get(row.key, "")
        if not row.html:
            missing[row.light.pk] = row
    for post in shown.read(user, [*missing]):
        post.my_vote = missing[post.pk].light.vote
        missing[post.pk].post = post
    return found


def _looks_alike(row: Light, user: Viewer, eyes: str) -> bool:
    """Whether everybody with these eyes sees the same of a reply."""
    return (
        row.state == Post.State.PUBLISHED
        and row.vote is None
        and row.author_id != user.pk
        and not (eyes == "moderator" and row.pending_revision_id)
    )


def _key(*depends_on: Any) -> str:
    """Names what is drawn by all that it depends on: the random public ids among that keep
    apart what a restored database might number alike."""
    said = repr((get_language(), depends_on))
    return blake2b(said.encode(), digest_size=16).hexdigest()


def _with_vote(posts: "QuerySet[Post]", user: Viewer) -> "QuerySet[Post]":
    if not user.is_authenticated:
        return posts.annotate(vote=Value(None, models.BooleanField()))
    votes = Vote.objects.filter(voter=user, post=OuterRef("pk"))
    return posts.annotate(vote=Subquery(votes.values("useful")[:1]))


def position(post: Post, order: Order = Order.OLDEST) -> Place:
    """Where to read a thread so as to find a reply on the page."""
    assert post.root
    if post.path < post.root.branch_cut:
        return Place(order, start=post.root.public_id)
    return Place(order, branch=post.public_id)


def fits_one_page(thread: Thread) -> bool:
    """Whether a link to a post in it can do without saying where to begin."""
    return thread.reply_count + thread.hidden_count <= threads.BRANCH_SHOWN
