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
from django.utils.functional import Promise
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

    @property
    def sentence(self) -> Promise:
        return _SENTENCES[self]


# The words that are read first are not told: who sends them reads this too.
_SENTENCES = {
    Reason.NEWCOMER: _(
        "A community manager reads the first texts of every new member before they are published."
    ),
    Reason.VISITOR: _("It was sent without an account: such a text is always read first."),
    Reason.LINKS: _("It has many links: such a text is read first, whatever they lead to."),
    Reason.WORDS: _("It has words that are read before they are published, whoever writes them."),
    Reason.PACE: _("Many texts came from the same member in a few minutes."),
    Reason.ROLE: _("It is said in the name of the role: a second community manager reads it."),
    Reason.ASKED: _("It is the new version that a community manager had asked for."),
}

# Between what and what each number may be set.
BOUNDS: dict[str, tuple[int, int]] = {
    "newcomer_posts": (0, MOST_COUNTED),
    "most_links": (0, 100),
    "most_posts": (1, 100),
    # Six months are what European law asks for.
    "appeal_days": (183, 1830),
    "slow_minutes": (1, 1440),
    "slow_after": (1, 100),
}
MOST_WORDS = 500
LONGEST_WORD = 60
# Without that many letters before it, the star would hold most of what is written.
SHORTEST_BEGINNING = 3
# Words, with what may stand between them; the star at the end only.
_WORD = re.compile(rf"\w+(?:[ .’'-]\w+)*|(?:\w+[ .’'-])*\w{{{SHORTEST_BEGINNING},}}\*")


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

    def faults(self) -> dict[str, Any]:
        """What cannot be set so, by the name of the value."""
        found: dict[str, Any] = {}
        for name, (least, most) in BOUNDS.items():
            if not least <= getattr(self, name) <= most:
                found[name] = _("Between %(least)d and %(most)d.") % {"least": least, "most": most}
        if len(self.words) > MOST_WORDS:
            found["words"] = _("At most %(most)d words.") % {"most": MOST_WORDS}
        for word in self.words:
            if not _WORD.fullmatch(word) or len(word) > LONGEST_WORD:
                found["words"] = _(
                    "“%(word)s” cannot be found: write letters and digits, and a star at the end "
                    "of a beginning of at least %(shortest)d letters."
                ) % {"word": word, "shortest": SHORTEST_BEGINNING}
        return found

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        words = [re.escape(plain(word)).replace(r"\*", r"\w*") for word in self.words]
        return re.compile(rf"\b(?:{'|'.join(words)})\b") if words else None

    def words_in(self, text: str) -> list[str]:
        """The words of the text that this policy reads first."""
        return self.pattern.findall(plain(text)) if self.pattern else []

    def places_in(self, text: str) -> list[tuple[int, int]]:
        """Where they begin and end, in the text as it was written."""
        if self.pattern is None:
            return []
        letters = [plain(letter) for letter in text]
        # Of each letter of the plain text, which one it comes from.
        origin = [place for place, letter in enumerate(letters) for _each in letter]
        found = self.pattern.finditer("".join(letters))
        return [(origin[match.start()], origin[match.end() - 1] + 1) for match in found]

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

    @cached_property
    def plain_text(self) -> str:
        return plain(self.text)

    def kept(self) -> dict[str, Any]:
        """What stays with a version, which has the text itself; never nothing."""
        more = {name: value for name, value in asdict(self).items() if value and name != "text"}
        return {"published_posts": self.published_posts} | more

    @classmethod
    def of(cls, kept: dict[str, Any], text: str) -> Self:
        return cls(**{"by_community_manager": False} | kept, text=text)


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
            Reason.WORDS: bool(policy.pattern and policy.pattern.search(facts.plain_text)),
            Reason.PACE: facts.recent_posts >= policy.most_posts,
        }
    return Verdict(tuple(reason for reason, holds in found.items() if holds))


def links_in(text: str) -> int:
    return len(_LINK.findall(text))


_LINK = re.compile(r"https?://(?:www\.)?|\bwww\.", re.IGNORECASE)


def plain(text: str) -> str:
    """Without case and accents, and with plain apostrophes."""
    return text.lower() if text.isascii() else text.casefold().translate(_WITHOUT_ACCENTS)


class _WithoutAccents(dict[int, str]):
    """Letters that were met before are not taken apart again: texts are read by the thousand."""

    def __missing__(self, letter: int) -> str:
        split = unicodedata.normalize("NFD", chr(letter))
        self[letter] = "".join(char for char in split if not unicodedata.combining(char))
        return self[letter]


_WITHOUT_ACCENTS = _WithoutAccents({ord("’"): "'", ord("\xa0"): " "})
