"""What the essays claim for a duty of the role and against it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from essays.models import Claim, Duty, Term

from .models import Passage
from .models.decisions import Duty as RecordDuty

# As debate.toml calls them; an owner's essays may know others.
SLUGS = {
    RecordDuty.MODERATE: "moderer",
    RecordDuty.ANIMATE: "animer",
    RecordDuty.WATCH: "veiller",
    RecordDuty.VALIDATE: "faire-valider",
    RecordDuty.TRACE: "garder-trace",
    RecordDuty.REPORT: "rendre-compte",
}
HAVE_IT_READ = SLUGS[RecordDuty.VALIDATE]


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


def argued() -> dict[str, Sides]:
    """By the value that a duty has in the record: the first passage of each essay that claims it,
    and that refuses it; without those duties of which the essays do not speak."""
    claims = Claim.objects.standing().select_related("essay").defer("essay__text")
    claims = claims.order_by("essay__position", "start", "ref")
    duties = Duty.objects.filter(
        term=Term.objects.site_term(), slug__in=SLUGS.values()
    ).prefetch_related(Prefetch("claimed_by", claims), Prefetch("refused_by", claims))
    known = {duty.slug: duty for duty in duties}
    return {
        value: Sides(
            known[slug],
            _first_of_each(known[slug].claimed_by.all()),
            _first_of_each(known[slug].refused_by.all()),
        )
        for value, slug in SLUGS.items()
        if slug in known
    }


def _first_of_each(claims: Iterable[Claim]) -> list[Claim]:
    firsts: dict[int, Claim] = {}
    for claim in claims:
        firsts.setdefault(claim.essay_id, claim)
    return list(firsts.values())
