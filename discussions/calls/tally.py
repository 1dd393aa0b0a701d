"""Approval voting: a pure function from ballots to what each candidate got."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Count:
    approvals: int
    # Those given to a version of the text that is not the last one.
    earlier: int


@dataclass(frozen=True)
class Outcome:
    ballots: int
    counts: dict[int, Count]

    @property
    def leading(self) -> tuple[int, ...]:
        return leading({key: count.approvals for key, count in self.counts.items()})

    @property
    def retained(self) -> int | None:
        """The one that got more than any other: none where several are level."""
        first, *others = self.leading or (None,)
        return None if others else first


def count(candidates: Mapping[int, int], ballots: Iterable[Mapping[int, int]]) -> Outcome:
    """Counts ballots: each maps the candidates that it approves to the version it saw of them.

    `candidates` are those that count, with their last version. A ballot for any other, or for
    nobody, is a ballot all the same: it approved none of these.
    """
    cast = list(ballots)
    given = {
        key: [ballot[key] == version for ballot in cast if key in ballot]
        for key, version in candidates.items()
    }
    counts = {key: Count(len(votes), votes.count(False)) for key, votes in given.items()}
    return Outcome(len(cast), counts)


def leading(approvals: Mapping[int, int]) -> tuple[int, ...]:
    """Who got the most approvals, if anybody got one: several, where they are level."""
    most = max(approvals.values(), default=0)
    return tuple(key for key, number in approvals.items() if number == most) if most else ()
