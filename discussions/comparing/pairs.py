"""Which clauses of two or three definitions speak of the same thing: pure functions of their words.

Words are compared as search compares them: without accents, case, endings or little words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Protocol

from discussions.differences import Run, words
from discussions.search.words import stems
from discussions.search.words import words as words_of

# From there on, of 1, two clauses speak of the same thing: of two definitions, of two versions
# of one.
ALIKE, SAME = 0.4, 0.25


class Sayable(Protocol):
    """A clause, stored or not."""

    @property
    def polarity(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def scope(self) -> str: ...


Group = tuple[Sayable | None, ...]  # of each definition the clause that speaks of the thing, if any


class Kind(StrEnum):
    SHARED = "shared"
    OPPOSED = "opposed"
    ALONE = "alone"  # the others are silent


@dataclass(frozen=True)
class Cell:
    clause: Sayable
    runs: list[Run]  # its words, those marked that another clause of the row has not
    scope_differs: bool


@dataclass(frozen=True)
class Row:
    kind: Kind
    cells: list[Cell | None]

    @property
    def is_opposed(self) -> bool:
        return self.kind == Kind.OPPOSED


def likeness(one: Sayable, other: Sayable) -> float:
    """How much of their words two clauses have in common, from 0 to 1."""
    left, right = set(stems(one.text)), set(stems(other.text))
    if not (left and right):
        return float(one.text.strip().casefold() == other.text.strip().casefold())
    return 2 * len(left & right) / (len(left) + len(right))


def grouped(columns: Sequence[Sequence[Sayable]], alike: float = ALIKE) -> list[Group]:
    """The clauses of these definitions, those together that are most alike, none twice.

    The most alike find each other first; of equals, those that stand first.
    """
    places = [(column, at) for column, clauses in enumerate(columns) for at in range(len(clauses))]
    pairs = [
        (-likeness(columns[one[0]][one[1]], columns[other[0]][other[1]]), one, other)
        for one, other in combinations(places, 2)
        if one[0] != other[0]
    ]
    group = {place: {place[0]: place[1]} for place in places}
    for unlike, one, other in sorted(pairs):
        left, right = group[one], group[other]
        if -unlike >= alike and left.keys().isdisjoint(right):
            left |= right
            group |= {place: left for place in left.items()}
    found = {id(each): each for each in group.values()}.values()
    return [
        tuple(
            columns[column][each[column]] if column in each else None
            for column in range(len(columns))
        )
        for each in found
    ]


def compared(columns: Sequence[Sequence[Sayable]]) -> list[Row]:
    """What these definitions share, where they are opposed, what one says and others do not."""
    rows = [_row(group) for group in grouped(columns)]
    return sorted(rows, key=lambda row: list(Kind).index(row.kind))


def _row(group: Group) -> Row:
    clauses = [clause for clause in group if clause]
    kind = Kind.SHARED if len({clause.polarity for clause in clauses}) == 1 else Kind.OPPOSED
    if len(clauses) == 1:
        kind = Kind.ALONE
    scope_differs = len({clause.scope for clause in clauses}) > 1
    return Row(kind, [_cell(clause, clauses, scope_differs) for clause in group])


def _cell(clause: Sayable | None, row: Sequence[Sayable], scope_differs: bool) -> Cell | None:
    if clause is None:
        return None
    others = [other.text for other in row if other is not clause]
    return Cell(clause, marked(clause.text, others), scope_differs)


def marked(text: str, others: Sequence[str]) -> list[Run]:
    """The text in runs: words that one of the others has not are told from those all have."""
    common = set.intersection(*(set(stems(other)) for other in others)) if others else None
    runs: list[Run] = []
    at = 0
    for stem, start, end in words_of(text) if common is not None else ():
        if stem not in (common or ()):
            if start > at:
                runs.append(Run("same", text[at:start]))
            runs.append(Run("other", text[start:end]))
            at = end
    if at < len(text):
        runs.append(Run("same", text[at:]))
    return runs


@dataclass(frozen=True)
class Change:
    """A clause before and after; one of the two may not be there."""

    before: Sayable | None
    after: Sayable | None
    left: list[Run]
    right: list[Run]

    @property
    def turned(self) -> bool:
        """Whether what it is becomes what it is not, or the reverse."""
        return bool(self.before and self.after) and self._differ("polarity")

    @property
    def scope_differs(self) -> bool:
        return bool(self.before and self.after) and self._differ("scope")

    @property
    def is_same(self) -> bool:
        return self.before is not None and not any(map(self._differ, ("polarity", "text", "scope")))

    def _differ(self, name: str) -> bool:
        return getattr(self.before, name, "") != getattr(self.after, name, "")


def changes(before: Sequence[Sayable], after: Sequence[Sayable]) -> list[Change]:
    """The clauses of two versions side by side, in the order of the later one; what is gone
    stands where it stood."""
    found = grouped([before, after], SAME)
    kept = [group for group in found if group[1]]
    kept.sort(key=lambda pair: _at(after, pair[1]))
    for group in sorted(found, key=lambda pair: _at(before, pair[0])):
        if not group[1]:
            at = _at(before, group[0])
            earlier = [i for i, row in enumerate(kept) if _at(before, row[0]) < at]
            kept.insert(max(earlier, default=-1) + 1, group)
    return [_change(old, new) for old, new in kept]


def _at(clauses: Sequence[Sayable], clause: Sayable | None) -> int:
    return next((i for i, each in enumerate(clauses) if each is clause), len(clauses))


def _change(before: Sayable | None, after: Sayable | None) -> Change:
    runs = words(before.text if before else "", after.text if after else "")
    return Change(before, after, *split(runs))


def split(runs: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """The runs of a change as they are read in each of the two texts."""
    return [r for r in runs if r.kind != "new"], [r for r in runs if r.kind != "gone"]
