"""Small essays: a title, two paragraphs, and lines that can be comments."""

import hashlib
from typing import Any

from factory.declarations import LazyAttribute, LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory
from factory.helpers import post_generation

from essays.models import Claim, Duty, Essay, OriginalComment, Segment, Term

COMMENTS_FROM = 4
TEXT = "Un titre\nUn premier paragraphe.\nUn second.\n" + "".join(
    f"Le commentaire numéro {n}.\n" for n in range(1, 10)
)


def offset(text: str, line: int) -> int:
    return sum(map(len, text.splitlines(keepends=True)[: line - 1]))


class TermFactory(DjangoModelFactory[Term]):
    class Meta:
        model = Term

    # As imports number them: the first one is the site's.
    position = LazyFunction(lambda: Term.objects.count() + 1)
    slug = LazyAttribute(lambda term: f"terme-{term.position}")
    headword = LazyAttribute(lambda term: f"terme {term.position}")


class EssayFactory(DjangoModelFactory[Essay]):
    class Meta:
        model = Essay
        skip_postgeneration_save = True

    position = Sequence(lambda n: 100 + n)
    number = LazyAttribute(lambda essay: str(essay.position))
    slug = LazyAttribute(lambda essay: f"essai-{essay.number}")
    title = "Un titre"
    title_in_text = True
    title_line = 1
    language = "fr"
    text = TEXT
    file_name = LazyAttribute(lambda essay: f"{essay.number}.txt")
    sha256 = LazyAttribute(lambda essay: hashlib.sha256(essay.text.encode()).hexdigest())
    word_count = 5

    @post_generation
    def segments(essay: Any, create, extracted, **kwargs):
        kinds = [("title", 1, 1), ("body", 2, 3), ("comment", COMMENTS_FROM, 12)]
        for position, (kind, first, last) in enumerate(kinds, start=1):
            Segment.objects.create(
                essay=essay,
                position=position,
                kind=kind,
                first_line=first,
                last_line=last,
                start=offset(essay.text, first),
                end=offset(essay.text, last + 1),
            )


class OriginalCommentFactory(DjangoModelFactory[OriginalComment]):
    class Meta:
        model = OriginalComment

    essay = SubFactory(EssayFactory)
    kind = "comment"
    position = LazyAttribute(lambda comment: comment.essay.original_comments.count() + 1)
    ref = LazyAttribute(lambda comment: f"c{comment.position}")
    depth = LazyAttribute(lambda comment: comment.parent.depth + 1 if comment.parent else 0)
    parent = None
    first_line = LazyAttribute(lambda comment: COMMENTS_FROM + comment.position - 1)
    last_line = LazyAttribute(lambda comment: comment.first_line)
    start = LazyAttribute(lambda comment: offset(comment.essay.text, comment.first_line))
    end = LazyAttribute(lambda comment: offset(comment.essay.text, comment.last_line + 1))


class DutyFactory(DjangoModelFactory[Duty]):
    class Meta:
        model = Duty

    term = SubFactory(TermFactory)
    position = Sequence(lambda n: 100 + n)
    slug = LazyAttribute(lambda duty: f"devoir-{duty.position}")
    name = LazyAttribute(lambda duty: f"devoir {duty.position}")
    line = "Ce qu’il demande."


class ClaimFactory(DjangoModelFactory[Claim]):
    """Of words of the first paragraph."""

    class Meta:
        model = Claim

    essay = SubFactory(EssayFactory)
    duty = SubFactory(DutyFactory)
    ref = Sequence(lambda n: f"a{n}")
    polarity = "is"
    anchor = "p1"
    line = 2
    exact = "premier paragraphe"
    start = LazyAttribute(lambda claim: claim.essay.text.index(claim.exact))
    end = LazyAttribute(lambda claim: claim.start + len(claim.exact))
    who = "quelqu’un"
    gist = "Il le dit."
