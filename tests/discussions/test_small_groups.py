"""No small group is shown, nor left over when those shown are taken from the total."""

from itertools import product

import pytest

from discussions.small_groups import shown_groups


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({}, set()),
        ({"young": 0, "between": 0, "senior": 0}, set()),
        ({"young": 4}, set()),
        ({"young": 5}, {"young"}),
        ({"young": 9, "between": 7, "senior": 5}, {"young", "between", "senior"}),
        # One small group: the smallest of the large ones hides what is left over.
        ({"young": 9, "between": 7, "senior": 1}, {"young"}),
        ({"young": 7, "between": 9, "senior": 4}, {"between"}),
        ({"young": 9, "between": 4}, set()),
        # Small ones that are enough together hide each other.
        ({"young": 9, "between": 2, "senior": 3}, {"young"}),
        ({"young": 9, "between": 2, "senior": 2}, set()),
        # Nobody is no reason to keep others back, and is not shown for itself.
        ({"young": 9, "between": 7, "senior": 0}, {"young", "between"}),
        ({"young": 9, "between": 0, "senior": 3}, set()),
        # All together too few: nothing.
        ({"young": 2, "between": 1, "senior": 1}, set()),
    ],
)
def test_groups_shown_by_a_table_made_by_hand(counts, shown):
    assert shown_groups(counts) == shown


def test_of_equal_groups_the_first_is_kept_back():
    assert shown_groups({"a": 3, "b": 6, "c": 6}) == {"c"}
    assert shown_groups({"c": 6, "b": 6, "a": 3}) == {"b"}


def test_another_least_number_is_respected():
    assert shown_groups({"a": 3, "b": 2, "c": 9}, least=3) == {"c"}
    assert shown_groups({"a": 3, "b": 3, "c": 9}, least=3) == {"a", "b", "c"}


def test_no_table_of_four_groups_leaves_a_small_rest():
    for sizes in product(range(12), repeat=4):
        counts = dict(enumerate(sizes))
        shown = shown_groups(counts)
        rest = sum(sizes) - sum(counts[group] for group in shown)
        assert all(counts[group] >= 5 for group in shown), sizes
        assert rest == 0 or rest >= 5 or (rest == sum(sizes) and not shown), sizes
