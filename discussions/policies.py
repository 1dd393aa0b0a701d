"""The policy in force: its last version, or that of a new site."""

from functools import cache

from cmdebate.prepared import Prepared

from .models import PolicyVersion
from .policy import Policy


def current() -> Policy:
    found = _prepared().rows()
    return Policy.of(found[0][0]) if found else Policy()


@cache
def _prepared() -> Prepared:
    return Prepared(PolicyVersion.objects.order_by("-number").values_list("values")[:1])
