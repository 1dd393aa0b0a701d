"""What a search answers: a page of texts, with what each is of and why it is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cmdebate.accounts.models import User
from cmdebate.prepared import Given, Prepared
from discussions import access
from discussions.models import Post, SearchDocument
from discussions.models.posts import PAGES
from essays.models import Essay, OriginalComment

from . import engine, texts
from .engine import Found
from .excerpts import Excerpt, excerpt
from .query import Query

PER_PAGE = 20
# With more matches than that the newest come first: to find the best, each would be read.
BEST_OF = 1000

ESSAY, COMMENT = "essay", "comment"

Essays = Mapping[int, Essay]


def all_essays() -> Essays:
    """The essays without their texts: what a search can be narrowed to."""
    return {essay.pk: essay for essay in _essays_prepared().objects()}


@cache
def _essays_prepared() -> Prepared:
    return Prepared(
        Essay.objects.only("number", "slug", "title", "author", "published_on", "language")
    )


class Filters(NamedTuple):
    kind: str = ""
    essay: Essay | None = None
    member: User | None = None
    since: date | None = None
    until: date | None = None

    @property
    def facets(self) -> tuple[str, ...]:
        return (
            *([texts.kind_facet(self.kind)] if self.kind else ()),
            *([texts.essay_facet(self.essay.pk)] if self.essay else ()),
            *([texts.member_facet(self.member.pk)] if self.member else ()),
        )

    @property
    def keys(self) -> tuple[int, int] | None:
        if not (self.since or self.until):
            return None
        first = texts.day_start(self.since or date.min)
        last = texts.day_start(self.until or date.max) + timedelta(hours=23, minutes=59)
        return SearchDocument.first_key(first), SearchDocument.last_key(last)


@dataclass(frozen=True)
class Hit:
    address: str
    what: str
    who: str
    title: str
    excerpt: Excerpt
    written: date | None = None
    # Of the title and the text, if it is not the page's.
    language: str = ""

    @property
    def day(self) -> str:
        return self.written.isoformat() if self.written else ""

    @property
    def day_in_words(self) -> str:
        return _in_words(self.written, get_language()) if self.written else ""


@lru_cache(maxsize=500)
def _in_words(day: date, language: str) -> str:
    """In the language of the page; the results of a page are often of a few days."""
    return date_format(day)


@dataclass(frozen=True)
class Results:
    hits: Sequence[Hit]
    count: int
    page: int
    # There are more than BEST_OF, and `count` is that number.
    newest_first: bool
    has_next: bool


def find(query: Query, filters: Filters, essays: Essays, page: int = 1) -> Results:
    """A page of what everybody may read of what matches."""
    request = engine.Request(query, filters.facets, filters.keys)
    page = max(1, min(page, BEST_OF // PER_PAGE))
    count = engine.count(request, BEST_OF + 1)
    newest_first = count > BEST_OF
    order = engine.newest if newest_first else engine.best
    found = order(request, PER_PAGE, (page - 1) * PER_PAGE) if count else []
    count = min(count, BEST_OF)
    return Results(
        hits=_hits(found, query, essays),
        count=count,
        page=page,
        newest_first=newest_first,
        has_next=page * PER_PAGE < count,
    )


def _hits(rows: Sequence[Found], query: Query, essays: Essays) -> list[Hit]:
    """Those that may be read: the index holds no other, but a mistake there would be a leak."""
    posts = _posts([row.post_id for row in rows if row.post_id])
    comments = _comments([row for row in rows if _is_comment(row)])
    hits = []
    for row in rows:
        if row.post_id:
            hit = _of_post(posts.get(row.post_id), row, query, essays)
        elif _is_comment(row):
            hit = _of_comment(comments.get((row.essay_id, row.ref)), row, query, essays)
        else:
            hit = _of_essay(row, query, essays)
        if hit:
            hits.append(hit)
    return hits


def _is_comment(row: Found) -> bool:
    return row.ref[:1] in ("c", "x")


def _posts(ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """Columns, not objects: a page of results would make a hundred of these."""
    if not ids:
        return {}
    rows = _posts_prepared(PER_PAGE).rows(posts=ids)
    return {row[0]: dict(zip(_COLUMNS, row, strict=True)) for row in rows}


_COLUMNS = (
    "pk",
    "kind",
    "public_id",
    "created_at",
    "author__name",
    "author__left_at",
    "definition__number",
    "definition__term__headword",
    "definition__source__who",
    "definition__source__essay",
    "amendment__definition__definition__number",
    "amendment__definition__definition__term__headword",
    "answer__survey__term__headword",
    "published_revision__title",
    "thread__essay",
    "thread__passage__essay",
    "thread__original_comment__ref",
    "thread__original_comment__essay",
    "thread__post__definition__number",
    "thread__post__definition__term__headword",
    "thread__post__definition__source__essay",
    "thread__post__amendment__definition__definition__number",
    "thread__post__amendment__definition__definition__term__headword",
    "thread__post__call__term__headword",
    "thread__post__prompt__term__headword",
)


@cache
def _posts_prepared(length: int) -> Prepared:
    posts = Post.objects.visible_to(AnonymousUser())
    found = posts.filter(pk__in=Given("posts", length=length))
    return Prepared(found.values_list(*_COLUMNS))


def _of_post(
    post: Mapping[str, Any] | None, row: Found, query: Query, essays: Essays
) -> Hit | None:
    if post is None:
        return None
    is_definition = post["kind"] == Post.Kind.DEFINITION
    title = _definition(post, "", essays) if is_definition else _place(post, essays)
    said_by = essays.get(post["definition__source__essay"])
    kind = _("Definition of an essay") if said_by else str(capfirst(Post.Kind(post["kind"]).label))
    return Hit(
        address=_address(PAGES.get(post["kind"], "post"), get_language()).replace(
            _ANY, post["public_id"]
        ),
        what=kind,
        who=post["definition__source__who"] if said_by else _who(post),
        title=post["published_revision__title"] or title,
        excerpt=excerpt(row.text, query.wanted),
        written=said_by.published_on if said_by else timezone.localdate(post["created_at"]),
        language=said_by.language if said_by else "",
    )


def _who(post: Mapping[str, Any]) -> str:
    if post["author__left_at"]:
        return _("former member")
    return post["author__name"] or (_("A visitor") if post["kind"] == Post.Kind.ANSWER else "")


_ANY = "a-text-of-any-id"  # stands nowhere else in an address


@cache
def _address(name: str, language: str) -> str:
    """The address of any text of that kind, on the pages of that language."""
    return reverse(name, args=[_ANY])


def _definition(post: Mapping[str, Any], of: str, essays: Essays) -> str:
    term = post[f"{of}definition__term__headword"]
    if essay := essays.get(post.get(f"{of}definition__source__essay", 0)):
        return _("%(term)s, essay %(number)s") % {"term": term, "number": essay.number}
    return f"{term} {post[f'{of}definition__number'] or ''}"


def _place(post: Mapping[str, Any], essays: Essays) -> str:
    """What an amendment or the thread of a reply is about, or the survey that was answered."""
    if post["amendment__definition__definition__term__headword"]:
        return _("On the definition “%(name)s”") % {
            "name": _definition(post, "amendment__definition__", essays)
        }
    if headword := post["answer__survey__term__headword"]:
        return _("The survey on “%(term)s”") % {"term": headword}
    if essay := essays.get(post["thread__essay"]):
        return _("On “%(title)s”") % {"title": essay.title}
    if essay := essays.get(post["thread__passage__essay"]):
        return _("On a passage of “%(title)s”") % {"title": essay.title}
    if essay := essays.get(post["thread__original_comment__essay"]):
        ref = post["thread__original_comment__ref"]
        return _("On the original comment %(ref)s, “%(title)s”") % {
            "ref": ref,
            "title": essay.title,
        }
    if post["thread__post__definition__term__headword"]:
        return _("On the definition “%(name)s”") % {
            "name": _definition(post, "thread__post__", essays)
        }
    if post["thread__post__amendment__definition__definition__term__headword"]:
        return _("On an amendment to the definition “%(name)s”") % {
            "name": _definition(post, "thread__post__amendment__definition__", essays)
        }
    if term := post["thread__post__call__term__headword"]:
        return _("On a call for definitions of “%(term)s”") % {"term": term}
    if term := post["thread__post__prompt__term__headword"]:
        return _("On a prompt about “%(term)s”") % {"term": term}
    return _("In a discussion")


def _comments(rows: Sequence[Found]) -> dict[tuple[int | None, str], OriginalComment]:
    if not rows:
        return {}
    wanted = Q()
    for row in rows:
        wanted |= Q(essay=row.essay_id, ref=row.ref)
    anybody = AnonymousUser()
    return {
        (comment.essay_id, comment.ref): comment
        for comment in OriginalComment.objects.filter(wanted)
        if access.may_read_comment(anybody, comment)
    }


def _of_comment(
    comment: OriginalComment | None, row: Found, query: Query, essays: Essays
) -> Hit | None:
    """It has no date of its own, and counts as of its essay's day."""
    if comment is None:
        return None
    essay = essays[comment.essay_id]
    is_pingback = comment.kind == OriginalComment.Kind.PINGBACK
    by_essayist = _("The essay’s author") if comment.by_essayist else ""
    return Hit(
        address=f"{essay.get_absolute_url()}#{row.ref}",
        what=_("Pingback") if is_pingback else _("Original comment"),
        who=comment.author or by_essayist,
        title=f"{essay.title}, {row.ref}",
        excerpt=excerpt(row.text, query.wanted),
        language=essay.language,
    )


def _of_essay(row: Found, query: Query, essays: Essays) -> Hit:
    assert row.essay_id  # one or the other, says the constraint
    essay = essays[row.essay_id]
    number = row.ref.removeprefix("p")
    return Hit(
        address=essay.get_absolute_url() + (f"#{row.ref}" if row.ref else ""),
        what=_("Essay, paragraph %(number)s") % {"number": number} if number else _("Essay"),
        who=essay.author,
        title=essay.title,
        excerpt=excerpt(row.text, query.wanted),
        written=essay.published_on,
        language=essay.language,
    )
