"""Nested lists from rows that already stand in reading order."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import template

register = template.Library()


@dataclass
class Node:
    row: Any
    opens: bool  # a list begins before this row
    closes: range  # one turn for each list that ends before it
    ends: range = range(0)  # one turn for each list that ends after it: the last row only
    below: int = 0  # rows in the lists that begin after this row


@register.filter
def nested(rows: Iterable[Any]) -> list[Node]:
    """Says, for rows with a `depth`, where the template opens and closes its lists.

    A row whose parent is not among the rows stands at most one level below the row before.
    """
    nodes: list[Node] = []
    above: list[Node] = []  # the nodes that the present row stands below
    for row in rows:
        level = min(row.depth, len(above))
        node = Node(row, opens=level == len(above), closes=range(len(above) - level - 1))
        del above[level:]
        for parent in above:
            parent.below += 1
        above.append(node)
        nodes.append(node)
    if nodes:
        nodes[-1].ends = range(len(above) - 1)
    return nodes
