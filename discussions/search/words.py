"""The words of a text as the index knows them: without case, accents or French endings.

The same code prepares what is indexed, what is asked for and what is marked in an excerpt.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from snowballstemmer.french_stemmer import FrenchStemmer

# To be raised with every change of what `stem` gives: `setup` then makes the index anew.
VERSION = 1
MAX_WORDS = 16_000  # PostgreSQL counts positions up to 16,383
MAX_LENGTH = 40

# A letter or a digit, then letters, digits, accents that stand alone, invisible hyphens.
_WORD = re.compile(
    r"(?:(?<![^\W_])(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)[’'ʼ])?"
    r"([^\W_](?:[^\W_]|[\u0300-\u036f\u00ad\u200b-\u200d])*)",
    re.IGNORECASE,
)
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "ı": "i"})
# Words that stand in nearly every sentence and tell nothing. « Pas » tells something.
_STOP = """
    a au aux ce ces cet cette de des du en et il ils je la le les leur lui ma mes mon on ou par
    pour que qui sa se ses son sur un une y the of and to
"""
# They end like « ils gèrent », and are no such form.
_NO_VERBS = """
    absent accent accident adherent agent apparent argent client coherent competent concurrent
    consequent content continent different equivalent evident excellent frequent incident
    innocent parent patient permanent pertinent precedent present president prudent recent
    referent serpent souvent talent torrent transparent urgent violent
"""
_stop, _no_verbs = frozenset(_STOP.split()), frozenset(_NO_VERBS.split())

# What the stemmer, which knows accents, leaves apart once they are gone.
_BEFORE = (
    (re.compile(r"ee+s?$"), "e"),  # gérée, créées
    (re.compile(r"(?<=...)trices?$"), "teur"),  # lectrice
    (re.compile(r"(?<=...)euses?$"), "eur"),  # vendeuse
    (re.compile(r"(?<=...)ers$"), "er"),  # managers
    (re.compile(r"(?<=...)((?:[lvnsct]|[^c]r)it)es?$"), r"\1é"),  # fidélité
    (re.compile(r"(?<=...)([iou])s$"), r"\1"),  # infos, emplois
)
_AFTER = (
    (re.compile(r"(?<=...)eu[rx]$"), "eu"),  # heureux, heureuse
    (re.compile(r"iv$"), "if"),  # actif, active
    (re.compile(r"y$"), "i"),  # employer, emploi
    (re.compile(r"(?<=....)[ei]$"), ""),  # publier, publie
)
_IRREGULAR = {
    "traval": "travail",
    "nouveau": "nouvel",
    "beau": "bel",
    "creation": "cre",
    "definit": "defin",
    "debattr": "debat",
    "amis": "ami",
    "petit": "pet",
}
_THEY = re.compile(r"(?<=..[^aeioum])ent$")


Word = tuple[str, int, int]  # its stem, where it starts, where it ends


def words(text: str) -> Iterator[Word]:
    """The words of a text that can be searched, and where they stand in it."""
    for found in _WORD.finditer(text):
        if stem := stem_of(found[1]):
            yield stem, found.start(1), found.end(1)


def stems(text: str) -> list[str]:
    return [stem for stem, _start, _end in words(text)]


def fold(word: str) -> str:
    """Without case, accents or ligatures; letters and digits only."""
    decomposed = unicodedata.normalize("NFKD", word.casefold()).translate(_LIGATURES)
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", decomposed.casefold())))


@lru_cache(maxsize=16384)
def stem_of(word: str) -> str:
    """What all forms of the word have in common; nothing for a word that tells nothing."""
    folded = fold(word)[:MAX_LENGTH]
    if folded in _stop:
        return ""
    if folded not in _no_verbs:
        folded = _THEY.sub("e", folded)
    for ending, other in _BEFORE:
        folded = ending.sub(other, folded)
    # A stemmer of its own for each call: it keeps its state, and workers have threads.
    stem: str = fold(FrenchStemmer().stemWord(folded))
    stem = _IRREGULAR.get(stem, stem)
    for ending, other in _AFTER:
        stem = ending.sub(other, stem)
    return stem
