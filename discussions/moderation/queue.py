"""The queue as the desk shows it: a page of it, who looks at what, which case comes next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Self
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cmdebate.accounts.models import User
from discussions import cases, shown
from discussions.models import Case, Post, Target, Thread
from discussions.models.targets import column_of
from discussions.policy import Reason
from essays.models import OriginalComment

from . import recusal
from .decisions import version_of

LENGTH = 50
# For how long somebody who opened a case is said to look at it, unless their page says so again.
LOOKED_FOR = timedelta(minutes=3)
# From which gravity on it is drawn with two, three and four blocks.
LEVELS = (25, 75, 1000)
# How far the next case that somebody may decide on is looked for.
TRIED = 10


class Place(NamedTuple):
    """Which part of the queue is shown, as its address says it."""

    reason: str = ""
    page: int = 1
    hidden: bool = False  # not what waits, but what was taken from readers

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        page, reason = request.GET.get("page", ""), request.GET.get("raison", "")
        return cls(
            reason if reason in dict(REASONS) else "",
            max(1, int(page[:6])) if page.isascii() and page.isdecimal() else 1,
            request.GET.get("liste") == "masques",
        )

    @property
    def query(self) -> str:
        named = {
            "liste": "masques" if self.hidden else "",
            "raison": self.reason,
            "page": self.page if self.page > 1 else "",
        }
        told = urlencode({name: value for name, value in named.items() if value})
        return f"?{told}" if told else ""

    def at(self, page: int) -> "Place":
        return self._replace(page=page)

    def cases(self) -> QuerySet[Case]:
        return Case.objects.filter(reason=self.reason) if self.reason else Case.objects.all()


REASONS = [*cases.Waits.choices, *Reason.choices]


@dataclass
class Item:
    """One line of the queue."""

    target: Target
    since: datetime
    why: list[str]
    case: Case | None = None
    # Who else looks at it now.
    looker: User | None = None

    @property
    def kind(self) -> str:
        return column_of(self.target)

    @property
    def name(self) -> str:
        return name_of(self.target)

    @property
    def address(self) -> str:
        return address_of(self.target)

    @property
    def level(self) -> int:
        """How grave, from 1 to 4; 0 where that says nothing."""
        if self.case is None:
            return 0
        return 1 + sum(self.case.gravity >= level for level in LEVELS)

    @property
    def is_suggested(self) -> bool:
        """Whether a trainee has said what they would do."""
        reasons = self.case.reasons if self.case else []
        return any(reason == cases.Waits.SUGGESTED for reason, _count in reasons)

    @property
    def tick(self) -> str:
        """How a form about several names the case, in the version shown."""
        if self.case is None or not isinstance(self.target, Post | OriginalComment):
            return ""
        return f"{self.case.pk}:{version_of(self.target)}"


class Page(NamedTuple):
    items: list[Item]
    has_next: bool


def page_of(user: User, place: Place) -> Page:
    start = (place.page - 1) * LENGTH
    if place.hidden:
        hidden = Post.objects.visible_to(user).filter(state=Post.State.HIDDEN)
        found = hidden.order_by("-restriction__number")[start : start + LENGTH + 1]
        posts = _drafts(shown.of(user, found))
        items = [
            Item(post, post.restriction.at, [post.restriction.get_ground_display()])
            for post in posts
            if post.restriction
        ]
    else:
        items = read(user, place.cases()[start : start + LENGTH + 1])
    return Page(items[:LENGTH], len(items) > LENGTH)


def read(user: User, found: QuerySet[Case]) -> list[Item]:
    """The cases with what they are about, in a number of queries that depends on neither."""
    rows = list(with_targets(found))
    keys = [row.post_id for row in rows if row.post_id]
    posts = {post.pk: post for post in _drafts(shown.read(user, keys))}
    for row in rows:
        if row.post_id:
            row.post = posts[row.post_id]
    return [
        Item(row.target, row.since, reasons_of(row), row, looked_by_another(user, row))
        for row in rows
    ]


def with_targets(found: QuerySet[Case]) -> QuerySet[Case]:
    return found.select_related(
        "looked_by",
        "member",
        "original_comment__essay",
        *(f"thread__{subject}" for subject in THREAD_SUBJECTS),
    ).defer(*(f"thread__{text}" for text in THREAD_TEXTS))


THREAD_SUBJECTS = (
    *("essay", "passage__essay", "original_comment__essay"),
    *("post__author", "post__definition__source"),
)
THREAD_TEXTS = ("essay__text", "passage__essay__text", "original_comment__essay__text")


def _drafts(posts: Sequence[Post]) -> Sequence[Post]:
    """Moderators judge the latest version."""
    for post in posts:
        post.shown = post.latest_revision
    return posts


def reasons_of(case: Case) -> list[str]:
    return [
        cases.label(reason)
        if count == 1
        else ngettext("%(reason)s, %(count)d time", "%(reason)s, %(count)d times", count)
        % {"reason": cases.label(reason), "count": count}
        for reason, count in case.reasons
    ]


def name_of(target: Target) -> str:
    if isinstance(target, Post):
        return f"{target.signature}, {target.get_kind_display()}"
    if isinstance(target, OriginalComment):
        return _("Essay %(number)s, original comment %(ref)s") % {
            "number": target.essay.number,
            "ref": target.ref,
        }
    if isinstance(target, User):
        return pgettext("case at the desk", "%(name)s, member") % {"name": target}
    assert isinstance(target, Thread)
    return pgettext("case at the desk", "Thread: %(subject)s") % {"subject": subject_of(target)}


def subject_of(thread: Thread) -> str:
    subject = thread.subject
    if not isinstance(subject, Post):
        return str(subject)
    return subject.definition.named if subject.kind == Post.Kind.DEFINITION else name_of(subject)


def address_of(target: Target) -> str:
    """Its page at the desk."""
    if isinstance(target, Post):
        return reverse("moderation:post", args=[target.public_id])
    if isinstance(target, OriginalComment):
        return reverse("moderation:comment", args=[target.essay.slug, target.ref])
    if isinstance(target, User):
        return reverse("moderation:member", args=[target.name])
    assert isinstance(target, Thread)
    return reverse("moderation:thread", args=[target.pk])


def look(user: User, case: Case) -> None:
    """Says that this person has the case open, if nobody else has; they look at one at a time."""
    now = timezone.now()
    if case.looked_by_id == user.pk and case.looked_at and now - case.looked_at < LOOKED_FOR / 3:
        return
    Case.objects.filter(looked_by=user).exclude(pk=case.pk).update(looked_by=None, looked_at=None)
    Case.objects.filter(_open_to(user), pk=case.pk).update(looked_by=user, looked_at=now)


def lookers(user: User) -> dict[int, str]:
    """Who else looks at which case now."""
    looked = Case.objects.filter(looked_by__isnull=False).exclude(_open_to(user))
    return dict(looked.values_list("pk", "looked_by__name"))


def _open_to(user: User) -> Q:
    """Cases that nobody else looks at."""
    return (
        Q(looked_by=None)
        | Q(looked_by=user)
        | Q(looked_at=None)
        | Q(looked_at__lt=timezone.now() - LOOKED_FOR)
    )


def looked_by_another(user: User, case: Case) -> User | None:
    recent = case.looked_at and timezone.now() - case.looked_at < LOOKED_FOR
    return case.looked_by if recent and case.looked_by_id != user.pk else None


def first_for(user: User, items: Iterable[Item]) -> Item | None:
    """The first one that nobody else looks at and that this person may decide on."""
    for item in [item for item in items if item.case and not item.looker][:TRIED]:
        if not (item.is_suggested and not user.decides) and not recusal.bars(user, item.target):
            return item
    return None


def next_for(user: User, place: Place, case: Case) -> Item | None:
    """What opens by itself once that case is done with: the next one, or else the first."""
    others = place.cases().filter(_open_to(user)).exclude(pk=case.pk)
    after = others.filter(
        Q(gravity__lt=case.gravity)
        | Q(gravity=case.gravity, since__gt=case.since)
        | Q(gravity=case.gravity, since=case.since, pk__gt=case.pk)
    )
    for found in (after, others):
        if item := first_for(user, read(user, found[:TRIED])):
            return item
    return None
