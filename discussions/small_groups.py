"""Which groups of people are large enough to be shown beside a total of all."""

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K")

LEAST = 5  # people


def shown_groups(counts: Mapping[K, int], least: int = LEAST) -> set[K]:
    """The groups that may be shown, each of at least `least` people.

    Whoever subtracts them from the total learns of nobody in particular: those that are not
    shown are nobody at all, or at least `least` people together. So where a small group stands
    alone, the smallest of the large ones is kept back with it. A group of nobody is kept back
    too: to tell that it is empty would tell that another one is not.

    Where everybody together is fewer than `least`, nothing is shown, and the total may not be
    either: the caller sees to that.
    """
    by_size = sorted(counts, key=counts.__getitem__)  # of equals, the first in `counts` is first
    shown = [group for group in by_size if counts[group] >= least]
    kept_back = sum(counts.values()) - sum(counts[group] for group in shown)
    while shown and 0 < kept_back < least:
        kept_back += counts[shown.pop(0)]
    return set(shown)
