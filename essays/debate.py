"""Reads debate.toml, what an editor found the essays of a folder to say, and checks every word."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from .blocks import BlockReader, Keys, Place, Table
from .manifest import Collection, Entry
from .models import (
    Claim,
    Contradiction,
    Duty,
    OriginalComment,
    Proposal,
    Segment,
    Term,
    non_blank_lines,
    split_lines,
)

DEBATE = "debate.toml"

DUTY_KEYS: Keys = dict.fromkeys(("slug", "name", "line", "term"), str)
QUOTED_KEYS: Keys = {
    **dict.fromkeys(("id", "essay", "words", "polarity", "who", "remark"), str),
    "line": int,
}
QUOTED_NEEDS = ("id", "essay", "line", "words", "polarity", "who")
CLAIM_KEYS: Keys = {
    **QUOTED_KEYS,
    **dict.fromkeys(("duty", "gist"), str),
    **dict.fromkeys(("for", "against", "contradicts", "strains"), list),
}
PROPOSAL_KEYS: Keys = {**QUOTED_KEYS, "term": str}


class ClaimEntry(NamedTuple):
    claim: Claim
    claims_for: list[Duty]
    claims_against: list[Duty]


@dataclass(frozen=True)
class Debate:
    """Rows that are not saved, of essays and terms that may not be either."""

    duties: list[Duty] = field(default_factory=list)
    claims: list[ClaimEntry] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.duties or self.claims or self.proposals)


@dataclass(frozen=True)
class Spot:
    """A paragraph that can be quoted, and what its readers call it."""

    start: int
    end: int
    anchor: str
    comment: OriginalComment | None = None


class DebateReader(BlockReader):
    file = DEBATE

    def __init__(self, folder: Path, collection: Collection) -> None:
        super().__init__(folder)
        self.terms = {term.slug: term for term in collection.terms}
        self.entries = {entry.essay.slug: entry for entry in collection.entries}
        self.duties: dict[str, Duty] = {}

    def read(self) -> Debate:
        """An empty one where there is no such file."""
        if not (self.folder / self.file).exists():
            return Debate()
        lists: Keys = dict.fromkeys(("duties", "claims", "definitions"), list)
        known = self.tables(lists, ())
        if known is None:
            return Debate()
        duties = [self.duty(n, *block) for n, block in enumerate(self.blocks(known, "duties"), 1)]
        self.refuse_doubles("duties", "slug", [duty.slug for duty in duties])
        self.duties = {duty.slug: duty for duty in duties}
        blocks = list(self.blocks(known, "claims"))
        claims = [self.claim(*block) for block in blocks]
        proposals = [self.proposal(*block) for block in self.blocks(known, "definitions")]
        self.refuse_doubles("claims", "id", [entry.claim.ref for entry in claims])
        self.refuse_doubles("definitions", "id", [proposal.ref for proposal in proposals])
        by_ref = {entry.claim.ref: entry.claim for entry in claims}
        contradictions = list(self.contradictions(blocks, by_ref))
        return Debate(duties, claims, contradictions, proposals)

    def duty(self, position: int, place: Place, table: Table) -> Duty:
        known = self.known(place, table, DUTY_KEYS, ("slug", "name", "line"))
        duty = Duty(position=position, slug=known.get("slug", ""), name=known.get("name", ""))
        duty.line = known.get("line", "")
        self.give_term(place, duty, known.get("term", ""))
        self.refuse_invalid(place, duty)
        return duty

    def claim(self, place: Place, table: Table) -> ClaimEntry:
        needed = (*QUOTED_NEEDS, "duty", "gist")
        known = self.known(place, table, CLAIM_KEYS, needed)
        claim = Claim(gist=known.get("gist", ""))
        self.quote(place, claim, known)
        for duty in self.duties_in(place, "duty", [known["duty"]] if "duty" in known else []):
            claim.duty = duty
        return ClaimEntry(
            claim,
            self.duties_in(place, "for", known.get("for", [])),
            self.duties_in(place, "against", known.get("against", [])),
        )

    def proposal(self, place: Place, table: Table) -> Proposal:
        known = self.known(place, table, PROPOSAL_KEYS, QUOTED_NEEDS)
        proposal = Proposal()
        self.quote(place, proposal, known)
        self.give_term(place, proposal, known.get("term", ""))
        return proposal

    def give_term(self, place: Place, row: Duty | Proposal, slug: str) -> None:
        found = self.terms.get(slug) if slug else self.only_term()
        if found:
            row.term = found
        elif slug:
            self.refuse(place.line("term"), f"“{slug}” is the slug of no term in the manifest")
        else:
            self.refuse(place.line("term"), "“term” is missing: the manifest has several")

    def only_term(self) -> Term | None:
        return next(iter(self.terms.values())) if len(self.terms) == 1 else None

    def duties_in(self, place: Place, key: str, slugs: list[object]) -> list[Duty]:
        named = self.names(place, key, slugs)
        for slug in named:
            if slug not in self.duties:
                self.refuse(place.line(key), f"“{slug}” is the slug of no [[duties]] block")
        return [self.duties[slug] for slug in named if slug in self.duties]

    # Quotations

    def quote(self, place: Place, row: Claim | Proposal, known: Table) -> None:
        """Fills in what both kinds of quotation have, and finds their words in the text."""
        row.ref, row.exact = known.get("id", ""), known.get("words", "")
        row.line, row.polarity = known.get("line", 0), known.get("polarity", "")
        row.who, row.remark = known.get("who", ""), known.get("remark", "")
        self.refuse_invalid(place, row)
        slug = known.get("essay", "")
        if slug and slug not in self.entries:
            self.refuse(place.line("essay"), f"“{slug}” is the slug of no essay in the manifest")
        elif slug and row.exact and row.line:
            self.find(place, row, self.entries[slug])

    def find(self, place: Place, row: Claim | Proposal, entry: Entry) -> None:
        row.essay = entry.essay
        lines = split_lines(entry.essay.text)
        where = f"{entry.essay.file_name}, line {row.line}"
        if not entry.essay.text:
            return  # the manifest's reader has said why
        if row.line > len(lines):
            self.refuse(place.line("line"), f"{where}: the file has {len(lines)} lines")
            return
        line = lines[row.line - 1]
        if (times := _times(row.exact, line)) != 1:
            what = "are not there to the letter" if not times else "stand there more than once"
            self.refuse(place.line("words"), f"{where}: the words {what}")
            return
        row.start = sum(map(len, lines[: row.line - 1])) + line.index(row.exact)
        row.end = row.start + len(row.exact)
        for spot in _spots(entry):
            if spot.start <= row.start and row.end <= spot.end:
                row.anchor, row.original_comment = spot.anchor, spot.comment
                return
        self.refuse(
            place.line("words"),
            f"{where}: the words stand neither in the body nor in an original comment",
        )

    # Pairs

    def contradictions(
        self, blocks: Iterable[tuple[Place, Table]], claims: Mapping[str, Claim]
    ) -> Iterator[Contradiction]:
        paired: set[frozenset[str]] = set()
        for place, table in blocks:
            claim = claims.get(str(table.get("id")))
            for key, kind in (
                ("contradicts", Contradiction.Kind.FRONTAL),
                ("strains", Contradiction.Kind.TENSION),
            ):
                values = table.get(key, [])
                for ref in self.names(place, key, values) if isinstance(values, list) else []:
                    other = claims.get(ref)
                    if other is None:
                        self.refuse(place.line(key), f"“{ref}” is the id of no [[claims]] block")
                    elif claim is None:
                        continue  # it has no id, which was said above
                    elif other is claim:
                        self.refuse(place.line(key), f"“{ref}” is this claim itself")
                    elif (pair := frozenset((claim.ref, ref))) in paired:
                        self.refuse(place.line(key), f"the pair with “{ref}” is written twice")
                    else:
                        paired.add(pair)
                        yield Contradiction(claim=claim, other=other, kind=kind)


def _times(words: str, line: str) -> int:
    """How often, where one occurrence may begin inside another."""
    return sum(line.startswith(words, at) for at in range(len(line)))


def _spots(entry: Entry) -> Iterator[Spot]:
    body = (
        (start, start + len(text))
        for segment in entry.segments
        if segment.kind in Segment.BODY_KINDS
        for start, text in non_blank_lines(entry.essay.text, segment.start, segment.end)
    )
    for number, (start, end) in enumerate(body, start=1):
        yield Spot(start, end, f"p{number}")
    for comment in entry.comments:
        for paragraph in comment.paragraphs:
            yield Spot(paragraph.start, paragraph.end, comment.ref, comment)
