"""What other values of the policy would have held, among the texts that were sent so far.

Each version of a text keeps the facts that its verdict was given on, so that the same pure
function judges it again. The facts are those of the day: that somebody who waits longer also has
fewer published texts later on is not made up.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Exists, F, OuterRef
from django.utils.translation import pgettext_lazy

from discussions.models import Action, Clause, Decision, Post, Revision
from discussions.models.posts import Said, Wording
from discussions.policy import Facts, Policy, Verdict, judge

MOST_READ = 100_000
EXAMPLES = 10


class Outcome(models.TextChoices):
    """What became of a version in the end."""

    STANDS = "stands", pgettext_lazy("outcome of a text", "published in the end")
    WAITS = "waits", pgettext_lazy("outcome of a text", "still waiting")
    REFUSED = "refused", pgettext_lazy("outcome of a text", "refused")
    HIDDEN = "hidden", pgettext_lazy("outcome of a text", "hidden since")
    WITHDRAWN = "withdrawn", pgettext_lazy("outcome of a text", "withdrawn by its author")
    REPLACED = "replaced", pgettext_lazy("outcome of a text", "replaced before it was read")


class Judged(NamedTuple):
    """A version, and what it would be held for."""

    revision: int
    text: str
    outcome: Outcome
    # None where the facts of its verdict were not kept, or its text was erased since.
    facts: Facts | None


@dataclass
class Difference:
    """Texts that the one policy holds and the other does not."""

    count: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    # The latest ones, with what they are or were held for.
    examples: list[tuple[int, Outcome, Verdict]] = field(default_factory=list)

    def add(self, judged: Judged, verdict: Verdict) -> None:
        self.count += 1
        self.outcomes[judged.outcome] += 1
        self.reasons.update(verdict.reasons)
        if len(self.examples) < EXAMPLES:
            self.examples.append((judged.revision, judged.outcome, verdict))


@dataclass
class Replay:
    read: int = 0
    left_out: int = 0
    held: int = 0
    would_hold: int = 0
    more: Difference = field(default_factory=Difference)
    fewer: Difference = field(default_factory=Difference)
    # How many texts have each word of the list, whoever wrote them; and the latest of those.
    words: Counter[str] = field(default_factory=Counter)
    with_words: int = 0
    found: list[tuple[int, str]] = field(default_factory=list)


def replay(now: Policy, tried: Policy) -> Replay:
    """The latest texts under both policies."""
    made = Replay()
    each_word = [(word, Policy(words=(word,)).pattern) for word in tried.words]
    for judged in judged_texts():
        made.read += 1
        facts = judged.facts or Facts(0, by_community_manager=False, text=judged.text)
        if tried.pattern and tried.pattern.search(facts.plain_text):
            made.with_words += 1
            made.words.update(
                word for word, pattern in each_word if pattern and pattern.search(facts.plain_text)
            )
            if len(made.found) < EXAMPLES:
                made.found.append((judged.revision, judged.text))
        if judged.facts is None:
            made.left_out += 1
            continue
        before, after = judge(facts, now), judge(facts, tried)
        made.held += before.holds
        made.would_hold += after.holds
        if after.holds and not before.holds:
            made.more.add(judged, after)
        elif before.holds and not after.holds:
            made.fewer.add(judged, before)
    return made


def judged_texts() -> Iterator[Judged]:
    """The latest versions that people sent, the newest first; two queries, read as they come."""
    refusals = Decision.objects.filter(revision=OuterRef("pk"), action=Action.REFUSE)
    # What the essays say was never judged.
    sent = Revision.objects.filter(post__definition__source=None)
    versions = sent.order_by("-pk").annotate(
        state=F("post__state"),
        waits=F("post__pending_revision"),
        refused=Exists(refusals),
    )
    columns = ("pk", "title", "body", "facts", "erased_at", "published_at")
    rows = versions.values_list(*columns, "state", "waits", "refused")[:MOST_READ]
    clauses = _clauses()
    of, texts = next(clauses, (0, []))
    for pk, title, body, kept, erased_at, published_at, state, waits, refused in rows.iterator():
        while of > pk:
            of, texts = next(clauses, (0, []))
        said = texts if of == pk else []
        text = Wording(body, tuple(said), title=title).text
        outcome = _outcome(state, published_at, waits == pk, refused)
        facts = Facts.of(kept, text) if kept and erased_at is None else None
        yield Judged(pk, text, outcome, facts)


def _clauses() -> Iterator[tuple[int, list[Said]]]:
    """Those of each version, in the order of `judged_texts`."""
    rows = Clause.objects.order_by("-revision", "position").values_list("revision", "text")
    for revision, group in groupby(rows.iterator(), key=itemgetter(0)):
        yield revision, [Said("", text) for _revision, text in group]


def _outcome(state: str, published_at: Any, waits: bool, refused: bool) -> Outcome:
    if state == Post.State.WITHDRAWN:
        return Outcome.WITHDRAWN
    if waits and state != Post.State.HIDDEN:
        return Outcome.WAITS
    if published_at is None:
        return Outcome.REFUSED if refused else Outcome.REPLACED
    return Outcome.HIDDEN if state == Post.State.HIDDEN else Outcome.STANDS
