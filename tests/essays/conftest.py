import hashlib
from pathlib import Path

import pytest

TEXT = """\
Un titre

Premier paragraphe.
Une citation.
Second, avec un 🦆.
  1. Un commentaire.
    • Une réponse,
      en deux lignes.
Ping : Ailleurs
Laisser un commentaire"""

MANIFEST = """\
[[terms]]
slug = "mot"
headword = "mot"

[[essays]]
number = "7"
file = "un.txt"
sha256 = "SHA256"
slug = "un-titre"
title = "Un titre"
title_line = 1
author = "Une autrice"
author_basis = "page"
published_on = 2013-05-21
date_basis = "copy"
address = "https://example.org/un"
address_basis = "copy"
language = "fr"
announced = 3
standfirst = "Une ligne."
tags = ["métier", "gestion"]
terms = ["mot"]
segments = [
  { first = 1, last = 2, kind = "title" },
  { first = 3, last = 3, kind = "body" },
  { first = 4, last = 4, kind = "quotation", speaker = "Quelqu’un", speaker_basis = "text" },
  { first = 5, last = 5, kind = "body", role = "signature" },
  { first = 6, last = 6, kind = "comment", id = "c1", marker = "1.", author = "A", \
author_basis = "reply" },
  { first = 7, last = 8, kind = "comment", id = "c2", parent = "c1", marker = "•", \
by_essayist = true, author_basis = "inferred" },
  { first = 9, last = 9, kind = "pingback", id = "x1", label = "Ailleurs" },
  { first = 10, last = 10, kind = "furniture", role = "form" },
]
"""


class Folder:
    """A folder with one good essay, which a test spoils or corrects."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest = MANIFEST
        self.write_text(TEXT.encode())

    def write_text(self, raw: bytes, name: str = "un.txt") -> None:
        (self.path / name).write_bytes(raw)
        self.sha256 = hashlib.sha256(raw).hexdigest()
        self.write()

    def change(self, old: str, new: str) -> None:
        assert old in self.manifest
        self.manifest = self.manifest.replace(old, new, 1)
        self.write()

    def write(self) -> None:
        (self.path / "manifest.toml").write_text(self.manifest.replace("SHA256", self.sha256))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


DEBATE = """\
[[duties]]
slug = "animer"
name = "animer"
line = "Faire vivre un lieu."

[[duties]]
slug = "veiller"
name = "veiller"
line = "Regarder ce qui se dit."

[[claims]]
id = "a1"
essay = "un-titre"
line = 3
words = "Premier"
polarity = "is"
duty = "animer"
for = ["animer"]
who = "l’autrice"
gist = "Il anime."

[[claims]]
id = "a2"
essay = "un-titre"
line = 6
words = "Un commentaire"
polarity = "should_not"
duty = "veiller"
against = ["animer", "veiller"]
who = "un commentaire (A, d’après la réponse)"
remark = "ironique"
gist = "Il ne veille pas."
contradicts = ["a1"]

[[definitions]]
id = "d1"
essay = "un-titre"
line = 5
words = "avec un 🦆"
polarity = "is"
who = "l’autrice"
remark = "parodie"

[[definitions]]
id = "d2"
essay = "un-titre"
line = 8
words = "deux lignes"
polarity = "is_not"
who = "l’autrice, en commentaire"
"""


class DebateFolder(Folder):
    """The same with what an editor found in it."""

    debate: str | None = DEBATE

    def write(self) -> None:
        super().write()
        if self.debate is None:
            (self.path / "debate.toml").unlink(missing_ok=True)
        else:
            (self.path / "debate.toml").write_text(self.debate)

    def change_debate(self, old: str, new: str) -> None:
        assert self.debate and old in self.debate
        self.debate = self.debate.replace(old, new, 1)
        self.write()

    def drop(self, block: str, name: str) -> None:
        """Takes out the block of that kind with that id or slug."""
        assert self.debate
        blocks = f"\n{self.debate}".split("\n[[")[1:]
        kept = [b for b in blocks if not (b.startswith(block) and f'"{name}"' in b.split("\n")[1])]
        assert len(kept) < len(blocks)
        self.debate = "".join(f"[[{each}\n" for each in kept)
        self.write()


@pytest.fixture
def debate_folder(tmp_path: Path) -> DebateFolder:
    return DebateFolder(tmp_path)
