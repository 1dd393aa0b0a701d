"""The duties that acts exercise, as the essays argue about them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch

from discussions.models.decisions import Duty
from essays.models import Claim, Term
from essays.models import Duty as EssayDuty

# As debate.toml calls them; an owner's essays may know others.
SLUGS = {
    Duty.MODERATE: "moderer",
    Duty.ANIMATE: "animer",
    Duty.WATCH: "veiller",
    Duty.VALIDATE: "faire-valider",
    Duty.TRACE: "garder-trace",
    Duty.REPORT: "rendre-compte",
}


@dataclass(frozen=True)
class Argued:
    """A duty, with the first passage of each essay that claims it, and that refuses it."""

    duty: EssayDuty
    claiming: list[Claim]
    refusing: list[Claim]


def argued() -> dict[str, Argued]:
    """What the essays say of each duty that they know, by its value in the record."""
    claims = (
        Claim.objects.standing()
        .select_related("essay")
        .defer("essay__text")
        .order_by("essay__position", "start", "ref")
    )
    duties = EssayDuty.objects.filter(
        term=Term.objects.site_term(), slug__in=SLUGS.values()
    ).prefetch_related(Prefetch("claimed_by", claims), Prefetch("refused_by", claims))
    known = {duty.slug: duty for duty in duties}
    return {
        value: Argued(
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
