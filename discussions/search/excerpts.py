"""A few lines of a text around the words that were asked for."""

from typing import NamedTuple

from . import words
from .query import Phrase

LENGTH = 260
BEFORE = 80


class Excerpt(NamedTuple):
    # What stands before a match, and the match.
    marks: list[tuple[str, str]]
    rest: str


def excerpt(text: str, phrases: tuple[Phrase, ...]) -> Excerpt:
    found = _found(text, phrases)
    start, end = _window(text, found[0][0] if found else 0)
    marks, before = [], "… " if start else ""
    for first, last in found:
        if start <= first and last <= end:
            marks.append((before + text[start:first], text[first:last]))
            before, start = "", last
    return Excerpt(marks, before + text[start:end] + (" …" if end < len(text) else ""))


def _found(text: str, phrases: tuple[Phrase, ...]) -> list[tuple[int, int]]:
    """Where the phrases stand, as far as an excerpt around the first one can show."""
    ending: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        ending.setdefault(phrase[-1], []).append(phrase)
    row: list[words.Word] = []
    found, enough = [], len(text)
    for word in words.words(text):
        stem, start, end = word
        if start > enough:
            break
        row.append(word)
        for phrase in ending.get(stem, ()):
            tail = row[-len(phrase) :]
            if tuple([each[0] for each in tail]) == phrase:
                found.append((tail[0][1], end))
                enough = min(enough, end + LENGTH)
    return sorted(found)


def _window(text: str, at: int) -> tuple[int, int]:
    """Whole words, some before the first match."""
    start = max(0, min(at - BEFORE, len(text) - LENGTH))
    if start:
        space = text.find(" ", start, at)
        start = space + 1 if space >= 0 else start
    end = start + LENGTH
    if end < len(text):
        space = text.rfind(" ", start + LENGTH // 2, end)
        end = space if space >= 0 else end
    return start, min(end, len(text))
