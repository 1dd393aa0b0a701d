"""Whether the words that a text puts in quotation are those of the essay.

A quotation is verified when it stands in the essay to the letter, code point by code point,
but for line ends. When it does not, and much of it does, the difference is kept to be shown.
Each step has its bound: who writes a text decides neither how long this takes nor how much
is stored.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from functools import cached_property

from essays.models import Essay, EssayQuerySet, OriginalComment, Paragraph, Term

from . import markdown
from .models import Post, Quotations, Revision

MOST = 10  # quotations of one text that are compared
LONGEST = 150  # words of a quotation whose difference is looked for
MOST_WORDS = 200_000  # of a source in which a difference is looked for
LONGEST_OF_POST = 1_000  # characters of another post that a reply may stand on
COMMON = 50  # a word that stands in the source more often than that tells nothing
ALIKE = 0.6  # what is less like its source is nobody's quotation

_LINE_END = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")
_WORD = re.compile(r"[^ \t\r\n]+")


@dataclass(frozen=True)
class Found:
    """A quotation as it is stored: where it stands, or what is nearest to it."""

    words: str  # its first ones, to tell it from the others
    verified: bool
    number: str  # of the essay
    slug: str
    anchor: str  # of the paragraph or the comment
    paragraph: int  # 0 in a comment
    comment: str  # its reference, or ""
    # Runs of words: "=" in both, "-" in the source only, "+" in the quotation only. None when
    # it is verified.
    difference: Sequence[tuple[str, str]] = ()


@dataclass
class Source:
    """What can be quoted: the body of an essay, or one of its original comments."""

    essay: Essay
    comment: OriginalComment | None
    paragraphs: Sequence[Paragraph]
    text: str = field(init=False)
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        lines = [joined(paragraph.text) for paragraph in self.paragraphs]
        self.text = " ".join(lines)
        self.starts, at = [], 0
        for line in lines:
            self.starts.append(at)
            at += len(line) + 1

    @cached_property
    def words(self) -> list[re.Match[str]]:
        return list(_WORD.finditer(self.text))

    @cached_property
    def index(self) -> dict[str, list[int]]:
        index = defaultdict(list)
        for at, word in enumerate(self.words):
            index[word[0].casefold()].append(at)
        return index


@dataclass(frozen=True)
class Match:
    """Where in a source a quotation stands, or most of it."""

    source: Source
    at: int
    difference: Sequence[tuple[str, str]] = ()

    def found(self, words: str) -> Found:
        source, comment = self.source, self.source.comment
        paragraph = source.paragraphs[bisect_right(source.starts, self.at) - 1].number
        return Found(
            words=shortened(words),
            verified=not self.difference,
            number=source.essay.number,
            slug=source.essay.slug,
            anchor=comment.ref if comment else f"p{paragraph}",
            paragraph=0 if comment else paragraph,
            comment=comment.ref if comment else "",
            difference=self.difference,
        )


def check(revision: Revision) -> None:
    """Compares the quotations in a new version with what it may quote, and keeps the result."""
    quoted = list(quoted_in(revision.body)) if ">" in revision.body else []
    if not quoted:
        return
    sources = list(sources_of(revision.post))
    found: list[Found] = []
    comment: OriginalComment | None = None
    for words in quoted:
        # Of one comment at most: see Quotations.
        open_to = [s for s in sources if s.comment is None or comment in (None, s.comment)]
        if match := verified(words, open_to) or nearest(words, open_to):
            found.append(match.found(words))
            comment = comment or match.source.comment
    if found:
        Quotations.objects.create(
            revision=revision,
            original_comment=comment,
            found=[asdict(one) for one in found],
        )


def place_of(words: str, revision: Revision) -> tuple[int, int] | None:
    """Where in another post those words stand first, as they are read."""
    parts = [re.escape(part) for part in words.split()]
    if not parts:
        return None
    # What a browser selects has blanks of its own between lines and paragraphs.
    found = re.search(r"\s+".join(parts), markdown.plain(revision.body))
    return found.span() if found else None


def offered(words: str, revision: Revision) -> str:
    """What a form begins with: the words that were selected, or the beginning of the text."""
    text = markdown.plain(revision.body)
    if place := place_of(words, revision):
        text = text[slice(*place)]
    return text[:LONGEST_OF_POST].strip()


def quoted_in(body: str) -> Iterator[str]:
    """What stands in each outermost block of quotation, as it is read."""
    lines: list[str] = []
    depth = count = 0
    for token in markdown.tokens(body):
        if token.type == "blockquote_open":
            depth += 1
        elif token.type == "blockquote_close":
            depth -= 1
            if depth == 0:
                if quoted := joined("\n".join(lines)):
                    yield quoted
                    count += 1
                lines = []
                if count == MOST:
                    return
        elif depth and token.type in ("inline", "code_block", "fence"):
            lines.append(markdown.read(token))


def joined(text: str) -> str:
    """The text with its lines in one: where they end is the file's affair, or the screen's."""
    return _LINE_END.sub(" ", text.strip())


def shortened(text: str, length: int = 60) -> str:
    return text if len(text) <= length else f"{text[:length].rsplit(' ', 1)[0]}…"


def sources_of(post: Post) -> Iterator[Source]:
    """What a text may quote: the essay that it stands under, or those on its term."""
    return sources_in(_essays_of(post))


def sources_in(essays: Iterable[Essay]) -> Iterator[Source]:
    for essay in essays:
        yield Source(essay, None, essay.paragraphs)
        for comment in essay.original_comments.all():
            comment.essay = essay
            if paragraphs := comment.paragraphs:
                yield Source(essay, comment, paragraphs)


def _essays_of(post: Post) -> Iterable[Essay]:
    if post.stands_alone:
        return essays_on(post.term)
    assert post.thread
    subject = post.thread.subject
    if isinstance(subject, Post):
        return _essays_of(subject)
    essay = subject if isinstance(subject, Essay) else subject.essay
    return _whole(Essay.objects.filter(pk=essay.pk))


def essays_on(term: Term | None) -> Iterable[Essay]:
    """The essays that argue about a term, with all that can be quoted of them."""
    return _whole(Essay.objects.filter(terms=term))


def _whole(essays: EssayQuerySet) -> EssayQuerySet:
    return essays.prefetch_related("segments", "original_comments")


def verified(quoted: str, sources: Iterable[Source]) -> Match | None:
    for source in sources:
        if (at := source.text.find(quoted)) >= 0:
            return Match(source, at)
    return None


def nearest(quoted: str, sources: Iterable[Source]) -> Match | None:
    """What is most like the quotation, if it is like enough."""
    words = _WORD.findall(quoted)
    if len(words) > LONGEST:
        return None
    best, match = ALIKE, None
    for source in sources:
        if len(source.words) > MOST_WORDS or not (window := _window(words, source)):
            continue
        likeness, at, difference = compare(words, source.words[window])
        if likeness > best or (likeness == best and match is None):
            best, match = likeness, Match(source, at, difference)
    return match


def _window(words: Sequence[str], source: Source) -> slice | None:
    """The stretch of the source that has most words of the quotation in their places."""
    step = max(len(words) // 2, 4)
    votes: Counter[int] = Counter()
    for position, word in enumerate(words):
        places = source.index.get(word.casefold(), ())
        for at in places if len(places) <= COMMON else ():
            votes.update({(at - position) // step, (at - position) // step + 1})
    if not votes:
        return None
    start = votes.most_common(1)[0][0] * step - step
    return slice(max(start, 0), max(start, 0) + len(words) + 2 * step)


def compare(
    words: Sequence[str], window: Sequence[re.Match[str]]
) -> tuple[float, int, list[tuple[str, str]]]:
    """How alike they are, where the likeness begins, and the difference word by word."""
    there = [match[0] for match in window]
    found = [block for block in _matcher(there, words).get_matching_blocks() if block.size]
    if not found:
        return 0.0, 0, []
    # What stands before and after in the source is no part of the quotation, but for the
    # words in whose place it has others.
    begin, end = found[0], found[-1]
    first = max(0, begin.a - begin.b)
    last = min(len(there), end.a + len(words) - end.b)
    likeness = 2 * sum(block.size for block in found) / (len(words) + last - first)
    runs: list[tuple[str, str]] = []
    for kind, i, j, k, m in _matcher(there[first:last], words).get_opcodes():
        gone, came = " ".join(there[first:last][i:j]), " ".join(words[k:m])
        runs += [("=", gone)] if kind == "equal" else [("-", gone), ("+", came)]
    return likeness, window[first].start(), [run for run in runs if run[1]]


def _matcher(before: Sequence[str], after: Sequence[str]) -> SequenceMatcher[str]:
    return SequenceMatcher(None, before, after, autojunk=False)
