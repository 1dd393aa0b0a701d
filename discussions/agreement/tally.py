"""What members think of a definition, counted: clause by clause, and for its place in a list.

What is counted of a clause is kept on the one that said it first; each version that says the
same has the same figures.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Count, Q

from cmdebate.accounts.models import User

from .. import access
from ..models import Clause, Definition, Label, Post, Reaction
from ..models.definitions import Figures
from ..models.posts import Viewer
from ..small_groups import LEAST
from ..threads import sort_key
from ..votes import contest, score

Stance = Reaction.Stance
# Where each stands in `Figures` and on a clause.
COLUMNS = {
    Stance.AGREE.value: "agreeing",
    Stance.DISAGREE.value: "disagreeing",
    Stance.CLARIFY.value: "doubting",
}


def count(clause: int) -> None:
    """Keeps the figures of a clause that said it first."""
    figures = _together(by_clause([clause])[clause].values())
    Clause.objects.filter(pk=clause).update(**figures._asdict())


def rank(definition: Definition) -> None:
    """Gives a published definition its place in each order, by its present clauses."""
    revision = definition.post.published_revision
    assert revision
    origins = {clause.first_id for clause in revision.clauses.all()}
    clauses = by_clause(origins)
    agreeing, disagreeing, doubting = _together(
        figures for by_position in clauses.values() for figures in by_position.values()
    )
    places = {
        "by_support": score(agreeing, disagreeing + doubting),
        "by_contest": contest(agreeing, disagreeing),
        "by_shared": _shared(clauses.values()),
    }
    for column, value in places.items():
        setattr(definition, column, sort_key(value, definition.pk))
    definition.save(update_fields=[*places])


def _together(figures: Iterable[Figures]) -> Figures:
    return Figures(*map(sum, zip(Figures(), *figures, strict=True)))


def by_clause(origins: Iterable[int]) -> dict[int, dict[str, Figures]]:
    """How many of each position think what of each of these clauses. One query."""
    rows = (
        Reaction.objects.filter(clause__in=list(origins), is_current=True)
        .exclude(stance="")
        .values_list("clause", "member__position")
        .annotate(**{name: Count("pk", Q(stance=stance)) for stance, name in COLUMNS.items()})
    )
    found: dict[int, dict[str, Figures]] = defaultdict(dict)
    for clause, position, *figures in rows:
        found[clause][position] = Figures(*figures)
    return found


def _shared(clauses: Iterable[dict[str, Figures]]) -> int:
    """The rank by what is shared: how sure the position that agrees least with any clause is
    to agree with it. Positions are heard where enough people speak from them, and count where
    two of them are."""
    ranks = []
    for by_position in clauses:
        heard = [f for name, f in by_position.items() if name and f.total >= LEAST]
        if len(heard) > 1:
            ranks += [score(f.agreeing, f.total - f.agreeing) for f in heard]
    return min(ranks, default=0)


def with_mine(user: Viewer, definitions: Sequence[Post]) -> Sequence[Post]:
    """Definitions with what this person thinks of each clause, and whether they may say so. One
    query, none for a visitor."""
    if isinstance(user, User):
        clauses = [c for post in definitions if post.shown for c in post.shown.clauses.all()]
        mine = Reaction.objects.filter(
            member=user, is_current=True, clause__in={clause.first_id for clause in clauses}
        )
        stances = dict(mine.values_list("clause", "stance"))
        for clause in clauses:
            clause.my_stance = stances.get(clause.first_id, "")
        for post in definitions:
            post.may_be_reacted_to = access.may_react(user, post)
    return definitions


def with_labels(clauses: Iterable[Clause]) -> None:
    """Gives clauses what members say that they lack, and how many say so. One query."""
    rows = list(clauses)
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    labels = Label.objects.filter(clause__in={clause.first_id for clause in rows})
    counted = labels.values_list("clause", "kind").annotate(n=Count("pk")).order_by("-n", "kind")
    for clause, kind, n in counted:
        found[clause].append((str(Label.Kind(kind).label), n))
    for each in rows:
        each.lacks = found[each.first_id]
