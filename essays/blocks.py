"""Reads a TOML file of blocks and refuses, naming file and line, whatever cannot be used."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

Table = dict[str, Any]
Keys = dict[str, type]

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
TYPE_NAMES = {
    str: "a text between quotation marks",
    int: "a whole number",
    bool: "true or false",
    date: "a date without quotation marks, like 2013-05-21",
    list: "a list between square brackets",
}


class ImportRefused(Exception):
    """Nothing was written; each problem names a file and, where there is one, a line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Place:
    """Where a block of a file is written."""

    file: str
    lines: list[str]
    block: str = ""
    index: int = 0

    def line(self, key: str = "") -> str:
        """The line of a key, or of the block when the key is not there."""
        found = self._line(key)
        return f"{self.file}, line {found}" if found else self.file

    def _line(self, key: str) -> int:
        head = rf"\s*\[\[\s*{self.block}\s*\]\]"
        heads = [n for n, line in enumerate(self.lines, start=1) if re.match(head, line)]
        if not self.block or self.index >= len(heads):
            return 0
        for n, line in enumerate(self.lines[heads[self.index] :], heads[self.index] + 1):
            if re.match(r"\s*\[\[", line):
                break
            if key and re.match(rf"\s*{re.escape(key)}\s*=", line):
                return n
        return heads[self.index]


class BlockReader:
    """Goes on after a problem, so that one report names them all."""

    file: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self.lines: list[str] = []

    def refuse(self, where: str, what: str) -> None:
        self.problems.append(f"{where}: {what}")

    def place(self, block: str = "", index: int = 0) -> Place:
        return Place(self.file, self.lines, block, index)

    def tables(self, keys: Keys, needed: Iterable[str]) -> Table | None:
        """The lists of blocks that the file has; None if it cannot be read."""
        text = self.text_of(self.file)
        if text is None:
            return None
        self.lines = text.split("\n")
        try:
            root = tomllib.loads(text.removeprefix("\ufeff"))
        except ValueError as error:  # Also what tomllib lets through: a number too long to read.
            self.refuse(self.file, f"is not valid TOML: {error}")
            return None
        return self.known(self.place(), root, keys, needed)

    # Files

    def text_of(self, name: str) -> str | None:
        raw = self.bytes_of(name)
        if raw is None:
            return None
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self.refuse(f"{name}, line {line}", "is not UTF-8")
            return None
        if not text.strip("\ufeff \t\r\n"):
            self.refuse(name, "is empty")
        elif "\0" in text:
            line = text.count("\n", 0, text.index("\0")) + 1
            self.refuse(f"{name}, line {line}", "holds a NUL character")
        else:
            return text
        return None

    def bytes_of(self, name: str) -> bytes | None:
        try:
            path = (self.folder / name).resolve()
            if not path.is_relative_to(self.folder.resolve()):
                self.refuse(name, "is outside the folder")
            elif not path.is_file():
                self.refuse(name, f"there is no such file in {self.folder}")
            else:
                return path.read_bytes()
        except OSError as error:
            self.refuse(name, f"cannot be read: {error.strerror}")
        return None

    # What its tables may hold

    def blocks(self, root: Table, block: str) -> Iterator[tuple[Place, Table]]:
        for index, table in enumerate(root.get(block, [])):
            if isinstance(table, dict):
                yield self.place(block, index), table
            else:
                self.refuse(self.file, f"“{block}” must be [[{block}]] blocks")

    def known(self, place: Place, table: Table, keys: Keys, needed: Iterable[str]) -> Table:
        """The values that can be used; the others are refused."""
        for key in needed:
            if table.get(key, "") in ("", []):
                self.refuse(place.line(key), f"“{key}” is missing")
        values = {}
        for key, value in table.items():
            if key not in keys:
                self.refuse(place.line(key), f"unknown key “{key}”")
            elif type(value) is not keys[key]:
                self.refuse(place.line(key), f"“{key}” must be {TYPE_NAMES[keys[key]]}")
            elif isinstance(value, str) and CONTROL.search(value):
                self.refuse(place.line(key), f"“{key}” holds a control character")
            elif isinstance(value, int) and not 0 <= value < 2**31:
                self.refuse(place.line(key), f"“{key}” is too small or too large: {value}")
            else:
                values[key] = value
        return values

    def names(self, place: Place, key: str, values: list[Any]) -> list[str]:
        if all(isinstance(value, str) for value in values):
            return list(dict.fromkeys(values))
        self.refuse(place.line(key), f"“{key}” must be a list of texts")
        return []

    def refuse_invalid(self, place: Place, row: models.Model) -> None:
        """What the columns refuse: too long, an unknown choice, no slug, no address…"""
        empty = [f.name for f in row._meta.fields if f.is_relation or not getattr(row, f.attname)]
        try:
            row.clean_fields(exclude=empty)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                key = {"file_name": "file", "ref": "id", "exact": "words"}.get(name, name)
                self.refuse(place.line(key), f"“{key}”: {' '.join(messages)}")

    def refuse_doubles(self, block: str, key: str, values: list[Any]) -> None:
        for index, value in enumerate(values):
            if value and value in values[:index]:
                self.refuse(self.place(block, index).line(key), f"this {key} stands twice")
