"""What members follow, and what is new since they came."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from taggit.models import Tag

from discussions import following
from discussions.following import follows, subjects
from discussions.leaving import leave
from discussions.models import Follow, Notice, Post, Preferences, Thread, Visit
from discussions.passages.places import passage_at
from discussions.posting import open_discussion
from tests.essays.factories import OriginalCommentFactory
from tests.factories import (
    STATES,
    UserFactory,
    client_of,
    definition,
    in_state,
    published,
    reply,
    trusted_member,
)

pytestmark = pytest.mark.django_db
KINDS = ("essay", "comment", "passage", "definition", "discussion", "tag", "member", "term")


@pytest.fixture
def of_kind(essay, term):
    """A subject of each kind that has a button, and the page that the button stands on."""
    essay.tags.add("métier")
    passage = passage_at(essay, essay.paragraphs[0].start, essay.paragraphs[0].end)
    published(reply(passage))
    opened = published(reply(essay, trusted_member(), body="Un long texte. " * 60))
    open_discussion(opened, opened.author)
    Follow.objects.all().delete()
    return {
        "essay": essay,
        "comment": OriginalCommentFactory.create(essay=essay),
        "passage": essay.passages.get(),
        "discussion": opened,
        "definition": published(definition(UserFactory.create())),
        "tag": Tag.objects.get(),
        "member": UserFactory.create(name="Basile"),
        "term": term,
    }


def page_of(subject):
    kind = subjects.name(subject).what
    if kind == "comment":
        return reverse("essays:comment", args=[subject.essay.slug, subject.ref])
    return reverse("home") if kind == "term" else subjects.address(subject)


def press(client, subject, do, **extra):
    name = subjects.name(subject)
    data = {"what": name.what, "key": name.key, "do": do} | extra
    return client.post(reverse("following"), data)


class TestFollowing:
    @pytest.mark.parametrize("kind", KINDS)
    def test_button_follows_and_stops(self, kind, of_kind, member):
        subject, client = of_kind[kind], client_of(member)
        page = page_of(subject)
        for do, on in (("follow", True), ("stop", False)):
            shown = client.get(page)
            assert f'value="{do}">' in shown.text
            assert shown.context["follow"].name == subjects.name(subject)
            answer = press(client, subject, do, next=page)
            assert answer.headers["Location"] == page
            assert follows.follows_of(member, subject).exists() is on

    @pytest.mark.parametrize("kind", KINDS)
    def test_pressing_twice_is_pressing_once(self, kind, of_kind, member):
        client = client_of(member)
        for do, count in (("follow", 1), ("stop", 0)):
            for _time in range(2):
                assert press(client, of_kind[kind], do).status_code == 302
            assert Follow.objects.filter(member=member).count() == count

    @pytest.mark.parametrize("kind", KINDS)
    def test_visitor_has_no_button_and_no_follow(self, kind, of_kind):
        assert 'class="follow"' not in Client().get(page_of(of_kind[kind])).text
        before = Follow.objects.count()
        assert press(Client(), of_kind[kind], "follow").status_code == 302
        assert Follow.objects.count() == before

    def test_discussion_is_followed_by_its_author_and_who_opens_it(self, essay):
        author, opener = trusted_member(), UserFactory.create(community_manager=True)
        post = published(reply(essay, author, body="Un long texte. " * 60))
        open_discussion(post, opener)
        answer = published(reply(post))
        told = {notice.person for notice in Notice.objects.filter(post=answer, decision=None)}
        assert told == {author, opener}

    def test_discussion_is_not_followed_by_an_author_who_has_left(self, essay):
        author, opener = trusted_member(), UserFactory.create(community_manager=True)
        post = published(reply(essay, author, body="Un long texte. " * 60))
        leave(author, erase=False)
        post.refresh_from_db()
        open_discussion(post, opener)
        assert [follow.member for follow in Follow.objects.filter(post=post)] == [opener]

    def test_oneself_cannot_be_followed(self, member):
        client = client_of(member)
        assert 'class="follow"' not in client.get(member.get_absolute_url()).text
        press(client, member, "follow")
        assert not Follow.objects.exists()
        with pytest.raises(IntegrityError), transaction.atomic():
            Follow.objects.create(member=member, person=member)

    def test_exactly_one_subject(self, member, essay, term):
        for columns in ({}, {"essay": essay, "term": term}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Follow.objects.create(member=member, **columns)

    def test_is_limited_by_address(self, member, essay, settings):
        settings.ACCOUNT_RATE_LIMITS = {"follow": "1/m/ip"}
        client = client_of(member)
        assert [press(client, essay, "follow").status_code for _time in (1, 2)] == [302, 429]

    def test_form_from_another_page_is_refused(self, member, essay):
        client = Client(enforce_csrf_checks=True)
        client.force_login(member)
        assert press(client, essay, "follow").status_code == 403
        assert not Follow.objects.exists()

    def test_next_leads_nowhere_else(self, member, essay):
        answer = press(client_of(member), essay, "follow", next="https://example.com/")
        assert answer.headers["Location"] == reverse("following")

    @pytest.mark.parametrize(
        "data",
        [
            {"what": "essay", "key": "nowhere", "do": "follow"},
            {"what": "thread", "key": "1", "do": "follow"},
            {"what": "comment", "key": "x", "do": "follow"},
            {"what": "member", "key": "\0", "do": "follow"},
            {},
        ],
    )
    def test_unknown_subject_is_not_found(self, member, data):
        assert client_of(member).post(reverse("following"), data).status_code == 404

    def test_unknown_act_is_refused(self, member, essay):
        assert press(client_of(member), essay, "dance").status_code == 400

    @pytest.mark.parametrize("state", ["pending", "refused", "dropped"])
    def test_definition_that_was_never_public_is_not_found(self, state, member, term):
        post = in_state(state, definition())
        assert press(client_of(member), post, "follow").status_code == 404

    def test_definition_is_followed_by_its_author_once_published(self, term):
        author = UserFactory.create()
        post = definition(author)
        assert not Follow.objects.filter(member=author).exists()
        published(post)
        assert Follow.objects.get(member=author).post == post

    @pytest.mark.parametrize("count", [1, 3])
    def test_list_names_all_at_a_fixed_cost(
        self, count, of_kind, member, term, django_assert_num_queries
    ):
        for _time in range(count):
            for subject in of_kind.values():
                follows.follow(member, subject)
            of_kind["definition"] = published(definition())
            of_kind["member"] = UserFactory.create()
            of_kind["comment"] = OriginalCommentFactory.create(essay=of_kind["essay"])
        client = client_of(member)
        with django_assert_num_queries(5):
            page = client.get(reverse("following"))
        assert [row["title"] for row in page.context["rows"]] == [
            subjects.title(each.subject) for each in follows.of(member)
        ]
        assert len(page.context["rows"]) == 5 + 3 * count

    def test_hidden_definition_is_listed_without_a_word_of_its_text(self, member, term):
        post = published(definition(None, ("is", "un secret")))
        follows.follow(member, post)
        in_state("hidden", post)
        page = client_of(member).get(reverse("following"))
        assert page.context["rows"][0]["title"] == "Definition 1 of “community manager”"
        assert "un secret" not in page.text


class TestPreferences:
    def test_are_kept_with_the_language(self, member):
        data = {"rhythm": "weekly", "language": "en"}
        answer = client_of(member).post(reverse("preferences"), data)
        assert answer.headers["Location"] == reverse("following")
        member.refresh_from_db()
        assert member.language == "en"
        assert member.preferences.rhythm == "weekly"
        assert not member.preferences.answers

    def test_another_rhythm_tells_from_now_on(self, member):
        long_ago = timezone.now() - timedelta(days=30)
        Preferences.objects.create(member=member, since=long_ago)
        data = {"rhythm": "once", "answers": "on", "language": "fr"}
        client_of(member).post(reverse("preferences"), data)
        assert Preferences.objects.get().since == long_ago
        client_of(member).post(reverse("preferences"), data | {"rhythm": "daily"})
        assert Preferences.objects.get().since > long_ago

    def test_unknown_rhythm_is_said_at_the_field(self, member):
        answer = client_of(member).post(reverse("preferences"), {"rhythm": "never"})
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {"rhythm", "language"}
        assert not Preferences.objects.exists()


class TestVisits:
    @pytest.fixture
    def thread(self, essay):
        return Thread.objects.get_or_create(essay=essay)[0]

    def news(self, client, subject):
        arrival = client.get(page_of(subject)).context["arrival"]
        return arrival.new, arrival.first_new

    @pytest.mark.parametrize("kind", ["essay", "comment", "definition"])
    def test_news_since_the_last_visit_lead_to_the_first(self, kind, of_kind, member):
        subject, client = of_kind[kind], client_of(member)
        assert self.news(client, subject) == (0, "")
        first, _second = published(reply(subject)), published(reply(subject))
        page = client.get(page_of(subject)).text
        assert "2 new replies since your visit" in page
        assert f'<a href="{reverse("post", args=[first.public_id])}">2 new' in page
        assert self.news(client, subject) == (0, "")

    def test_first_visit_has_no_news(self, essay, member):
        published(reply(essay))
        assert self.news(client_of(member), essay) == (0, "")

    def test_what_waited_is_new_when_it_is_published(self, essay, member):
        client, post = client_of(member), reply(essay)
        assert self.news(client, essay) == (0, "")
        published(post)
        assert self.news(client, essay) == (1, post.public_id)

    @pytest.mark.parametrize("state", STATES)
    def test_what_cannot_be_read_is_not_new(self, state, essay, member, thread):
        client = client_of(member)
        self.news(client, essay)
        post = in_state(state, reply(essay))
        readable = state in ("published", "edited")
        assert self.news(client, essay) == ((1, post.public_id) if readable else (0, ""))

    def test_one_s_own_are_not_new(self, essay, thread):
        author = trusted_member()
        client = client_of(author)
        self.news(client, essay)
        reply(essay, author)
        assert self.news(client, essay) == (0, "")

    def test_many_are_not_counted_to_the_end(self, essay, member, thread, monkeypatch):
        monkeypatch.setattr("discussions.following.visits.COUNTED", 2)
        client = client_of(member)
        self.news(client, essay)
        for _time in range(3):
            published(reply(essay))
        assert "More than 2 new replies since your visit" in client.get(page_of(essay)).text

    def test_each_member_has_their_own(self, essay, member, thread):
        first, second = client_of(member), client_of(UserFactory.create())
        self.news(first, essay)
        published(reply(essay))
        assert self.news(second, essay) == (0, "")
        assert self.news(first, essay)[0] == 1

    def test_visitor_leaves_no_mark_and_a_head_neither(self, essay, member, thread):
        Client().get(page_of(essay))
        client_of(member).head(page_of(essay))
        assert not Visit.objects.exists()

    def test_nothing_is_written_where_nothing_changes(
        self, essay, member, thread, django_assert_num_queries
    ):
        client = client_of(member)
        client.get(page_of(essay))
        with django_assert_num_queries(9) as queries:
            client.get(page_of(essay))
        assert all(query["sql"].startswith("SELECT") for query in queries)

    def test_visit_reads_the_notices_of_its_thread(self, essay, member, term):
        follows.follow(member, essay)
        follows.follow(member, term)
        published(reply(essay))
        other = published(definition())
        client_of(member).get(page_of(essay))
        unread = Notice.objects.filter(person=member, read_at=None)
        assert unread.get().post == other
        client_of(member).get(page_of(other))
        assert not unread.exists()


def test_who_leaves_is_forgotten(essay, term, member):
    other = UserFactory.create()
    for follower, followed in ((member, other), (other, member)):
        follows.follow(follower, followed)
        follows.follow(follower, essay)
        client_of(follower).post(reverse("preferences"), {"rhythm": "once", "language": "fr"})
    published(reply(essay))
    for person in (member, other):
        client_of(person).get(page_of(essay))
    following.forget(member)
    assert Follow.objects.get().member == other
    assert Visit.objects.get().member == other
    assert Notice.objects.filter(decision=None).get().person == other
    assert Preferences.objects.get().member == other
    assert Post.objects.count() == 1
