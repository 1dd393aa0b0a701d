"""What is said in the name of the role: prompts, replies, and who reads them first."""

from uuid import uuid4

import pytest
from django.urls import reverse

from cmdebate.accounts.models import User
from cmdebate.models import Edition
from discussions import posting
from discussions.following import follows
from discussions.models import Decision, Notice, Post, Prompt, SearchDocument
from discussions.models.posts import Wording
from discussions.moderation import record
from discussions.moderation.decisions import NotYours
from discussions.prompts import verbs
from tests.essays.factories import ClaimFactory, DutyFactory, EssayFactory, TermFactory
from tests.factories import (
    UserFactory,
    act,
    client_of,
    edit,
    person,
    policy_version,
    prompt,
    published,
    reply,
)

pytestmark = pytest.mark.django_db

QUESTION = "Quand avez-vous été modéré pour la première fois ?"


@pytest.fixture
def unread(moderator):
    """The house publishes what is said in the role's name without a second reading."""
    policy_version(moderator, validation=False)


def entries(post: Post) -> list[tuple[str, str, str]]:
    rows = Decision.objects.filter(post=post).order_by("number").select_related("by")
    return [(row.action, row.duty, row.by.name if row.by else "") for row in rows]


def edition() -> int:
    return Edition.objects.get().number


class TestStart:
    def test_waits_for_a_second_community_manager(self, moderator):
        post = prompt(moderator)
        assert (post.state, post.pending_revision.held_for) == ("pending", ["role"])
        assert entries(post) == []
        second = UserFactory.create(name="Bis", community_manager=True)
        with pytest.raises(NotYours):
            act("approve", post, moderator)
        act("approve", post, second)
        assert post.state == "published"
        assert entries(post) == [
            ("open", "animate", moderator.name),
            ("approve", "validate", "Bis"),
        ]
        assert list(record.faults_in_database()) == []

    def test_is_published_at_once_where_the_policy_says_so(self, moderator, unread):
        post = prompt(moderator)
        assert post.state == "published"
        assert entries(post) == [("open", "animate", moderator.name)]
        assert list(record.faults_in_database()) == []

    def test_opens_once_whatever_is_undone_and_approved_again(self, moderator):
        post = published(prompt(moderator))
        act("hide", post)
        act("restore", post)
        assert [row[0] for row in entries(post)] == ["open", "approve", "hide", "restore"]

    def test_of_a_refused_one_opens_when_it_is_restored(self, moderator):
        post = prompt(moderator)
        act("refuse", post)
        act("restore", post)
        assert [row[0] for row in entries(post)] == ["refuse", "open", "restore"]

    @pytest.mark.parametrize("role", [User.Role.MEMBER, User.Role.TRAINEE])
    def test_is_for_who_decides(self, role):
        with pytest.raises(posting.Closed):
            prompt(UserFactory.create(role=role))
        assert Post.objects.count() == 0

    def test_sent_twice_starts_once(self, moderator, unread):
        key = uuid4()
        assert prompt(moderator, form_key=key) == prompt(moderator, form_key=key)
        assert [row[0] for row in entries(Post.objects.get())] == ["open"]

    def test_a_new_version_waits_too(self, moderator):
        post = published(prompt(moderator))
        post.refresh_from_db()
        posting.edit(post, moderator, Wording("Autre.", title="Et ?"), seen=post.version)
        post.refresh_from_db()
        assert (post.state, post.pending_revision.held_for) == ("published", ["role"])


