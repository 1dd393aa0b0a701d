"""Where a reply stands in its thread; reading.py reads it from there.

A path is the parent's path and the reply's own id in base 36, six characters a level, so
that sorting by path is reading order and a branch is a range. Lower case only: on
PostgreSQL the column has the collation "C", on SQLite the default compares bytes.
"""

from datetime import datetime
from functools import cache

from django.db.models import OuterRef, SlugField, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404

from cmdebate.prepared import Given, Prepared
from essays.models import Essay, OriginalComment

from .models import Passage, Post, Thread
from .models.posts import UNCUT

Subject = Essay | Passage | OriginalComment | Post

SEGMENT = 6
MAX_DEPTH = 10  # levels; a deeper reply joins the deepest one and names whom it answers
BRANCH_SHOWN = 15  # replies of a branch on a page of its thread

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def segment(number: int) -> str:
    """`number` in base 36, as wide as a level of a path."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    if len(digits) > SEGMENT:
        raise OverflowError("more posts than a path can name")
    return digits.rjust(SEGMENT, "0")


PLACE = ("path", "depth", "root", "by_latest", "by_score", "by_contest")
BRANCH = ("branch_size", "by_latest")


def place(post: Post) -> None:
    """Gives a reply that has just got its id its place in its thread; not saved yet."""
    above = post.parent.path[: SEGMENT * (MAX_DEPTH - 1)] if post.parent else ""
    post.path = above + segment(post.pk)
    post.depth = len(post.path) // SEGMENT - 1
    post.root_id = post.parent.root_id if post.parent else post.pk
    if not post.parent:
        post.by_latest = key_of_time(post.created_at, post.pk)
        post.by_score = post.by_contest = sort_key(0, post.pk)


def begin_branch(root: Post, moment: datetime) -> None:
    """Counts a top-level reply in its branch when readers first see it; not saved yet.

    Nobody can have answered it before.
    """
    root.branch_size = 1
    root.by_latest = key_of_time(moment, root.pk)


def branch_cut() -> Coalesce:
    """The path of the first reply that a page of the thread leaves out, for an update of roots.

    Two replies at the same moment may not count each other; the next one counts both.
    """
    branch = Post.objects.filter(root=OuterRef("pk"), published_at__isnull=False)
    paths = branch.order_by("path").values("path")
    return Coalesce(Subquery(paths[BRANCH_SHOWN : BRANCH_SHOWN + 1]), Value(UNCUT))


# An order of branches is one column: a rank, and the id of the branch to tell equals apart,
# in one number. A page after a cursor is then a range of one index, however many are equal.
_ID_BITS = 31  # as many as SEGMENT can name
_RANKS = 1 << 31


def sort_key(rank: int, post_id: int) -> int:
    """`rank` from 0 to 2**31 - 1, the greater the earlier in the list."""
    return (min(max(rank, 0), _RANKS - 1) << _ID_BITS) | post_id


def key_of_time(moment: datetime, post_id: int) -> int:
    return sort_key(int(moment.timestamp()), post_id)


def thread_of(subject: Subject) -> Thread:
    """The thread under a subject; made when the first reply needs it."""
    if own := own_thread(subject):
        return own
    if isinstance(subject, Essay):
        return Thread.objects.get_or_create(essay=subject)[0]
    if isinstance(subject, Passage):
        return Thread.objects.get_or_create(passage=subject)[0]
    if isinstance(subject, OriginalComment):
        return Thread.objects.get_or_create(original_comment=subject)[0]
    if subject.stands_alone:
        return Thread.objects.get_or_create(post=subject)[0]
    assert subject.thread  # a reply stands in one
    return subject.thread


def own_thread(subject: Subject) -> Thread | None:
    """The thread under a subject, if there is one: under a reply, if it was opened."""
    name = "own_thread" if isinstance(subject, Post) else "thread"
    thread: Thread | None = getattr(subject, name, None)
    # One that somebody else was quicker to save stays in Django's memory of the subject.
    return thread if thread and thread.pk else None


def thread_under(subject: Subject) -> Thread | None:
    """The thread that a reply to it stands in, if there is one yet."""
    if isinstance(subject, Post) and not subject.stands_alone:
        return own_thread(subject) or subject.thread
    return own_thread(subject)


def essay_with_thread(slug: str) -> Essay:
    """An essay, but for its text, and the thread under it; else there is no such page."""
    found: list[Essay] = _essay_prepared().objects(slug=slug)
    if not found:
        raise Http404
    return found[0]


@cache
def _essay_prepared() -> Prepared:
    essays = Essay.objects.filter(slug=Given("slug", SlugField()))
    return Prepared(essays.select_related("thread").defer("text"))
