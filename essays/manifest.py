"""Reads a folder of texts and its manifest.toml and checks everything, without the database."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, groupby
from typing import Any

from django.db import models

from .blocks import CONTROL, BlockReader, Keys, Place, Table
from .models import (
    ROLES,
    Basis,
    Essay,
    OriginalComment,
    Segment,
    Term,
    non_blank_lines,
    split_lines,
)
from .tags import fold_tag, slug_of

MANIFEST = "manifest.toml"

TERM_KEYS: Keys = dict.fromkeys(("slug", "headword", "pronunciation", "grammar", "origin"), str)
ESSAY_KEYS: Keys = {
    **dict.fromkeys(("number", "file", "sha256", "slug", "title", "language", "platform"), str),
    **dict.fromkeys(("author", "author_note", "author_basis", "site", "site_basis"), str),
    **dict.fromkeys(("date_note", "date_basis", "address", "address_basis", "standfirst"), str),
    "published_on": date,
    "title_line": int,
    "announced": int,
    **dict.fromkeys(("tags", "terms", "segments"), list),
}
ESSAY_NEEDS = ("number", "file", "sha256", "slug", "title", "language", "terms", "segments")
RANGE_KEYS: Keys = {"first": int, "last": int, "kind": str}
SEGMENT_KEYS: dict[str, Keys] = {
    "title": {},
    "body": {"role": str},
    "quotation": {"speaker": str, "speaker_basis": str},
    "comment": {
        **dict.fromkeys(("id", "parent", "author", "author_basis", "marker"), str),
        "by_essayist": bool,
    },
    "pingback": dict.fromkeys(("id", "label", "marker"), str),
    "furniture": {"role": str},
}
SEGMENT_NEEDS = {"comment": ("id",), "pingback": ("id", "label")}
ID_PATTERNS = {"comment": "c[1-9][0-9]{0,5}", "pingback": "x[1-9][0-9]{0,5}"}


@dataclass(frozen=True)
class Entry:
    """An essay as the manifest and its file have it: rows that are not saved."""

    essay: Essay
    segments: list[Segment]
    comments: list[OriginalComment]  # in reading order
    tags: list[str]
    terms: list[str]


@dataclass(frozen=True)
class Collection:
    terms: list[Term]
    entries: list[Entry]


@dataclass(frozen=True)
class SegmentPlace(Place):
    """Where one of the segments of an essay is written."""

    number: int = 0
    count: int = 0

    def _line(self, key: str) -> int:
        start = super()._line("segments")
        rows = []
        for n, line in enumerate(self.lines[start:], start + 1):
            if re.match(r"\s*\]", line):
                break
            if re.match(r"\s*\{", line):
                rows.append(n)
        # Written in another way than one segment per line, they have no line of their own.
        return rows[self.number] if len(rows) == self.count else start


def segment_place(essay: Place, index: int, count: int) -> SegmentPlace:
    return SegmentPlace(essay.file, essay.lines, essay.block, essay.index, index, count)


class ManifestReader(BlockReader):
    file = MANIFEST

    def read(self) -> Collection:
        known = self.tables({"terms": list, "essays": list}, ("terms", "essays"))
        if known is None:
            return Collection([], [])
        terms = [self.term(*block) for block in self.blocks(known, "terms")]
        slugs = {term.slug for term in terms}
        entries = [self.entry(*block, slugs) for block in self.blocks(known, "essays")]
        essays = [entry.essay for entry in entries]
        self.refuse_doubles("terms", "slug", [term.slug for term in terms])
        self.refuse_doubles("essays", "slug", [essay.slug for essay in essays])
        self.refuse_doubles("essays", "number", [essay.position for essay in essays])
        self.refuse_doubles("essays", "file", [essay.file_name for essay in essays])
        return Collection(terms, entries)

    def term(self, place: Place, table: Table) -> Term:
        term = Term(**self.known(place, table, TERM_KEYS, ("slug", "headword")))
        self.refuse_invalid(place, term)
        return term

    def entry(self, place: Place, table: Table, known_terms: set[str]) -> Entry:
        known = self.known(place, table, ESSAY_KEYS, ESSAY_NEEDS)
        segments = known.pop("segments", [])
        tags = self.tags(place, known.pop("tags", []))
        terms = self.names(place, "terms", known.pop("terms", []))
        for slug in terms:
            if slug not in known_terms:
                self.refuse(place.line("terms"), f"“{slug}” is the slug of no [[terms]] block")
        essay = Essay(file_name=known.pop("file", ""), **known)
        if re.fullmatch("[0-9]{1,6}", essay.number):
            essay.position = int(essay.number)
        essay.text = self.essay_text(place, essay)
        self.refuse_invalid(place, essay)
        self.refuse_unfounded(place, essay, "author_basis", "author", "author_note")
        self.refuse_unfounded(place, essay, "site_basis", "site")
        self.refuse_unfounded(place, essay, "date_basis", "published_on", "date_note")
        self.refuse_unfounded(place, essay, "address_basis", "address")
        entry = Entry(essay, [], [], tags, terms)
        if essay.text:
            self.read_segments(place, entry, segments)
            self.check_title(place, entry)
        return entry

    def essay_text(self, place: Place, essay: Essay) -> str:
        text = self.text_of(essay.file_name) if essay.file_name else None
        if text is None:
            return ""
        digest = hashlib.sha256(text.encode()).hexdigest()
        if essay.sha256 and digest != essay.sha256:
            self.refuse(place.line("sha256"), f"{essay.file_name} has another SHA-256: {digest}")
        return text

    def check_title(self, place: Place, entry: Entry) -> None:
        essay = entry.essay
        titles = [s for s in entry.segments if s.kind == Segment.Kind.TITLE]
        essay.title_in_text = bool(titles)
        if essay.title_line is None:
            if titles:
                self.refuse(place.line("title"), "“title_line” is missing")
            return
        where, lines = place.line("title_line"), split_lines(essay.text)
        if essay.title not in "".join(lines[essay.title_line - 1 : essay.title_line]):
            self.refuse(where, f"the title is not in {essay.file_name}, line {essay.title_line}")
        elif titles and not any(s.first_line <= essay.title_line <= s.last_line for s in titles):
            self.refuse(where, f"line {essay.title_line} is in no segment of the kind “title”")

    # Segments

    def read_segments(self, place: Place, entry: Entry, tables: list[Any]) -> None:
        offsets = [0, *accumulate(map(len, split_lines(entry.essay.text)))]
        comments: dict[str, tuple[OriginalComment, str, SegmentPlace]] = {}
        for n, table in enumerate(tables):
            here = segment_place(place, n, len(tables))
            kind = table.get("kind") if isinstance(table, dict) else None
            if not isinstance(kind, str) or kind not in SEGMENT_KEYS:
                what = f"unknown kind “{kind}”" if kind else "“kind” is missing"
                self.refuse(here.line(), f"segment {n + 1}: {what}")
                continue
            keys = RANGE_KEYS | SEGMENT_KEYS[kind]
            known = self.known(here, table, keys, (*RANGE_KEYS, *SEGMENT_NEEDS.get(kind, ())))
            first, last = known.pop("first", 0), known.pop("last", 0)
            if not 1 <= first <= last < len(offsets):
                self.refuse(
                    here.line(),
                    f"there are no lines {first} to {last} in {entry.essay.file_name}, "
                    f"which has {len(offsets) - 1}",
                )
                continue
            lines = {"first_line": first, "last_line": last}
            lines |= {"start": offsets[first - 1], "end": offsets[last]}
            if kind in ID_PATTERNS:
                ref, parent = known.pop("id", ""), known.pop("parent", "")
                comment = OriginalComment(essay=entry.essay, ref=ref, **lines, **known)
                self.check_comment(here, comment)
                if ref in comments:
                    self.refuse(here.line(), f"the id “{ref}” stands twice")
                if ref:
                    comments[ref] = comment, parent, here
                entry.segments.append(Segment(kind=kind, **lines))
            else:
                segment = Segment(**lines, **known)
                self.check_segment(here, segment)
                entry.segments.append(segment)
        entry.segments.sort(key=lambda segment: segment.first_line)
        for position, segment in enumerate(entry.segments, start=1):
            segment.position = position
        self.check_tiling(entry, len(offsets) - 1)
        entry.comments.extend(self.in_reading_order(comments))
        entry.essay.word_count = sum(
            any(map(str.isalnum, word))
            for segment in entry.segments
            if segment.kind in Segment.BODY_KINDS
            for _start, line in non_blank_lines(entry.essay.text, segment.start, segment.end)
            for word in line.split()
        )
        if not entry.essay.word_count:
            self.refuse(entry.essay.file_name, "has no body to read")

    def check_segment(self, place: Place, segment: Segment) -> None:
        if segment.role and segment.role not in ROLES[segment.kind]:
            self.refuse(place.line(), f"unknown role “{segment.role}” of the kind {segment.kind}")
            segment.role = ""
        self.refuse_invalid(place, segment)
        self.refuse_unfounded(place, segment, "speaker_basis", "speaker")

    def check_comment(self, place: Place, comment: OriginalComment) -> None:
        if comment.ref and not re.fullmatch(ID_PATTERNS[comment.kind], comment.ref):
            self.refuse(
                place.line(),
                f"“{comment.ref}” is no id of a {comment.kind}: like c1 or, for a pingback, x1",
            )
        self.refuse_invalid(place, comment)
        self.refuse_unfounded(place, comment, "author_basis", "author", "by_essayist")
        text = comment.essay.text[comment.start : comment.end].strip()
        if not text:
            self.refuse(place.line(), f"{comment.ref} holds no text")
        if not text.startswith(comment.marker):
            self.refuse(place.line(), f"{comment.ref} does not begin with “{comment.marker}”")
        if comment.label not in text:
            self.refuse(place.line(), f"“{comment.label}” is not in the lines of {comment.ref}")

    def check_tiling(self, entry: Entry, count: int) -> None:
        owners = Counter(
            line
            for segment in entry.segments
            for line in range(segment.first_line, segment.last_line + 1)
        )
        for number, run in groupby(range(1, count + 1), key=owners.__getitem__):
            if number != 1:
                lines = list(run)
                span = f"line {lines[0]}" if len(lines) == 1 else f"lines {lines[0]} to {lines[-1]}"
                self.refuse(
                    f"{entry.essay.file_name}, {span}",
                    "in no segment" if number == 0 else f"in {number} segments",
                )

    def in_reading_order(
        self, comments: dict[str, tuple[OriginalComment, str, SegmentPlace]]
    ) -> Iterator[OriginalComment]:
        """Each comment before its replies, in the order of the file."""
        children: dict[str, list[OriginalComment]] = {}
        for comment, parent, place in sorted(comments.values(), key=lambda row: row[0].start):
            if parent and (
                parent not in comments or comments[parent][0].kind != OriginalComment.Kind.COMMENT
            ):
                self.refuse(place.line(), f"the parent “{parent}” is the id of no comment")
            children.setdefault(parent, []).append(comment)
        waiting = children.get("", [])[::-1]
        position = 0
        while waiting:
            comment = waiting.pop()
            position += 1
            comment.position = position
            comment.depth = comment.parent.depth + 1 if comment.parent else 0
            replies = children.get(comment.ref, [])
            for reply in replies:
                reply.parent = comment
            waiting += replies[::-1]
            yield comment
        for comment, parent, place in comments.values():
            if parent in comments and comment.position is None:
                self.refuse(place.line(), f"{comment.ref} is a reply to itself, through “{parent}”")

    def tags(self, place: Place, values: list[Any]) -> list[str]:
        tags = list(dict.fromkeys(map(fold_tag, self.names(place, "tags", values))))
        for tag in tags:
            if len(tag) > 100 or "," in tag or CONTROL.search(tag) or not slug_of(tag):
                self.refuse(place.line("tags"), f"“{tag}” cannot be a tag")
        return tags

    def refuse_unfounded(self, place: Place, row: models.Model, basis: str, *facts: str) -> None:
        known = any(getattr(row, fact) for fact in facts)
        if known and getattr(row, basis) == Basis.UNKNOWN:
            self.refuse(place.line(facts[0]), f"“{basis}” is missing: how is it known?")
        if not known and getattr(row, basis) != Basis.UNKNOWN:
            self.refuse(place.line(basis), f"“{basis}” stands without “{'” or “'.join(facts)}”")