class TestLead:
    def test_pin_and_unpin_turn_the_edition_and_are_no_entry(self, moderator):
        post = published(prompt(moderator))
        told, before = entries(post), edition()
        assert verbs.pin(post.prompt, moderator)
        assert Prompt.objects.get().pinned
        assert edition() == before + 1
        assert not verbs.pin(post.prompt, moderator)
        assert verbs.unpin(post.prompt, moderator)
        assert not Prompt.objects.get().pinned
        assert edition() == before + 2
        assert entries(post) == told

    def test_end_takes_it_down_and_is_an_entry(self, moderator):
        post = published(prompt(moderator, pinned=True))
        before = edition()
        verbs.end(post.prompt, moderator)
        ended = Prompt.objects.get()
        assert ended.ended_at and not ended.pinned
        assert edition() > before
        assert entries(post)[-1] == ("close", "animate", moderator.name)
        with pytest.raises(verbs.NotNow):
            verbs.end(post.prompt, moderator)
        with pytest.raises(verbs.NotNow):
            verbs.pin(post.prompt, moderator)
        assert list(record.faults_in_database()) == []

    def test_end_by_somebody_else_tells_its_author(self, moderator):
        post = published(prompt())
        verbs.end(post.prompt, moderator)
        page = client_of(post.author).get(reverse("notices")).text
        assert "Your prompt is ended" in page

    @pytest.mark.parametrize("act_on", [verbs.pin, verbs.unpin, verbs.end])
    def test_is_for_who_decides(self, act_on, member):
        post = published(prompt())
        with pytest.raises(posting.Closed):
            act_on(post.prompt, member)

    def test_waits_until_readers_see_it(self, moderator):
        with pytest.raises(verbs.NotNow):
            verbs.end(prompt(moderator).prompt, moderator)


class TestPages:
    def test_pinned_one_stands_on_its_pages_until_it_ends(self, moderator):
        term, essay = TermFactory.create(), EssayFactory.create()
        post = prompt(moderator, term=term, essay=essay, pinned=True)
        pages = [reverse("home"), reverse("definitions:list"), essay.get_absolute_url()]
        visitor = client_of(person("visitor"))

        def shown():
            return ['class="band prompted"' in visitor.get(page).text for page in pages]

        assert shown() == [False, False, False]
        published(post)
        assert shown() == [True, True, True]
        act("hide", post)
        assert shown() == [False, False, False]
        act("restore", post)
        verbs.end(post.prompt, moderator)
        assert shown() == [False, False, False]
        assert QUESTION in visitor.get(post.get_absolute_url()).text

    def test_says_that_it_was_read_first(self):
        page = client_of(person("visitor")).get(published(prompt()).get_absolute_url()).text
        assert "Read by a second person" in page
        assert "without a second reading" not in page

    def test_says_that_it_was_not_and_quotes_both_sides(self, unread):
        term = TermFactory.create()
        duty = DutyFactory.create(term=term, slug="faire-valider")
        one, other = ClaimFactory.create_batch(2, duty=duty)
        one.claims_for.add(duty)
        other.claims_against.add(duty)
        post = prompt(term=term)
        page = client_of(person("visitor")).get(post.get_absolute_url()).text
        assert "Published without a second reading" in page
        for claim in (one, other):
            assert f'<a href="{claim.address}">{claim.essay.number}</a>' in page

    def test_is_written_pinned_and_ended_from_its_pages(self, moderator):
        term, essay = TermFactory.create(), EssayFactory.create()
        client = client_of(moderator)
        form = {"term": term.slug, "question": "Et vous ?", "body": "", "essay": essay.slug}
        form |= {"pinned": "on", "key": str(uuid4())}
        client.post(reverse("prompt_create"), form)
        post = Post.objects.get()
        assert (post.prompt.essay, post.prompt.pinned, post.state) == (essay, True, "pending")
        act("approve", post)
        for button, expected in (
            ("unpin", (False, False)),
            ("pin", (True, False)),
            ("end", (False, True)),
        ):
            client.post(reverse("prompt_act", args=[post.public_id]), {button: "1"})
            led = Prompt.objects.get()
            assert (led.pinned, led.ended_at is not None) == expected

    def test_keeps_what_was_typed_when_the_question_lacks(self, moderator):
        term = TermFactory.create()
        form = {"term": term.slug, "question": "", "body": "Parce que.", "key": str(uuid4())}
        response = client_of(moderator).post(reverse("prompt_create"), form)
        assert response.status_code == 422
        assert "Parce que." in response.text
        assert Post.objects.count() == 0

    def test_is_edited_by_its_author_alone(self, moderator):
        post = published(prompt(moderator))
        address = reverse("prompt_edit", args=[post.public_id])
        assert client_of(person("community_manager")).get(address).status_code == 404
        form = {"question": "Autrement ?", "body": "", "seen": post.version}
        client_of(moderator).post(address, form)
        post.refresh_from_db()
        assert post.pending_revision.title == "Autrement ?"

    def test_acts_are_refused_to_members(self, member):
        post = published(prompt())
        response = client_of(member).post(
            reverse("prompt_act", args=[post.public_id]), {"end": "1"}
        )
        assert response.status_code == 403
        assert Prompt.objects.get().ended_at is None


