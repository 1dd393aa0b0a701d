"""What is hidden in a thread, counted from both sides: the texts, and the record's entries.

The two are read from different tables, and from nothing that the verbs keep for the purpose:
a text that was hidden or brought back past the record makes them differ.
"""

from functools import cache
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cmdebate.prepared import Given, Prepared

from .models import Action, Decision, Post, Thread


class Hidden(NamedTuple):
    posts: int = 0
    entries: int = 0

    @property
    def agree(self) -> bool:
        return self.posts == self.entries


NOTHING_HIDDEN = Hidden()


def hidden_in(thread: Thread) -> Hidden:
    """How many of its texts are hidden in a place that readers see, and by how many entries."""
    [counts] = _prepared().rows(thread=thread.pk)
    return Hidden(*counts)


def _undoes(*actions: Action) -> Q:
    return Q(action=Action.UNDO, answers__action__in=actions)


# Whether readers first saw the text by the approval that an entry undoes.
_UNDOES_FIRST_SHOWING = _undoes(Action.APPROVE) & Q(
    answers__revision__published_at=F("post__published_at")
)
_HIDES = Q(action=Action.HIDE) | _undoes(Action.RESTORE) | _UNDOES_FIRST_SHOWING
_SHOWS = Q(action__in=[Action.APPROVE, Action.RESTORE]) | _undoes(Action.HIDE)


def in_force() -> QuerySet[Decision]:
    """The entries by which a text that was public is hidden: nothing came of it since.

    A refusal is none of them: it keeps from readers what they have never seen.
    """
    since = Decision.objects.filter(_HIDES | _SHOWS, post=OuterRef("post"), pk__gt=OuterRef("pk"))
    return Decision.objects.filter(_HIDES, ~Exists(since), action__in=[Action.HIDE, Action.UNDO])


@cache
def _prepared() -> Prepared:
    here = Given("thread")
    posts = Post.objects.filter(
        thread=here, state=Post.State.HIDDEN, published_at__isnull=False
    ).values("thread")
    entries = in_force().filter(in_thread=here).values("in_thread")
    return Prepared(Thread.objects.filter(pk=here).values_list(_count(posts), _count(entries)))


def _count(rows: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().annotate(n=Count("pk")).values("n")), 0)
