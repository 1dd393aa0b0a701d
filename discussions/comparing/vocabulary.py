"""The words of the essays' own definitions, and those of members': what came, went and stayed.

A word counts once in each definition that has it, whatever its forms; it is shown as it is
written most often. Only what everybody may read is counted, whoever looks.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.auth.models import AnonymousUser

from discussions.models import Clause, Post
from discussions.models.posts import PostQuerySet
from discussions.search.words import fold, stems, words
from essays.models import Term

LATEST = 500  # definitions of members that are read, at most
MOST = 60  # words in a list

# Little words that search can do with, and a list of words cannot; without accents.
_LITTLE = """
    afin ai aient ainsi ait alors aujourd apres as assez aucun aucune aussi autre autres aux avait
    avant avec avez avoir avons ayant beaucoup bien car ceci cela celle celles celui cependant ceux
    chaque chez ci comme comment contre dans davantage dedans dehors dela depuis doit
    doivent donc dont elle elles encore entre es est etaient etait etant etc ete etes etre
    eu eux faire fait faut fois font hors hui ici jamais juste la laquelle lequel lesquelles
    lesquels lors lorsque lui ma mais meme memes mieux moi moins ne ni non nos notre nous
    ont ou parce parfois parmi pas pendant peu peut peuvent plus plutot pourquoi pres puis
    puisque quand qu quel quelle quelles quelqu quelque quelques quels quoi rien sait sans selon
    sera serait seront si sinon soi soit sont sous souvent suis sur surtout tant tel telle telles
    tels toi toujours tous tout toute toutes tres trop tu va vers vos votre vous vraiment
"""
_little = frozenset(_LITTLE.split())


@dataclass
class Side:
    """The definitions of one side, and how many of them have each word."""

    definitions: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    spellings: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def read(self, texts: Iterable[str], left_out: set[str]) -> None:
        """One definition more, by its clauses."""
        self.definitions += 1
        met = set()
        for text in texts:
            for stem, start, end in words(text):
                word = text[start:end].casefold()
                if stem in left_out or fold(word) in _little or len(word) < 2 or not word.isalpha():
                    continue
                met.add(stem)
                self.spellings[stem][word] += 1
        self.counts.update(met)


@dataclass(frozen=True)
class Word:
    text: str
    then: int  # how many definitions of the essays have it
    now: int  # how many of members


@dataclass(frozen=True)
class Vocabulary:
    then: int  # definitions of the essays
    now: int  # of members, as many as are read
    appeared: list[Word]
    stayed: list[Word]
    vanished: list[Word]


def of(term: Term) -> Vocabulary:
    left_out = set(stems(term.headword))
    public = Post.objects.visible_to(AnonymousUser()).definitions().filter(definition__term=term)
    written = public.filter(definition__source=None).order_by("-definition__number")[:LATEST]
    quoted = public.filter(definition__source__isnull=False)
    return compare(_read(quoted, left_out), _read(written, left_out))


def _read(posts: PostQuerySet, left_out: set[str]) -> Side:
    revisions = list(posts.values_list("published_revision", flat=True))
    clauses: dict[int | None, list[str]] = {revision: [] for revision in revisions}
    rows = Clause.objects.filter(revision__in=revisions).order_by("pk")
    for revision, text in rows.values_list("revision", "text"):
        clauses[revision].append(text)
    side = Side()
    for texts in clauses.values():
        side.read(texts, left_out)
    return side


def compare(then: Side, now: Side) -> Vocabulary:
    found = []
    for stem in then.counts.keys() | now.counts.keys():
        spellings = then.spellings[stem] + now.spellings[stem]
        text = min(spellings, key=lambda word: (-spellings[word], word))
        found.append(Word(text, then.counts[stem], now.counts[stem]))
    found.sort(key=lambda word: (-word.then - word.now, fold(word.text), word.text))
    return Vocabulary(
        then.definitions,
        now.definitions,
        [word for word in found if not word.then][:MOST],
        [word for word in found if word.then and word.now][:MOST],
        [word for word in found if not word.now][:MOST],
    )
