"""The policy in force, and what every version of it changed, in words for everybody."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from cmdebate.prepared import Prepared

from .models import Decision, PolicyVersion
from .policy import Policy

LABELS: dict[str, Any] = {
    "newcomer_posts": gettext_lazy("Published texts that end a new member’s wait"),
    "most_links": gettext_lazy("Links that a text may have"),
    "words": gettext_lazy("Words that are read first"),
    "most_posts": gettext_lazy("Texts in ten minutes from which a member’s wait"),
    "validation": gettext_lazy("What is said in the name of the role is read by a second person"),
    "appeal_days": gettext_lazy("Days in which a decision can be appealed"),
    "slow_minutes": pgettext_lazy("policy", "Minutes between two replies in a slow thread"),
    "slow_after": gettext_lazy("Open reports that slow a thread by themselves"),
}


@dataclass(frozen=True)
class Change:
    label: str | Promise
    before: str
    after: str


@dataclass(frozen=True)
class Version:
    number: int
    # Its entry of the record; the values of a new site have none.
    entry: Decision | None
    changes: list[Change]


def current() -> Policy:
    found = _prepared().rows()
    return Policy.of(found[0][0]) if found else Policy()


@cache
def _prepared() -> Prepared:
    return Prepared(PolicyVersion.objects.order_by("-number").values_list("values")[:1])


def number() -> int:
    """Of the version in force; a new site's values are 0."""
    found = PolicyVersion.objects.values_list("number", flat=True).first()
    return found or 0


def versions() -> list[Version]:
    """All there were, the latest first, each with what it changed and its entry."""
    rows = list(PolicyVersion.objects.order_by("number"))
    entries = Decision.objects.filter(policy__in=rows).select_related("payload", "by")
    by_policy = {entry.policy_id: entry for entry in entries}
    told, before = [], Policy()
    for row in rows:
        after = Policy.of(row.values)
        told.append(Version(row.number, by_policy.get(row.pk), changes(before, after)))
        before = after
    return [*reversed(told), Version(0, None, [])]


def changes(before: Policy, after: Policy) -> list[Change]:
    return [
        Change(label, _told(name, getattr(before, name)), _told(name, getattr(after, name)))
        for name, label in LABELS.items()
        if getattr(before, name) != getattr(after, name)
    ]


def _told(name: str, value: Any) -> str:
    """A value in words. How many words are read first is told, not which."""
    if name == "words":
        return ngettext("%(count)d word", "%(count)d words", len(value)) % {"count": len(value)}
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
