"""Where passages lie in an essay: finding a range, and marking it in the text.

Offsets are code points of the verbatim text, which never changes.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from django.db.models import Subquery

from essays.models import Essay, OriginalComment, Paragraph, Segment

from .. import access
from ..models import Passage, Post
from ..models.passages import CONTEXT, PassageQuerySet
from ..models.posts import Viewer

MARKED = 200  # passages on an essay's page
P = TypeVar("P", bound=Paragraph)


class NoPlace(Exception):
    """No passage can lie there."""


class NotFound(NoPlace):
    """The words are not in that place, to the letter."""


class FoundTwice(NoPlace):
    """The words stand in that place more than once."""


@dataclass(frozen=True)
class Place:
    """The paragraphs that a range touches: all of the body, or all of one comment."""

    paragraphs: Sequence[Paragraph]
    comment: OriginalComment | None

    @property
    def start(self) -> int:
        return self.paragraphs[0].start

    @property
    def end(self) -> int:
        return self.paragraphs[-1].end


def place_at(essay: Essay, start: int, end: int) -> Place:
    """Where that range lies, as readers see the essay now."""
    if body := _touched(essay.paragraphs, start, end):
        first, last = body[0].segment.position, body[-1].segment.position
        between = [s.kind for s in essay.segments.all() if first <= s.position <= last]
        if all(kind in Segment.BODY_KINDS for kind in between):
            return Place(body, None)
        raise NoPlace
    for comment in essay.original_comments.all():
        if comment.start < end and start < comment.end:
            comment.essay = essay
            if touched := _touched(comment.paragraphs, start, end):
                return Place(touched, comment)
    raise NoPlace


def place_of(passage: Passage) -> Place | None:
    """Where a passage lies, if readers may read its words there now."""
    try:
        return place_at(passage.essay, passage.start, passage.end)
    except NoPlace:
        return None


def _touched(paragraphs: Iterable[P], start: int, end: int) -> tuple[P, ...]:
    """The paragraphs of the range, if it begins in the first and ends in the last of them."""
    found = tuple(p for p in paragraphs if p.start < end and start < p.end)
    if found and found[0].start <= start < end <= found[-1].end:
        return found
    return ()


def passage_at(essay: Essay, start: int, end: int) -> Passage:
    """The passage of that range, without the blanks around it. Not saved."""
    words = essay.text[start:end]
    start += len(words) - len(words.lstrip())
    end = start + len(words.strip())
    place = place_at(essay, start, end)
    return Passage(
        essay=essay,
        original_comment=place.comment,
        start=start,
        end=end,
        exact=essay.text[start:end],
        # What stands around it in its own paragraphs: beyond them may be words that are
        # withheld one day.
        prefix=essay.text[max(place.start, start - CONTEXT) : start],
        suffix=essay.text[end : min(place.end, end + CONTEXT)],
    )


def narrowed(essay: Essay, start: int, end: int, words: str) -> Passage:
    """The passage of these words within that range or, failing that, in its paragraphs."""
    place = place_at(essay, start, end)
    pattern = _pattern(words)
    for first, last in ((start, end), (place.start, place.end)):
        found = [match.span() for match in _first_two(pattern, essay.text, first, last)]
        if len(found) == 1:
            return passage_at(essay, *found[0])
        if found:
            raise FoundTwice
    raise NotFound


def find(essays: Iterable[Essay], words: str) -> Passage:
    """The passage of these words, where they stand first in the essays or their comments."""
    pattern = _pattern(words)
    for essay in essays:
        for match in pattern.finditer(essay.text):
            try:
                return passage_at(essay, *match.span())
            except NoPlace:
                continue  # in a title, in page furniture, in a comment that is withheld
    raise NotFound


def _pattern(words: str) -> re.Pattern[str]:
    lines = [re.escape(line.strip()) for line in words.splitlines() if line.strip()]
    if not lines:
        raise NotFound
    # A browser sends line ends of its own.
    return re.compile(r"\s*\n\s*".join(lines))


def _first_two(
    pattern: re.Pattern[str], text: str, start: int, end: int
) -> Iterator[re.Match[str]]:
    for _time in range(2):
        if match := pattern.search(text, start, end):
            yield match
            start = match.start() + 1
        else:
            return


@dataclass(frozen=True)
class Run:
    """A stretch of a paragraph that the same passages lie over."""

    text: str
    passages: Sequence[Passage] = ()
    ends: Sequence[Passage] = ()  # those whose last words these are, here


@dataclass(frozen=True)
class Marked:
    """A paragraph cut where passages begin and end: the runs are its text, to the character."""

    paragraph: Paragraph
    runs: Sequence[Run]
    passages: Sequence[Passage] = ()  # those that begin in it

    @property
    def reply_count(self) -> int:
        return sum(passage.thread.reply_count for passage in self.passages)


def mark(paragraphs: Iterable[Paragraph], passages: Iterable[Passage]) -> list[Marked]:
    ordered = sorted(passages, key=lambda passage: (passage.start, passage.end))
    return [_mark(paragraph, ordered) for paragraph in paragraphs]


def _mark(paragraph: Paragraph, passages: Sequence[Passage]) -> Marked:
    over = [p for p in passages if p.start < paragraph.end and paragraph.start < p.end]
    if not over:
        return Marked(paragraph, [Run(paragraph.text)])
    begin, end = defaultdict(list), defaultdict(list)
    for passage in over:
        begin[max(passage.start, paragraph.start)].append(passage)
        end[min(passage.end, paragraph.end)].append(passage)
    cuts = sorted({paragraph.start, paragraph.end, *begin, *end})
    runs, present = [], list[Passage]()
    for at, until in pairwise(cuts):
        present = [p for p in present if p not in end[at]] + begin[at]
        text = paragraph.text[at - paragraph.start : until - paragraph.start]
        last = [p for p in end[until] if p.end <= paragraph.end]
        runs.append(Run(text, tuple(present), tuple(last)))
    return Marked(paragraph, runs, [p for p in over if p.start >= paragraph.start])


def most_answered(passages: PassageQuerySet) -> PassageQuerySet:
    """Those to mark on a page: the most answered ones if there are too many."""
    return passages.marked().order_by("-thread__reply_count", "pk")[:MARKED]


def marked_in(
    essay: Essay, user: Viewer, *, within: OriginalComment | None = None
) -> list[Passage]:
    """The passages to mark on a page, each with its letter, and its opening as this person may
    read it. One query."""
    found = most_answered((within or essay).passages.all())
    passages = list(
        found.select_related("thread", "opening__author", "opening__published_revision")
    )
    passages.sort(key=lambda passage: (passage.start, passage.end))
    for number, passage in enumerate(passages):
        passage.letter = _letter(number)
        passage.essay = essay
    access.shown_to(user, [passage.opening for passage in passages if passage.opening])
    return passages


def choose_opening(post: Post) -> None:
    """Keeps the first published reply to a passage, which stands in the margin."""
    replies = Post.objects.filter(thread=post.thread_id, depth=0, state=Post.State.PUBLISHED)
    Passage.objects.filter(thread=post.thread_id).update(
        opening=Subquery(replies.order_by("pk").values("pk")[:1])
    )


def _letter(number: int) -> str:
    """The letter of a passage on its page: a to z, then aa, ab…"""
    letters = ""
    while number >= 0:
        number, letter = divmod(number, 26)
        letters = chr(ord("a") + letter) + letters
        number -= 1
    return letters
