"""Tags as people write them: cut at commas only, since a tag may be two words."""

import unicodedata
from collections.abc import Iterable

from taggit.models import Tag


def fold_tag(name: str) -> str:
    """One spelling per tag: SQLite compares case in ASCII only, and accents in any form differ."""
    return unicodedata.normalize("NFC", " ".join(name.split()).casefold())


def slug_of(name: str) -> str:
    """The same for all spellings of a tag, without case and accents; "" if none is left."""
    return str(Tag().slugify(name))


def from_string(text: str) -> list[str]:
    return sorted({tag for part in text.split(",") if (tag := fold_tag(part))})


def to_string(tags: Iterable[object]) -> str:
    return ", ".join(sorted(map(str, tags)))
