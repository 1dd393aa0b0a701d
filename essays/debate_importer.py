"""Writes what debate.toml says to the tables, in the transaction of the import."""

from collections.abc import Callable, Iterable

from django.db.models import ProtectedError
from django.db.models.fields.related import ForeignKey

from .blocks import ImportRefused
from .debate import DEBATE, ClaimEntry, Debate
from .models import Claim, Contradiction, Duty, Essay, Proposal, Term
from .rows import CREATED, UNCHANGED, UPDATED, columns, save_row

# Takes away what the site made of a definition that has left the file, if nothing stands on it.
Release = Callable[[Proposal], None]

DUTY_COLUMNS = columns(Duty)
CLAIM_COLUMNS = columns(Claim)
PROPOSAL_COLUMNS = columns(Proposal)


def save_debate(debate: Debate, essays: list[Essay], terms: list[Term], release: Release) -> str:
    """Essays and terms are those of the folder, saved; no other's rows are touched."""
    is_new = not any(
        model._default_manager.filter(essay__in=essays).exists() for model in (Claim, Proposal)
    )
    changed = [
        save_duties(debate.duties, terms),
        save_claims(debate.claims, essays),
        save_contradictions(debate.contradictions, essays),
        save_proposals(debate.proposals, essays, release),
        # Last, when the claims on them are gone.
        remove_duties(debate.duties, terms),
    ]
    if not any(changed):
        return UNCHANGED
    return CREATED if is_new else UPDATED


def point(row: Duty | Claim | Proposal | Contradiction) -> None:
    """Gives a row the ids that what it points to has got by now."""
    for field in row._meta.concrete_fields:
        if isinstance(field, ForeignKey):
            setattr(row, field.name, getattr(row, field.name))


def save_duties(duties: list[Duty], terms: list[Term]) -> bool:
    rows = {(row.term_id, row.slug): row for row in Duty.objects.filter(term__in=terms)}
    changed = False
    for duty in duties:
        point(duty)
        old = rows.get((duty.term_id, duty.slug))
        changed |= save_row(duty, old, DUTY_COLUMNS) != UNCHANGED
    return changed


def save_claims(entries: list[ClaimEntry], essays: list[Essay]) -> bool:
    found = Claim.objects.filter(essay__in=essays)
    rows = {
        (row.essay_id, row.ref): row
        for row in found.prefetch_related("claims_for", "claims_against")
    }
    changed = False
    for claim, *sides in entries:
        point(claim)
        old = rows.pop((claim.essay_id, claim.ref), None)
        changed |= save_row(claim, old, CLAIM_COLUMNS) != UNCHANGED
        for name, duties in zip(("claims_for", "claims_against"), sides, strict=True):
            if set(duties) != (set(getattr(old, name).all()) if old else set()):
                getattr(claim, name).set(duties)
                changed = True
    if rows:  # they have left the file
        found.filter(pk__in=[row.pk for row in rows.values()]).delete()
    return changed or bool(rows)


def save_proposals(proposals: list[Proposal], essays: list[Essay], release: Release) -> bool:
    found = Proposal.objects.filter(essay__in=essays).select_related("essay")
    rows = {(row.essay_id, row.ref): row for row in found}
    changed = False
    for proposal in proposals:
        point(proposal)
        old = rows.pop((proposal.essay_id, proposal.ref), None)
        changed |= save_row(proposal, old, PROPOSAL_COLUMNS) != UNCHANGED
    remove_proposals(rows.values(), release)
    return changed or bool(rows)


def remove_proposals(gone: Iterable[Proposal], release: Release) -> None:
    problems = []
    for proposal in gone:
        release(proposal)
        try:
            proposal.delete()
        except ProtectedError:
            problems.append(
                f"{DEBATE}: the definition “{proposal.ref}” of “{proposal.essay.slug}” may not be "
                "taken out: it is discussed, followed or decided on"
            )
    if problems:
        raise ImportRefused(problems)


def save_contradictions(pairs: list[Contradiction], essays: list[Essay]) -> bool:
    for pair in pairs:
        point(pair)
    old = Contradiction.objects.filter(claim__essay__in=essays)
    wanted = {(pair.claim_id, pair.other_id, str(pair.kind)) for pair in pairs}
    if set(old.values_list("claim", "other", "kind")) == wanted:
        return False
    old.delete()
    Contradiction.objects.bulk_create(pairs)
    return True


def remove_duties(duties: list[Duty], terms: list[Term]) -> bool:
    """Those that another folder's claims are about stay: they are its own."""
    gone = Duty.objects.filter(term__in=terms, claims=None, claimed_by=None, refused_by=None)
    return bool(gone.exclude(pk__in=[duty.pk for duty in duties]).delete()[0])
