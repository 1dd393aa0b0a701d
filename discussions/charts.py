"""Bars that the server draws, with the figures of the table that they stand in or above."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma


@dataclass(frozen=True)
class Column:
    """One of the things that are counted; `ink` is a class of chart.css, or "" for the screen."""

    label: str
    ink: str = ""


@dataclass(frozen=True)
class Part:
    """A stretch of a bar, in hundredths of its length."""

    count: int
    ink: str
    start: float
    length: float

    @property
    def percent(self) -> int:
        return round(self.length)

    # As SVG wants numbers, whatever the language of the page.

    @property
    def x(self) -> str:
        return f"{self.start:.2f}"

    @property
    def width(self) -> str:
        return f"{self.length:.2f}"


@dataclass(frozen=True)
class Row:
    label: str
    parts: Sequence[Part]
    total: int


@dataclass(frozen=True)
class Bars:
    """What templates/_bars.html draws."""

    columns: Sequence[Column]
    rows: Sequence[Row]


def bars(columns: Sequence[Column], rows: Iterable[tuple[str, Sequence[int]]]) -> Bars:
    """A bar for each row of counts, cut as its columns share it."""
    return Bars(columns, [_row(columns, label, counts) for label, counts in rows])


def _row(columns: Sequence[Column], label: str, counts: Sequence[int]) -> Row:
    total, start = sum(counts), 0.0
    parts = []
    for column, count in zip(columns, counts, strict=True):
        length = 100 * count / total if total else 0.0
        parts.append(Part(count, column.ink, start, length))
        start += length
    return Row(label, parts, total)


@dataclass(frozen=True)
class Compared:
    """A figure beside the one before it; None where there is none. See templates/_compared.html."""

    code: str
    label: str
    now: int | None
    before: int | None
    greatest: int
    in_words: Callable[[int], str]

    # As SVG wants numbers, whatever the language of the page.

    @property
    def width(self) -> str:
        return self._length(self.now)

    @property
    def width_before(self) -> str:
        return self._length(self.before)

    def _length(self, count: int | None) -> str:
        return f"{100 * (count or 0) / self.greatest:.2f}"

    @property
    def said(self) -> str:
        return self._said(self.now)

    @property
    def said_before(self) -> str:
        return self._said(self.before)

    def _said(self, count: int | None) -> str:
        return "–" if count is None else self.in_words(count)


def compared(
    figures: Sequence[tuple[str, str, int | None, int | None]],
    in_words: Callable[[int], str] = intcomma,
) -> list[Compared]:
    """Code, label, figure and figure before of each row; the longest bar is the greatest."""
    greatest = max((count or 0 for row in figures for count in row[2:]), default=0) or 1
    return [Compared(*row, greatest, in_words) for row in figures]
