"""A policy that is tried on past texts says what it would have done to them."""

from random import Random
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command

from discussions import posting
from discussions.leaving import leave
from discussions.models import PolicyVersion, Post, Revision
from discussions.models.posts import Wording
from discussions.moderation.replay import Outcome, judged_texts, replay
from discussions.moderation.undoing import undo
from discussions.policy import Policy, judge
from tests.essays.factories import EssayFactory
from tests.factories import (
    UserFactory,
    act,
    answer,
    definition,
    edit,
    essay_definition,
    in_state,
    published,
    reply,
    text_of,
)

pytestmark = pytest.mark.django_db

FIRST = Policy(newcomer_posts=2, most_links=1, words=("casino*", "pari gagné"), most_posts=4)
OTHER = Policy(newcomer_posts=6, most_links=0, words=("été",), most_posts=3, validation=False)
WORDS = ("une veille", "un CASINO", "des casinos en ligne", "un pari  gagné", "Été comme hiver",
         "http://exemple.fr", "https://a.fr et www.b.fr", "une écoute", "un rôle")  # fmt: skip


def in_force(policy: Policy) -> None:
    number = PolicyVersion.objects.count() + 1
    PolicyVersion.objects.create(
        number=number, values=policy.values(), by=UserFactory.create(community_manager=True)
    )


