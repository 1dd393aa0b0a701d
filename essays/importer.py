"""Writes a folder of texts to the tables: everything, or nothing."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from cmdebate import edition

from .blocks import ImportRefused
from .debate import DEBATE, Debate, DebateReader
from .debate_importer import Release, save_debate
from .manifest import Collection, Entry, ManifestReader
from .models import Essay, OriginalComment, Proposal, Segment, Term
from .rows import CREATED, UNCHANGED, UPDATED, columns, differences, save_row


@dataclass
class Report:
    """What became of each term and essay, and what the folder holds."""

    outcomes: list[tuple[str, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def read_folder(folder: Path) -> tuple[Collection, Debate]:
    reader = ManifestReader(folder)
    collection = reader.read()
    debate_reader = DebateReader(folder, collection)
    debate = debate_reader.read()
    if problems := [*reader.problems, *debate_reader.problems]:
        raise ImportRefused(problems)
    return collection, debate


def leave(proposal: Proposal) -> None:
    """Where nothing was made of the definitions of essays, there is nothing to take away."""


def import_folder(folder: Path, *, release: Release = leave) -> Report:
    collection, debate = read_folder(folder)
    report = Report()
    with transaction.atomic():
        refuse_conflicts(collection)
        for term in collection.terms:
            report.outcomes.append((save_term(term), f"term {term.slug}"))
        for entry in collection.entries:
            report.outcomes.append((save_entry(entry), f"{entry.essay.number} {entry.essay.slug}"))
            report.counts["essays"] += 1
            report.counts.update(comment.kind for comment in entry.comments)
            report.counts["by_essayist"] += sum(c.by_essayist for c in entry.comments)
        essays = [entry.essay for entry in collection.entries]
        outcome = save_debate(debate, essays, collection.terms, release)
        if debate or outcome != UNCHANGED:
            report.outcomes.append((outcome, DEBATE))
            report.counts.update(
                duties=len(debate.duties),
                claims=len(debate.claims),
                contradictions=len(debate.contradictions),
                definitions=len(debate.proposals),
            )
        if any(outcome != UNCHANGED for outcome, _name in report.outcomes):
            edition.turn()
    return report


def refuse_conflicts(collection: Collection) -> None:
    """A text never changes, nor an original comment that something stands on."""
    problems = []
    for entry in collection.entries:
        name, new = f"essay “{entry.essay.slug}”", entry.essay
        for other in Essay.objects.filter(position=new.position).exclude(slug=new.slug):
            problems.append(f"{name}: the number {new.number} is that of “{other.slug}”")
        if Essay.objects.filter(slug=new.slug).exclude(sha256=new.sha256).exists():
            problems.append(
                f"{name}: {new.file_name} is not the text that was imported under this slug; "
                "a text never changes, so give another one a slug of its own"
            )
        comments = {comment.ref: comment for comment in entry.comments}
        for old in OriginalComment.objects.select_for_update().filter(essay__slug=new.slug):
            if old.ref not in comments:
                problems.append(f"{name}: the original comment “{old.ref}” may not be taken out")
            elif differences(comments[old.ref], old, TEXT_COLUMNS) and is_settled(old):
                problems.append(
                    f"{name}: “{old.ref}” is discussed or decided on; its text may not change"
                )
    if problems:
        raise ImportRefused(problems)


def is_settled(comment: OriginalComment) -> bool:
    """Whether rows of other apps, which this one does not know, may stand on its text."""
    return comment.is_hidden or any(
        relation.related_model._base_manager.filter(**{relation.field.name: comment}).exists()
        for relation in comment._meta.related_objects
        if relation.related_model._meta.app_label != comment._meta.app_label
    )


TEXT_COLUMNS = ["first_line", "last_line", "marker"]
TERM_COLUMNS = columns(Term, "position")
ESSAY_COLUMNS = columns(Essay, "imported_at")
SEGMENT_COLUMNS = columns(Segment, "essay_id")
# Its state is the moderators'.
COMMENT_COLUMNS = columns(OriginalComment, "essay_id", "parent_id", "state", "withheld_by")


def save_term(term: Term) -> str:
    last = Term.objects.aggregate(last=Max("position"))["last"] or 0
    term.position = last + 1
    return save_row(term, Term.objects.filter(slug=term.slug).first(), TERM_COLUMNS)


def save_entry(entry: Entry) -> str:
    essay = entry.essay
    outcome = save_row(essay, Essay.objects.filter(slug=essay.slug).first(), ESSAY_COLUMNS)
    changed = [
        save_segments(essay, entry.segments),
        save_comments(essay, entry.comments),
        save_tags(essay, entry.tags),
        save_terms(essay, entry.terms),
    ]
    if outcome == UNCHANGED and not any(changed):
        return UNCHANGED
    Essay.objects.filter(pk=essay.pk).update(imported_at=timezone.now())
    return CREATED if outcome == CREATED else UPDATED


def save_segments(essay: Essay, segments: list[Segment]) -> bool:
    old = list(essay.segments.all())
    if len(old) == len(segments) and not any(
        differences(*pair, SEGMENT_COLUMNS) for pair in zip(segments, old, strict=True)
    ):
        return False
    essay.segments.all().delete()
    for segment in segments:
        segment.essay = essay
    Segment.objects.bulk_create(segments)
    return True


def save_comments(essay: Essay, comments: list[OriginalComment]) -> bool:
    """Rows keep their identity by their reference: what is said under them stays with them."""
    old = {comment.ref: comment for comment in essay.original_comments.select_related("parent")}
    for comment in comments:
        comment.pk = old[comment.ref].pk if comment.ref in old else None
    if len(old) == len(comments) and not any(
        differences(comment, old[comment.ref], COMMENT_COLUMNS)
        or ref_of(comment.parent) != ref_of(old[comment.ref].parent)
        for comment in comments
    ):
        return False
    # Out of the way first: two rows may not hold one position, even for a moment.
    essay.original_comments.update(position=F("position") + len(old) + len(comments))
    for comment in comments:
        comment.essay = essay
        comment.parent = comment.parent  # Its row has an id by now: parents come first.
        comment.save(update_fields=[*COMMENT_COLUMNS, "parent_id"] if comment.pk else None)
    return True


def ref_of(comment: OriginalComment | None) -> str:
    return comment.ref if comment else ""


def save_tags(essay: Essay, tags: list[str]) -> bool:
    if set(essay.tags.names()) == set(tags):
        return False
    essay.tags.set(tags)
    return True


def save_terms(essay: Essay, slugs: list[str]) -> bool:
    if set(essay.terms.values_list("slug", flat=True)) == set(slugs):
        return False
    essay.terms.set(Term.objects.filter(slug__in=slugs))
    return True
