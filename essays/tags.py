"""Tags as people write them: cut at commas only, since a tag may be two words."""

import unicodedata
from collections.abc import Iterable


def fold_tag(name: str) -> str:
    """One spelling per tag: SQLite compares case in ASCII only, and accents in any form differ."""
    return unicodedata.normalize("NFC", " ".join(name.split()).casefold())


def from_string(text: str) -> list[str]:
    return sorted({tag for part in text.split(",") if (tag := fold_tag(part))})


def to_string(tags: Iterable[object]) -> str:
    return ", ".join(sorted(map(str, tags)))