def test_followers_of_the_term_and_of_the_essay_hear_of_it(moderator):
    term, essay = TermFactory.create(), EssayFactory.create()
    people = UserFactory.create_batch(2)
    follows.follow(people[0], term)
    follows.follow(people[1], essay)
    post = prompt(moderator, term=term, essay=essay)
    assert Notice.objects.count() == 0
    published(post)
    told = Notice.objects.filter(post=post, decision=None).order_by("person")
    assert [notice.person for notice in told] == people
    assert "starts a conversation" in client_of(people[0]).get(reverse("notices")).text


def test_is_found_by_its_words(moderator):
    post = prompt(moderator)
    assert not SearchDocument.objects.filter(post=post).exists()
    published(post)
    page = client_of(person("visitor")).get(reverse("search"), {"q": "modéré", "genre": "prompt"})
    assert post.public_id in page.text


def test_is_in_its_author_s_own_data(moderator):
    post = published(prompt(moderator, essay=EssayFactory.create(), pinned=True))
    data = client_of(moderator).get(reverse("own_data_json")).json()
    (row,) = data["posts"]
    assert (row["id"], row["essay"], row["pinned"]) == (
        post.public_id,
        post.prompt.essay.slug,
        True,
    )
    assert row["versions"][0]["in_role"] is True


class TestReplyInRole:
    def test_waits_and_says_so_once_it_is_read(self, moderator):
        essay = EssayFactory.create()
        address = reverse("essays:reply", args=[essay.slug])
        form = {"body": "Nous écoutons.", "in_role": "on", "key": str(uuid4())}
        page = client_of(moderator).post(address, form, follow=True).text
        assert "a second community manager reads it" in page
        post = Post.objects.get()
        assert (post.state, post.pending_revision.held_for) == ("pending", ["role"])
        decision = act("approve", post)
        assert decision.duty == "validate"
        thread = client_of(person("visitor")).get(essay.get_absolute_url()).text
        assert "in the name of the role" in thread
        assert "without a second reading" not in thread

    def test_says_that_nobody_read_it_first(self, moderator, unread):
        post = reply(EssayFactory.create(), moderator, in_role=True)
        thread = client_of(person("visitor")).get(post.thread.get_absolute_url()).text
        assert "published without a second reading" in thread

    def test_is_not_offered_to_members_nor_taken_from_them(self, member):
        essay = EssayFactory.create()
        assert 'name="in_role"' not in client_of(member).get(essay.get_absolute_url()).text
        form = {"body": "Nous.", "in_role": "on", "key": str(uuid4())}
        client_of(member).post(reverse("essays:reply", args=[essay.slug]), form)
        assert not Post.objects.get().latest_revision.in_role
        with pytest.raises(posting.Closed):
            reply(essay, member, in_role=True)

    def test_stays_in_role_when_it_is_edited(self, moderator):
        post = published(reply(EssayFactory.create(), moderator, in_role=True))
        edit(post, "Autrement.")
        post.refresh_from_db()
        assert post.pending_revision.held_for == ["role"]
