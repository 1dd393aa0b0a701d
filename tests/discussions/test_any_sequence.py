"""Whatever people do, in whatever order: the record, the states, the counts and the queue agree,
and nobody reads what is not to be read."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from discussions import cases, posting
from discussions.leaving import leave
from discussions.models import (
    Case,
    Complaint,
    Decision,
    Post,
    Revision,
    Suggestion,
    Thread,
)
from discussions.models.targets import named
from discussions.moderation import record
from discussions.moderation.decisions import DecisionRefused, acts_now
from discussions.moderation.undoing import undo
from tests.essays.factories import EssayFactory, OriginalCommentFactory
from tests.factories import (
    UserFactory,
    act,
    complaint,
    definition,
    edit,
    essay_definition,
    reply,
    suggestion,
)

pytestmark = pytest.mark.django_db

WRITES = ("definition", "reply", "answer", "edit", "withdraw")
ASKS = ("report", "law", "appeal", "review", "suggest")
STEPS = st.tuples(
    st.sampled_from((*WRITES, *ASKS, "decide", "decide", "decide", "decide", "undo", "leave")),
    st.integers(0, 40),
    st.integers(0, 40),
)


class World:
    """People, texts, and what may happen next."""

    def __init__(self) -> None:
        self.people = [
            *(UserFactory.create() for _i in range(3)),
            *(UserFactory.create(community_manager=True) for _i in range(2)),
            UserFactory.create(owner=True),
        ]
        essay_definition()
        self.essay = EssayFactory.create()
        self.comment = OriginalCommentFactory.create(essay=self.essay)
        self.number = 0

    def some(self, rows: Any, which: int) -> Any:
        found = list(rows.order_by("pk"))
        return found[which % len(found)] if found else None

    def step(self, what: str, which: int, other: int) -> None:
        self.number += 1
        person = self.people[other % len(self.people)]
        person.refresh_from_db()
        try:
            with transaction.atomic():
                getattr(self, what)(which, other, person)
        except (posting.PostingRefused, DecisionRefused):
            pass

    @property
    def text(self) -> str:
        return f"Un texte mot{self.number}mot."

    def definition(self, which: int, other: int, by: Any) -> None:
        definition(by, ("is", self.text), body=self.text)

    def reply(self, which: int, other: int, by: Any) -> None:
        reply(self.comment if which % 2 else self.essay, by, self.text)

    def answer(self, which: int, other: int, by: Any) -> None:
        if post := self.some(Post.objects.all(), which):
            reply(post, by, self.text)

    def edit(self, which: int, other: int, by: Any) -> None:
        if post := self.some(Post.objects.filter(author__is_active=True), which):
            edit(post, self.text, *([("is", self.text)] if post.has_clauses else []))

    def withdraw(self, which: int, other: int, by: Any) -> None:
        if post := self.some(Post.objects.filter(author__is_active=True), which):
            posting.withdraw(post, post.author)

    def report(self, which: int, other: int, by: Any) -> None:
        if post := self.some(Post.objects.all(), which):
            complaint(post, by if other % 4 else None)

    def law(self, which: int, other: int, by: Any) -> None:
        complaint(self.comment, by, kind="law", rule="Une loi")

    def appeal(self, which: int, other: int, by: Any) -> None:
        entry = self.some(Decision.objects.all(), which)
        if entry and (concerned := entry.member or (entry.post and entry.post.author)):
            complaint(entry, concerned)

    def review(self, which: int, other: int, by: Any) -> None:
        if entry := self.some(Decision.objects.all(), which):
            complaint(entry, by)

    def suggest(self, which: int, other: int, by: Any) -> None:
        target = self.target(which)
        acts = acts_now(target)
        if acts and not Suggestion.objects.filter(**named(target), decision=None).exists():
            suggestion(acts[0], target)

    def target(self, which: int) -> Any:
        targets = [
            *Post.objects.order_by("pk"),
            self.comment,
            *self.people,
            *Thread.objects.order_by("pk"),
        ]
        target = targets[which % len(targets)]
        target.refresh_from_db()
        return target

    def decide(self, which: int, other: int, by: Any) -> None:
        waiting = self.some(Case.objects.all(), which)
        target = waiting.target if waiting and other % 2 else self.target(which)
        if acts := acts_now(target):
            act(acts[other % len(acts)], target, self.people[3 + which % 3])

    def undo(self, which: int, other: int, by: Any) -> None:
        last = Decision.objects.filter(post__isnull=False)
        entry = self.some(last, which) if other % 3 == 0 else last.first()
        if entry and entry.by:
            undo(entry, entry.by)

    def leave(self, which: int, other: int, by: Any) -> None:
        if which % 3 == 0:
            leave(self.people[other % 3], erase=bool(other % 2))


class Tried:
    """All that was done is undone, for the next sequence."""

    def __enter__(self) -> World:
        self.block = transaction.atomic()
        self.block.__enter__()
        return World()

    def __exit__(self, *error: Any) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=15, max_size=50))
def test_record_states_counts_and_queue_agree(steps, term, settings):
    settings.POST_LIMITS = []
    with Tried() as world:
        for step in steps:
            world.step(*step)
        assert list(record.faults_in_database()) == []
        assert_counts_are_true()
        assert_queue_is_what_waits()
        assert_complaints_have_their_answers()


@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=15, max_size=50))
def test_no_page_shows_what_nobody_may_read(steps, term, settings):
    settings.POST_LIMITS = []
    with Tried() as world:
        for step in steps:
            world.step(*step)
        shown = set()
        for version in Revision.objects.filter(post__state="published").select_related("post"):
            if version.published_at and version.post.is_public:
                shown.add(version.body)
        pages = "".join(pages_for_everybody(world))
        kept = {f"Un texte mot{n}mot." for n in range(1, world.number + 1)} - shown
        assert {text for text in kept if text.split()[-1][:-1] in pages} == set()


def pages_for_everybody(world: World) -> Any:
    client = Client()
    yield client.get(world.essay.get_absolute_url()).text
    yield client.get(world.comment.get_absolute_url()).text
    for name in ("home", "definitions:list", "record", "feeds:definitions", "feeds:record"):
        yield client.get(reverse(name)).text
    yield client.get(reverse("feeds:essay", args=[world.essay.slug])).text
    yield client.get("/journal.jsonl").getvalue().decode()
    yield client.get(reverse("search"), {"q": "texte"}).text
    for post in Post.objects.all():
        yield client.get(post.get_absolute_url(), follow=True).text
        yield client.get(reverse("post_history", args=[post.public_id])).text
        if post.kind == "definition":
            yield client.get(reverse("definitions:history", args=[post.public_id])).text


def assert_counts_are_true() -> None:
    for thread in Thread.objects.all():
        public = thread.posts.filter(published_at__isnull=False)
        reports = Complaint.objects.open().reports().filter(post__thread=thread)
        assert (thread.reply_count, thread.hidden_count, thread.report_count) == (
            public.filter(state="published").count(),
            public.filter(state="hidden").count(),
            reports.count(),
        )


def queue() -> list[tuple[Any, ...]]:
    return [
        (str(case.target), case.gravity, case.since, case.reasons) for case in Case.objects.all()
    ]


def assert_queue_is_what_waits() -> None:
    """It is what it would be if each target were followed anew, and each case can be cleared."""
    kept = sorted(queue(), key=str)
    for case in Case.objects.all():
        assert acts_now(case.target) != (), (case, case.reasons)
    Case.objects.all().delete()
    asked = Complaint.objects.open()
    proposed = Suggestion.objects.filter(decision=None)
    targets = {each.target for rows in (asked, proposed) for each in rows}
    for target in {*Post.objects.all(), *targets}:
        cases.follow(target)
    assert sorted(queue(), key=str) == kept


def assert_complaints_have_their_answers() -> None:
    for each in Complaint.objects.exclude(state__in=["open", "moot"]).select_related("answer"):
        assert each.answer
        assert each.answer.at == each.answered_at
        assert each.answer.target == each.target
    gone = Post.objects.filter(state="withdrawn")
    assert not Complaint.objects.open().reports().filter(post__in=gone).exists()
