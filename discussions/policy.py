"""Whether a post waits: a pure function from facts to a verdict with its reasons.

The values are data, set by community managers (see policies.py); the same function says what
others would have held (moderation/replay.py).
"""

import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

# For how long after its publication a text may be edited without a mark.
FREE_EDITING = timedelta(minutes=15)
# The time in which `Facts.recent_posts` are counted.
PACE_WINDOW = timedelta(minutes=10)
# As far as published posts are counted: the highest threshold there may be.
MOST_COUNTED = 50


class Reason(models.TextChoices):
    """Why a post waits, as told to its author and at the desk."""

    NEWCOMER = "newcomer", _("the first posts of a new member")
    VISITOR = "visitor", _("sent without an account")
    LINKS = "links", _("many links")
    WORDS = "words", _("words that are read first")
    PACE = "pace", _("many texts in a short time")
    ROLE = "role", _("said in the name of the role")
    ASKED = "asked", _("the new version that was asked for")


@dataclass(frozen=True)
class Policy:
    """A value for each rule; the first ones are those of a new site."""

    # How many published posts end a newcomer's wait.
    newcomer_posts: int = 3
    # A text with more links waits.
    most_links: int = 3
    # Words and beginnings of words (arnaq*), whatever their case and accents.
    words: tuple[str, ...] = ()
    # Who sends more texts than that in PACE_WINDOW waits.
    most_posts: int = 20
    # Whether what is said in the name of the role is read by a second person first.
    validation: bool = True
    # For how long a decision can be appealed.
    appeal_days: int = 183
    # In a slow thread, how many minutes a member leaves between two replies; and how many
    # open reports on its texts slow a thread, and slow it that much more again.
    slow_minutes: int = 10
    slow_after: int = 3

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """From what a version stores; what it does not know stays as on a new site."""
        return cls(**values | {"words": tuple(values.get("words", ()))})

    def values(self) -> dict[str, Any]:
        return asdict(self) | {"words": list(self.words)}

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        words = [re.escape(plain(word)).replace(r"\*", r"\w*") for word in self.words]
        return re.compile(rf"\b(?:{'|'.join(words)})\b") if words else None

    def words_in(self, text: str) -> list[str]:
        """The words of the text that this policy reads first."""
        return self.pattern.findall(plain(text)) if self.pattern else []

    def pause(self, *, slowed: bool, reports: int) -> timedelta:
        """How long a member waits between two replies in a thread."""
        steps = slowed + reports // self.slow_after
        return timedelta(minutes=self.slow_minutes * steps)


@dataclass(frozen=True)
class Facts:
    published_posts: int  # up to MOST_COUNTED
    by_community_manager: bool
    by_visitor: bool = False
    links: int = 0
    recent_posts: int = 0  # in PACE_WINDOW, this one not included
    in_role: bool = False
    asked_again: bool = False
    text: str = ""

    def kept(self) -> dict[str, Any]:
        """What stays with a version, which has the text itself."""
        return {name: value for name, value in asdict(self).items() if value and name != "text"}

    @classmethod
    def of(cls, kept: dict[str, Any], text: str) -> Self:
        return cls(**{"published_posts": 0, "by_community_manager": False} | kept, text=text)


@dataclass(frozen=True)
class Verdict:
    reasons: tuple[Reason, ...]

    @property
    def holds(self) -> bool:
        return bool(self.reasons)


def judge(facts: Facts, policy: Policy = Policy()) -> Verdict:
    if facts.by_visitor:
        return Verdict((Reason.VISITOR,))
    found = {
        Reason.ASKED: facts.asked_again,
        Reason.ROLE: facts.in_role and policy.validation,
    }
    if not facts.by_community_manager:
        found |= {
            Reason.NEWCOMER: facts.published_posts < policy.newcomer_posts,
            Reason.LINKS: facts.links > policy.most_links,
            Reason.WORDS: bool(policy.pattern and policy.pattern.search(plain(facts.text))),
            Reason.PACE: facts.recent_posts >= policy.most_posts,
        }
    return Verdict(tuple(reason for reason, holds in found.items() if holds))


def links_in(text: str) -> int:
    return len(_LINK.findall(text))


_LINK = re.compile(r"https?://(?:www\.)?|\bwww\.", re.IGNORECASE)


def plain(text: str) -> str:
    """Without case and accents."""
    if text.isascii():
        return text.lower()
    split = unicodedata.normalize("NFD", text.casefold())
    return "".join(char for char in split if not unicodedata.combining(char))
