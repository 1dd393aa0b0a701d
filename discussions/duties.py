"""What the essays claim for a duty of the role and against it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from essays.models import Claim, Duty, Term

from .models import Passage

# The slug of what the desk calls « Faire valider », where the essays of a site speak of it.
HAVE_IT_READ = "faire-valider"


@dataclass(frozen=True)
class Sides:
    duty: Duty
    claiming: Sequence[Claim]
    refusing: Sequence[Claim]


def claims_on(term: Term | None) -> QuerySet[Claim]:
    """In the order of the essays, each with what is said of exactly its words today."""
    passage = Passage.objects.filter(
        essay=OuterRef("essay"), start=OuterRef("start"), end=OuterRef("end")
    )
    return (
        Claim.objects.standing()
        .filter(duty__term=term)
        .select_related("essay", "original_comment")
        .defer("essay__text")
        .annotate(
            passage_id=Subquery(passage.values("public_id")),
            reply_count=Coalesce(Subquery(passage.values("thread__reply_count")), 0),
        )
        .order_by("essay__position", "start", "ref")
    )


def sides_of(term: Term | None, slug: str) -> Sides | None:
    """Who claims that duty, and who refuses it or mocks it; nothing where nobody speaks of it."""
    duty = Duty.objects.filter(term=term, slug=slug).first()
    if duty is None:
        return None
    claims = claims_on(term)
    return Sides(
        duty, list(claims.filter(claims_for=duty)), list(claims.filter(claims_against=duty))
    )
