"""What changed between two versions of a text, word by word."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from .models import Clause, Revision

Kind = Literal["same", "gone", "new", "other"]

_WORDS = re.compile(r"\s+|[^\W_]+|.", re.DOTALL)


@dataclass(frozen=True)
class Run:
    """Some words of a text that stayed, went or came; or that other texts have not."""

    kind: Kind
    text: str


def words(before: str, after: str) -> list[Run]:
    """The runs that lead from one text to the other, in the order in which they are read."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    gone, came = "", ""
    runs: list[Run] = []

    def say(same: str) -> None:
        nonlocal gone, came
        changes: tuple[tuple[Kind, str], ...] = (("gone", gone), ("new", came), ("same", same))
        runs.extend(Run(kind, text) for kind, text in changes if text)
        gone = came = ""

    # Its rule for words that come very often keeps a hostile text from taking minutes.
    for kind, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():
        left, right = "".join(old[i:j]), "".join(new[k:m])
        if kind == "equal" and (left.strip() or not (gone and came)):
            say(left)
        else:
            # A space that two changes have in common would only cut them in pieces.
            gone, came = gone + left, came + right
    say("")
    return runs


@dataclass(frozen=True)
class Version:
    revision: Revision
    changes: list[Run]  # from the version before; empty for the first one


def versions(revisions: Iterable[Revision]) -> Iterator[Version]:
    """Each version with what it changed in the one before it, oldest first."""
    before = None
    for revision in revisions:
        text = readable(revision)
        yield Version(revision, [] if before is None else words(before, text))
        before = text


def readable(revision: Revision) -> str:
    """A version as plain lines: how it stands to another one, its clauses, its text, its tags."""
    related = revision.related
    lines = [f"{revision.get_relation_display()} {related.definition.named}"] if related else []
    lines += [clause(each) for each in revision.clauses.all()]
    return "\n".join([*lines, revision.body, ", ".join(revision.tags)]).strip()


def clause(said: Clause) -> str:
    """One clause as it is read."""
    scope = f" ({said.get_scope_display()})" if said.scope else ""
    return f"{said.get_polarity_display()} {said.text}{scope}"
