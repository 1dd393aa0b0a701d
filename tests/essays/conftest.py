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
