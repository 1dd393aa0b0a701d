"""What is new in a thread since a member last came, and that they have come now.

All that a thread's page tells a member about themself is asked for in one query; a mark is
written only where it changes something.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, IntegerField, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone

from cmdebate.accounts.models import User
from discussions import threads
from discussions.models import Notice, Passage, Post, Thread, Visit
from essays.models import Essay, OriginalComment

from . import follows, subjects

# Beyond this many, a page says “more than”.
COUNTED = 100


class CountOf(Subquery):
    """How many rows a query that stops at a limit finds."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


@dataclass(frozen=True)
class Arrival:
    """What has changed for a member who opens a thread's page."""

    new: int
    first_new: str  # the public id of the earliest new reply, or ""

    @property
    def many(self) -> bool:
        return self.new >= COUNTED


def arrive(
    request: HttpRequest, subject: Essay | Passage | OriginalComment | Post, thread: Thread | None
) -> dict[str, Any]:
    """For the page's context. Marks the thread, and the notices that it answers, as seen."""
    user = request.user
    if not user.is_authenticated:
        return {}
    now = timezone.now()
    visit = Visit.objects.filter(member=user, thread=thread)
    told = Notice.objects.shown_to(user).unread()
    here = told.filter(_stands_here(subject, thread))
    seen_at, new, first_new, follows_it, unread, unread_here = (
        User.objects.filter(pk=user.pk)
        .values_list(
            Subquery(visit.values("seen_at")[:1]),
            *_news(user, thread, visit),
            Exists(follows.follows_of(user, subject)),
            CountOf(told.values("pk")),
            CountOf(here.values("pk")),
        )
        .get()
    )
    if request.method == "GET":
        if unread_here:
            here.update(read_at=now)
        if seen_at is None:
            # Where nobody has replied yet, the thread begins with who waits for a reply.
            thread = thread or threads.thread_of(subject)
            Visit.objects.bulk_create(
                [Visit(member=user, thread=thread, seen_at=now)], ignore_conflicts=True
            )
        elif new:
            visit.update(seen_at=now)
    button = follows.Button(subjects.name(subject), follows_it)
    return {
        "arrival": Arrival(new, first_new),
        "follow": button,
        "unread_count": unread - unread_here,
    }


def _news(
    user: User, thread: Thread | None, visit: QuerySet[Visit]
) -> tuple[Value | CountOf, Value | Coalesce]:
    """How many replies are new to a member, and which is the first of them."""
    if thread is None:
        return Value(0), Value("")
    news = (
        Post.objects.visible_to(user)
        .filter(state=Post.State.PUBLISHED, thread=thread)
        .filter(published_at__gt=Subquery(visit.values("seen_at")[:1]))
        .exclude(author=user)
        .order_by("published_at")
    )
    first = Coalesce(Subquery(news.values("public_id")[:1]), Value(""))
    return CountOf(news.values("pk")[:COUNTED]), first


def _stands_here(subject: Essay | Passage | OriginalComment | Post, thread: Thread | None) -> Q:
    """Notices that the page answers: those of the thread, those of the definition itself."""
    if isinstance(subject, Post):
        return Q(post=subject) | Q(post__thread=thread, post__thread__isnull=False)
    return Q(post__thread=thread, post__thread__isnull=False)
