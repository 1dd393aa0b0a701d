"""What the essays claim for the role and deny it, set against each other: an editor's reading."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from discussions.duties import Sides, claims_on
from discussions.terms import of_term
from essays.models import Claim, Contradiction, Duty, Term


@dataclass(frozen=True)
class Against:
    """What contradicts a claim, and how."""

    claim: Claim
    pair: Contradiction


@dataclass(frozen=True)
class Row:
    claim: Claim
    against: Sequence[Against]


@dataclass(frozen=True)
class Group:
    duty: Duty
    rows: list[Row] = field(default_factory=list)


@login_not_required
@require_safe
@of_term
def role(request: HttpRequest, term: Term | None) -> HttpResponse:
    """Each duty of the role, with who claims it and who refuses it or mocks it."""
    claiming, refusing = defaultdict(list), defaultdict(list)
    for claim in claims_on(term).prefetch_related("claims_for", "claims_against"):
        for duty in claim.claims_for.all():
            claiming[duty.pk].append(claim)
        for duty in claim.claims_against.all():
            refusing[duty.pk].append(claim)
    duties = Duty.objects.filter(term=term)
    sides = [Sides(duty, claiming[duty.pk], refusing[duty.pk]) for duty in duties]
    return render(request, "pages/role.html", {"term": term, "sides": sides})


@login_not_required
@require_safe
@of_term
def claims(request: HttpRequest, term: Term | None) -> HttpResponse:
    """Every claim by its duty, beside what contradicts it."""
    found = {claim.pk: claim for claim in claims_on(term)}
    against = defaultdict(list)
    for pair in Contradiction.objects.filter(claim__in=found, other__in=found):
        against[pair.claim_id].append(Against(found[pair.other_id], pair))
        against[pair.other_id].append(Against(found[pair.claim_id], pair))
    order = list(found)
    groups = {duty.pk: Group(duty) for duty in Duty.objects.filter(term=term)}
    for claim in found.values():
        # Those that contradict it flatly come first.
        contrary = sorted(
            against[claim.pk], key=lambda row: (row.pair.kind, order.index(row.claim.pk))
        )
        groups[claim.duty_id].rows.append(Row(claim, contrary))
    return render(
        request,
        "pages/claims.html",
        {
            "term": term,
            "count": len(found),
            "groups": [group for group in groups.values() if group.rows],
        },
    )
