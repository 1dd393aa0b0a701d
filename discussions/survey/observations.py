"""What an essay says it saw when it asked the same question in the street.

The words are the essay's own, read from its text each time; only how its paragraphs begin is
known here. Where no essay on the term has them all, nothing is quoted.
"""

from dataclasses import dataclass

from discussions.models import Answer, Survey
from essays.models import BodyParagraph, Essay

ASKED = "Et vous, auriez-vous pu décrire avec précision"
SEEN = {
    Answer.Generation.YOUNG: "Pour la génération des plus jeunes",
    Answer.Generation.BETWEEN: "Quant à la dernière tranche d’âge",
    Answer.Generation.SENIOR: "Concernant les seniors",
}


@dataclass(frozen=True)
class Words:
    """From where a paragraph says that, to its end."""

    paragraph: BodyParagraph
    exact: str


@dataclass(frozen=True)
class Observations:
    essay: Essay
    asked: Words
    seen: list[tuple[Answer.Generation, Words]]


def on(survey: Survey) -> Observations | None:
    essays = Essay.objects.filter(terms=survey.term)
    for opening in (ASKED, *SEEN.values()):
        essays = essays.filter(text__contains=opening)
    essay = essays.order_by("position").first()
    if essay is None:
        return None
    asked = _words(essay, ASKED)
    seen = [(generation, _words(essay, opening)) for generation, opening in SEEN.items()]
    found = [(generation, words) for generation, words in seen if words]
    if asked is None or len(found) < len(seen):
        return None  # they stand in a comment, not in what the essay says
    return Observations(essay, asked, found)


def _words(essay: Essay, opening: str) -> Words | None:
    for paragraph in essay.paragraphs:
        start = paragraph.text.find(opening)
        if start >= 0:
            return Words(paragraph, paragraph.text[start:])
    return None