def live(count: int, seed: int) -> list[Any]:
    """People send texts at random, under the policy in force; what became of each is decided
    by chance alone. What each was held for."""
    chance = Random(seed)  # noqa: S311
    essay = EssayFactory.create()
    moderator, reader = UserFactory.create_batch(2, community_manager=True)
    people = [UserFactory.create() for _i in range(count // 12)] + [moderator]
    held = []
    posts: list[Post] = []
    for _i in range(count):
        text = ", ".join(chance.choices(WORDS, k=chance.randint(1, 3)))
        what = chance.random()
        own = [post for post in posts if post.author in people]
        if what < 0.15 and own:
            post = chance.choice(own)
            post.refresh_from_db()
            body = f"{text}, {chance.random()}"
            said = [("is", text)] if post.has_clauses else []
            post = edit(post, body, *said)
        elif what < 0.3:
            post = definition(chance.choice(people), ("is", text), ("is_not", "un métier"))
        elif what < 0.4:
            post = text_of(answer(text=text))
        else:
            author = chance.choice(people)
            post = Post(kind="reply", author=author, form_key=uuid4())
            in_role = author == moderator and chance.random() < 0.5
            posting.send(post, Wording(text), subject=essay, in_role=in_role)
        revision = post.revisions.latest("number")
        held.append(revision.held_for)
        if revision.held_for:
            act("approve", post, reader)
        posts.append(post)
    return held


def replayed(policy: Policy) -> list[list[str]]:
    found = []
    for judged in judged_texts():
        assert judged.facts
        found.append([str(reason) for reason in judge(judged.facts, policy).reasons])
    return found[::-1]


class TestIsWhatLivePostingDecides:
    @pytest.fixture(autouse=True)
    def many(self, settings):
        settings.POST_LIMITS = []

    def test_under_the_policy_that_was_in_force(self):
        in_force(FIRST)
        held = live(800, seed=1)
        assert {reason for reasons in held for reason in reasons} == {
            *("newcomer", "visitor", "links", "words", "pace", "role"),
        }
        assert replayed(FIRST) == held

    def test_under_another_policy(self):
        in_force(FIRST)
        live(200, seed=2)
        said_by_replay = replayed(OTHER)
        last = Revision.objects.latest("pk").pk
        in_force(OTHER)
        held = live(200, seed=2)
        assert Revision.objects.filter(pk__gt=last).count() == 200
        assert said_by_replay == held != replayed(FIRST)[:200]

    def test_counts_what_differs(self):
        in_force(FIRST)
        before = live(120, seed=3)
        after = replayed(OTHER)
        made = replay(FIRST, OTHER)
        more = [now for was, now in zip(before, after, strict=True) if now and not was]
        fewer = [was for was, now in zip(before, after, strict=True) if was and not now]
        assert (made.read, made.left_out) == (120, 0)
        assert (made.held, made.would_hold) == (sum(map(bool, before)), sum(map(bool, after)))
        for difference, reasons in ((made.more, more), (made.fewer, fewer)):
            assert difference.count == len(reasons) > 0
            assert sum(difference.reasons.values()) == sum(map(len, reasons))
            # All were published at once, or approved.
            assert difference.outcomes == {Outcome.STANDS: len(reasons)}
            latest = Revision.objects.order_by("-pk").values_list("pk", flat=True)
            examples = [revision for revision, *_more in difference.examples]
            assert examples == [pk for pk in latest if pk in examples] and len(examples) == min(
                len(reasons), 10
            )


class TestWhatBecameOfThem:
    @pytest.mark.parametrize(
        "state, outcomes",
        [
            ("pending", ["waits"]),
            ("published", ["stands"]),
            ("edited", ["stands", "waits"]),
            ("hidden", ["hidden"]),
            ("refused", ["refused"]),
            ("withdrawn", ["withdrawn"]),
            ("dropped", ["withdrawn"]),
        ],
    )
    def test_is_told_of_each_version(self, state, outcomes):
        in_state(state)
        assert [judged.outcome for judged in judged_texts()][::-1] == outcomes

    def test_version_that_another_took_the_place_of_while_it_waited(self):
        edit(reply(), "Autrement dit.")
        assert [judged.outcome for judged in judged_texts()] == ["waits", "replaced"]

    def test_refusal_that_was_undone_is_none(self, moderator):
        post = reply()
        undo(act("refuse", post, moderator), moderator)
        assert [judged.outcome for judged in judged_texts()] == ["waits"]

    def test_refused_edit_leaves_the_earlier_version_standing(self):
        act("refuse", in_state("edited"))
        assert [judged.outcome for judged in judged_texts()] == ["refused", "stands"]


class TestWhatIsLeftOut:
    def test_texts_whose_facts_were_not_kept_are_counted(self):
        reply()
        Revision.objects.update(facts={})
        reply()
        made = replay(Policy(newcomer_posts=0), Policy(words=("réponse",)))
        assert (made.read, made.left_out, made.more.count) == (2, 1, 1)
        # Their words are searched all the same.
        assert (made.with_words, made.words) == (2, {"réponse": 2})

    def test_erased_texts_are_counted_too(self, member):
        published(reply(author=member, body="Un casino."))
        leave(member, erase=True)
        made = replay(Policy(), Policy(words=("casino",)))
        assert (made.read, made.left_out, made.with_words) == (1, 1, 0)

    def test_what_essays_say_is_no_text_that_was_sent(self):
        essay_definition()
        assert replay(Policy(), Policy()).read == 0

    def test_only_the_latest_are_read(self, monkeypatch):
        monkeypatch.setattr("discussions.moderation.replay.MOST_READ", 2)
        texts = [f"Réponse {number}." for number in range(3)]
        for text in texts:
            reply(body=text)
        assert [judged.text.strip() for judged in judged_texts()] == texts[:0:-1]


def test_clauses_are_read_with_the_version_they_belong_to(term):
    sent = [
        definition(None, ("is", f"un {n}"), ("is_not", f"deux {n}"), body=f"Trois {n}.")
        for n in range(3)
    ]
    reply(body="Entre deux.")
    texts = [judged.text for judged in judged_texts()]
    words = [post.latest_revision.wording.text for post in sent]
    assert texts == ["\nEntre deux.", *words[::-1]]


def test_as_many_queries_whatever_the_number_of_texts(settings, django_assert_num_queries):
    settings.POST_LIMITS = []
    for _i in range(2):
        for _n in range(3):
            definition()
        with django_assert_num_queries(2):
            replay(Policy(), Policy(newcomer_posts=0))


def test_simulated_texts_keep_the_facts_that_posting_would_have_found(settings):
    settings.POST_LIMITS = []
    essay = EssayFactory.create(slug="essai")
    call_command(
        "simulate_debate",
        *("--essay", "essai", "--replies", "200", "--members", "4", "--definitions", "0"),
    )
    simulated = list(Revision.objects.order_by("pk"))
    people = {author: UserFactory.create() for author in {each.author_id for each in simulated}}
    for number, each in enumerate(simulated):
        post = posting.reply(people[each.author_id], essay, each.body, form_key=uuid4())
        published(post)
        sent = post.revisions.get()
        # Simulated ones are hours apart, these are not.
        sent.facts.pop("recent_posts", None)
        assert sent.facts == each.facts, number
