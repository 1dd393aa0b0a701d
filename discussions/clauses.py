"""The clauses of a definition, from version to version."""

from collections.abc import Sequence

from .models import Clause, Revision
from .models.posts import Said


def write(revision: Revision, said: Sequence[Said]) -> None:
    """Keeps what a version says, each clause with the one that said the same before."""
    if not said:
        return
    known: dict[tuple[str, str, str], int] = {}
    for clause in Clause.objects.filter(revision__post=revision.post).order_by("pk"):
        known.setdefault((clause.polarity, clause.text, clause.scope), clause.first_id)
    Clause.objects.bulk_create(
        Clause(
            revision=revision,
            position=position,
            polarity=each.polarity,
            scope=each.scope,
            text=each.text,
            passage=each.passage.saved() if each.passage else None,
            origin_id=known.get(each[:3]),
        )
        for position, each in enumerate(said, 1)
    )
