"""Recomputes a record of decisions. To use: python3 verifier.py journal.jsonl [--head DIGEST]"""

import argparse
import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any


def canonical(value: Any) -> bytes:
    """The one JSON of a value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(value: Any, salt: str = "") -> str:
    return hashlib.sha256(salt.encode() + canonical(value)).hexdigest()


def link_in(entry: dict[str, Any]) -> dict[str, Any]:
    """What the digest of an entry covers: all but itself, the names, the words, their salts."""
    beside = ("digest", "names", "names_salt", "reason", "reason_salt")
    return {name: entry[name] for name in entry if name not in beside}


def faults_in(lines: Iterable[bytes], head: str = "") -> Iterator[str]:
    number, previous, met = 0, "", not head
    for line in lines:
        number += 1
        try:
            entry = json.loads(line)
            if (found := entry["number"]) != number:
                yield f"entry {number}: missing, or out of order (found {found!r})"
                number = found if isinstance(found, int) else number
            if entry["previous"] != previous:
                yield f"entry {number}: does not follow the entry before it"
            previous = entry["digest"]
            met = met or previous.startswith(head)
            if digest(link_in(entry)) != previous:
                yield f"entry {number}: does not match its digest"
            for said in ("names", "reason"):
                value, salt = entry[said], entry[f"{said}_salt"]
                emptied = salt == "" and not any(value)  # at the request of who was named
                if not emptied and digest(value, salt) != entry[f"{said}_commitment"]:
                    yield f"entry {number}: its {said} is not the one committed to"
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            yield f"entry {number}: cannot be read ({type(error).__name__}: {error})"
    if not met:
        yield f"no entry has the digest {head}: the end is missing, or all was made anew"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--head", default="", help="a digest that was noted earlier")
    given = parser.parse_args()
    with open(given.file, "rb") as journal:
        faults = "\n".join(faults_in(journal, given.head))
    print(faults or "The record holds, from its first entry to its last.")
    raise SystemExit(bool(faults))
