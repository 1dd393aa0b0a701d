"""Bars that the server draws, with the figures of the table that stands under them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


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
