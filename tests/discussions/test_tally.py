"""The count of ballots, against tables made by hand."""

import pytest

from discussions.calls.tally import Count, Outcome, count

A, B, C = 1, 2, 3
LAST = {A: 11, B: 21, C: 31}  # candidates, and the last version of each


def ballots(*names: str) -> list[dict[int, int]]:
    """Each ballot as letters: a capital approves the last version, a small one an earlier."""
    keys = {"a": A, "b": B, "c": C}
    return [
        {keys[n.lower()]: LAST[keys[n.lower()]] - n.islower() for n in ballot} for ballot in names
    ]


TABLE = [
    # ballots; approvals of A, B, C; who is level at the top; retained
    ((), (0, 0, 0), (), None),
    (("", "", ""), (0, 0, 0), (), None),
    (("A",), (1, 0, 0), (A,), A),
    (("A", "B"), (1, 1, 0), (A, B), None),
    (("A", "B", "C"), (1, 1, 1), (A, B, C), None),
    (("AB", "BC", "C"), (1, 2, 2), (B, C), None),
    (("ABC", "ABC", "BC", "C", ""), (2, 3, 4), (C,), C),
    (("AB", "AB", "AB", "A", "B", "B"), (4, 5, 0), (B,), B),
    (("a", "A", "B"), (2, 1, 0), (A,), A),
    (("a", "b"), (1, 1, 0), (A, B), None),
]


@pytest.mark.parametrize("cast, approvals, level, retained", TABLE)
def test_count_is_that_of_the_table(cast, approvals, level, retained):
    outcome = count(LAST, ballots(*cast))
    assert outcome.ballots == len(cast)
    assert tuple(outcome.counts[key].approvals for key in (A, B, C)) == approvals
    assert outcome.leading == level
    assert outcome.retained == retained


def test_approvals_of_an_earlier_version_count_and_are_told_apart():
    outcome = count(LAST, ballots("a", "a", "A", "b"))
    assert outcome.counts == {A: Count(3, 2), B: Count(1, 1), C: Count(0, 0)}


def test_approvals_of_who_is_no_candidate_any_more_are_not_counted_but_the_ballot_is():
    outcome = count({A: 11, C: 31}, ballots("B", "AB", "BC", "B"))
    assert outcome == Outcome(4, {A: Count(1, 0), C: Count(1, 0)})
    assert outcome.leading == (A, C)


def test_without_a_candidate_nothing_is_retained():
    outcome = count({}, ballots("A", ""))
    assert (outcome, outcome.leading, outcome.retained) == (Outcome(2, {}), (), None)
