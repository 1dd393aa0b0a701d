"""What somebody asks for, in the words of the index.

Every word is required; « … », “…” and "…" hold words that follow each other, as do the parts
of one that has a hyphen; a hyphen before a word or a phrase excludes it.
"""

import re
from dataclasses import dataclass

from . import words

MAX_LENGTH = 200

Phrase = tuple[str, ...]

_PART = re.compile(
    r"""
    (?:(?<!\S)(?P<minus>[-−]))?
    (?: «(?P<guillemets>[^»]*)»? | [“”"](?P<quotes>[^“”"]*)[“”"]? | (?P<plain>[^\s«»“”"]+) )
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Query:
    wanted: tuple[Phrase, ...]
    unwanted: tuple[Phrase, ...]


def parse(typed: str) -> Query:
    wanted: dict[Phrase, None] = {}
    unwanted: dict[Phrase, None] = {}
    for part in _PART.finditer(typed[:MAX_LENGTH]):
        text = part["guillemets"] or part["quotes"] or part["plain"] or ""
        if phrase := tuple(words.stems(text)):
            (unwanted if part["minus"] else wanted)[phrase] = None
    return Query(tuple(wanted), tuple(unwanted))
