"""Who is told of what, once, and only while they may read it."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from taggit.models import Tag

from discussions.agreement import verbs
from discussions.following import follows, notices
from discussions.leaving import leave
from discussions.models import Notice, Post
from tests.essays.factories import OriginalCommentFactory
from tests.factories import (
    NEVER_PUBLIC,
    REASON,
    STATES,
    UserFactory,
    act,
    client_of,
    definition,
    edit,
    essay_definition,
    in_state,
    published,
    reply,
    trusted_member,
    withdrawn,
)

pytestmark = pytest.mark.django_db


def told(person, **which):
    """The kinds of what this person was told, decisions on their own texts left out."""
    rows = Notice.objects.filter(person=person, decision=None, **which).order_by("pk")
    return [(notice.post, notice.kind) for notice in rows]


def read(client):
    return client.get(reverse("notices"))


def unread(client):
    return client.get(reverse("rules")).context["unread_count"]()


class TestWhoIsTold:
    @pytest.mark.parametrize("kind", ["essay", "comment", "tag", "author"])
    def test_of_a_reply(self, kind, essay, member):
        essay.tags.add("métier")
        comment = OriginalCommentFactory.create(essay=essay)
        author = UserFactory.create()
        followed = {"essay": essay, "comment": comment, "tag": Tag.objects.get(), "author": author}
        follows.follow(member, followed[kind])
        post = published(reply(comment, author))
        assert told(member) == [(post, "followed")]

    def test_of_a_reply_to_a_definition(self, member, term):
        base = published(definition())
        follows.follow(member, base)
        post = published(reply(base))
        assert told(member) == [(post, "followed")]
        assert told(base.author) == [(post, "followed")]

    @pytest.mark.parametrize("kind", ["term", "author"])
    def test_of_a_definition(self, kind, member, term):
        author = UserFactory.create()
        follows.follow(member, {"term": term, "author": author}[kind])
        post = published(definition(author))
        assert told(member) == [(post, "definition")]

    def test_not_of_what_they_do_not_follow(self, member, essay, term):
        comment = OriginalCommentFactory.create(essay=essay)
        follows.follow(member, comment)
        follows.follow(member, UserFactory.create())
        follows.follow(member, term)
        published(reply(essay))
        published(reply(published(definition(UserFactory.create(), term=term))))
        assert [kind for _post, kind in told(member)] == ["definition"]

    def test_who_is_answered_hears_it_whatever_they_follow(self, essay):
        base = published(reply(essay))
        answer = published(reply(base))
        assert told(base.author) == [(answer, "reply")]
        published(reply(answer))
        assert told(base.author) == [(answer, "reply")]

    def test_once_for_the_most_precise_reason(self, member, essay, term):
        essay.tags.add("métier")
        author = trusted_member()
        comment = OriginalCommentFactory.create(essay=essay)
        for subject in (author, Tag.objects.get(), essay, comment):
            follows.follow(member, subject)
        post = reply(comment, author)
        notice = Notice.objects.get(person=member)
        assert (notice.post, notice.through.thread) == (post, post.thread)
        mine = reply(essay, member)
        published(mine)
        assert told(member, post=reply(mine, author)) == [(Post.objects.latest("pk"), "reply")]

    def test_never_of_one_s_own(self, essay):
        author = trusted_member()
        follows.follow(author, essay)
        reply(reply(essay, author), author)
        assert told(author) == []

    def test_nobody_who_is_not_active(self, essay, member):
        follows.follow(member, essay)
        member.is_active = False
        member.save()
        published(reply(essay))
        assert told(member) == []

    @pytest.mark.parametrize("state", STATES)
    def test_at_the_first_publication_only(self, state, essay, member):
        follows.follow(member, essay)
        post = in_state(state, reply(essay))
        assert told(member) == ([] if state in NEVER_PUBLIC else [(post, "followed")])
        if state == "hidden":
            act("restore", post)
        if state == "refused":
            assert told(member) == []
            act("restore", post)
        if state == "edited":
            act("approve", post)
        assert told(member) == ([] if state in ("pending", "dropped") else [(post, "followed")])

    def test_nothing_where_the_verb_fails(self, essay, member, monkeypatch):
        follows.follow(member, essay)
        post = reply(essay)

        def broken(*_args, **_kwargs):
            raise RuntimeError

        monkeypatch.setattr("discussions.moderation.record.enter", broken)
        with pytest.raises(RuntimeError):
            act("approve", post)
        assert told(member) == []

    @pytest.mark.parametrize("followers", [1, 3])
    def test_costs_the_same_however_many_follow(self, followers, essay, django_assert_num_queries):
        author = trusted_member()
        for _time in range(followers):
            follows.follow(UserFactory.create(), essay)
        post = reply(essay, author)
        Notice.objects.filter(post=post).delete()
        with django_assert_num_queries(7):
            notices.published(Post.objects.select_related("thread").get(pk=post.pk))
        assert Notice.objects.filter(post=post).count() == followers

    def test_many_are_told_in_batches(self, essay, monkeypatch):
        monkeypatch.setattr(notices, "BATCH", 2)
        people = [UserFactory.create() for _i in range(5)]
        for person in people:
            follows.follow(person, essay)
        post = published(reply(essay))
        assert [told(person) for person in people] == [[(post, "followed")]] * 5


class TestMentions:
    def test_are_told_once(self, essay, member):
        post = published(reply(essay))
        notices.mention(post, [member])
        notices.mention(post, [member, post.author])
        assert told(member) == [(post, "mention")]
        assert told(post.author) == []

    def test_take_the_place_of_another_reason(self, essay, member):
        follows.follow(member, essay)
        post = published(reply(essay))
        notices.mention(post, [member])
        assert told(member) == [(post, "mention")]

    def test_database_keeps_one_for_each(self, essay, member):
        post = published(reply(essay))
        notices.mention(post, [member])
        with pytest.raises(IntegrityError), transaction.atomic():
            Notice.objects.create(person=member, post=post, kind="followed")


class TestDecisions:
    @pytest.mark.parametrize(
        "state, line",
        [
            ("published", "Your text is published"),
            ("refused", "Your text was refused"),
            ("hidden", "Your text was hidden"),
        ],
    )
    def test_reach_the_author_with_their_reason(self, state, line, essay):
        post = in_state(state, reply(essay))
        page = read(client_of(post.author))
        assert f"{line}: Un titre" in page.text
        assert REASON in page.text

    def test_every_act_is_told(self, essay):
        post = in_state("hidden", reply(essay))
        act("restore", post)
        act("hide", post)
        acts = Notice.objects.filter(person=post.author).order_by("pk")
        assert [n.decision.action for n in acts] == ["approve", "hide", "restore", "hide"]

    def test_of_an_original_comment_reach_nobody(self, essay):
        act("hide", OriginalCommentFactory.create(essay=essay))
        assert not Notice.objects.exists()


def put_labels(post, *kinds, by=None, number=1):
    """A member says that a clause lacks this, and nothing else."""
    post.refresh_from_db()
    clause = post.published_revision.clauses.get(position=number)
    by = by or UserFactory.create()
    verbs.label(by, post, clause, kinds)
    return by


class TestLabels:
    @pytest.fixture
    def mine(self, member, term):
        return published(definition(member, ("is", "un métier"), ("is_not", "un robot")))

    def lines(self, member):
        """What the page of notices says, decisions left out, the latest first."""
        groups = read(client_of(member)).context["groups"]
        rows = [row for group in groups for row in group["notices"]]
        return [
            (row["headline"], str(row["notice"].label.clause))
            for row in rows
            if row["notice"].decision is None
        ]

    @pytest.mark.parametrize(
        "kind, words",
        [
            ("no_source", "lack a source"),
            ("too_vague", "be too vague"),
            ("off_topic", "be off topic"),
            ("contradictory", "be contradictory"),
        ],
    )
    def test_author_hears_what_a_clause_lacks(self, kind, words, mine, member):
        put_labels(mine, kind, number=2)
        headline = f"A clause of yours is said to {words}: Definition 1 of “community manager”"
        assert self.lines(member) == [(headline, "is not un robot")]

    def test_page_leads_to_what_is_thought_of_the_clauses_and_names_nobody(self, mine, member):
        by = put_labels(mine, "too_vague")
        page = read(client_of(member)).text
        assert f'href="{reverse("definitions:opinions", args=[mine.public_id])}"' in page
        assert by.name not in page

    def test_many_make_one_notice_until_it_is_read(self, mine, member):
        for number in (1, 2, 1, 2):
            put_labels(mine, "too_vague", "off_topic", number=number)
        assert told(member) == [(mine, "label")]
        read(client_of(member))
        put_labels(mine, "no_source")
        put_labels(mine, "no_source")
        assert told(member) == [(mine, "label")] * 2
        assert [line.partition(":")[0] for line, _clause in self.lines(member)] == [
            "A clause of yours is said to lack a source",
            "A clause of yours is said to be off topic",
        ]

    def test_each_definition_has_its_own(self, mine, member):
        other = published(definition(member, ("is", "une posture")))
        for post in (mine, other):
            put_labels(post, "too_vague")
        assert told(member) == [(mine, "label"), (other, "label")]

    def test_label_taken_back_is_told_of_no_more(self, mine, member):
        by = put_labels(mine, "too_vague")
        put_labels(mine, by=by)
        assert unread(client_of(member)) == 1  # that it was published
        assert self.lines(member) == []

    def test_another_that_came_since_takes_the_place_of_one_taken_back(self, mine, member):
        by = put_labels(mine, "off_topic", "too_vague")
        put_labels(mine, "no_source", number=2)
        put_labels(mine, "too_vague", by=by)
        put_labels(mine, by=by)
        assert told(member) == [(mine, "label")]
        assert [clause for _line, clause in self.lines(member)] == ["is not un robot"]

    def test_one_that_was_read_of_takes_no_place(self, mine, member):
        put_labels(mine, "no_source", number=2)
        read(client_of(member))
        by = put_labels(mine, "too_vague")
        put_labels(mine, by=by)
        assert [clause for _line, clause in self.lines(member)] == ["is not un robot"]
        put_labels(mine, "off_topic", by=by)
        assert len(self.lines(member)) == 2
        assert len(told(member)) == 2

    def test_clause_written_anew_is_an_answer_and_the_next_label_news(self, mine, member):
        put_labels(mine, "too_vague")
        edit(mine, "", ("is", "un métier d’écoute"), ("is_not", "un robot"))
        assert [clause for _line, clause in self.lines(member)] == ["is un métier"]
        act("approve", mine)
        assert self.lines(member) == []
        put_labels(mine, "too_vague")
        assert [clause for _line, clause in self.lines(member)] == ["is un métier d’écoute"]

    def test_label_on_a_clause_that_has_moved_stands(self, mine, member):
        put_labels(mine, "too_vague")
        edit(mine, "", ("is_not", "un robot"), ("is", "un métier"))
        act("approve", mine)
        put_labels(mine, "too_vague")
        assert told(member) == [(mine, "label")]
        assert [clause for _line, clause in self.lines(member)] == ["is un métier"]

    def test_hidden_definition_is_told_of_again_once_it_is_back(self, mine, member):
        put_labels(mine, "too_vague")
        act("hide", mine)
        assert self.lines(member) == []
        act("restore", mine)
        assert len(self.lines(member)) == 1

    def test_nobody_hears_of_one_on_what_an_essay_says(self, term):
        put_labels(essay_definition(), "too_vague")
        assert not Notice.objects.exists()

    def test_author_who_left_hears_nothing(self, mine, member):
        put_labels(mine, "too_vague")
        leave(member, erase=False)
        put_labels(mine, "off_topic")
        assert told(member) == []

    def test_database_keeps_one_unread(self, mine, member):
        put_labels(mine, "too_vague")
        with pytest.raises(IntegrityError), transaction.atomic():
            Notice.objects.create(person=member, post=mine, kind="label")


class TestPage:
    def test_groups_by_thread_the_latest_first(self, essay, member, term):
        base = published(definition())
        follows.follow(member, essay)
        follows.follow(member, base)
        for subject in (essay, base, essay):
            published(reply(subject))
        groups = read(client_of(member)).context["groups"]
        assert [(g["title"], len(g["notices"])) for g in groups] == [
            ("Un titre", 2),
            ("Definition 1 of “community manager”", 1),
        ]

    def test_opening_it_is_having_read_it(self, essay, member):
        client = client_of(member)
        follows.follow(member, essay)
        published(reply(essay))
        assert unread(client) == 1
        assert "told__row--new" in read(client).text
        assert unread(client) == 0
        assert "told__row--new" not in read(client).text

    def test_looking_with_head_is_not(self, essay, member):
        client = client_of(member)
        follows.follow(member, essay)
        published(reply(essay))
        client.head(reverse("notices"))
        assert unread(client) == 1

    def test_earlier_ones_are_a_page_away(self, essay, member, monkeypatch):
        monkeypatch.setattr("discussions.following.views.NOTICES_PER_PAGE", 2)
        follows.follow(member, essay)
        posts = [published(reply(essay)) for _i in range(3)]
        client = client_of(member)
        shown = []
        for address in ("", "?page=2"):
            groups = client.get(reverse("notices") + address).context["groups"]
            shown.append([row["notice"].post for group in groups for row in group["notices"]])
        assert shown == [[posts[2], posts[1]], [posts[0]]]

    @pytest.mark.parametrize("page", ["0", "-1", "x", "²", "99999999999", "\0"])
    def test_any_page_number_will_do(self, page, member):
        assert client_of(member).get(reverse("notices"), {"page": page}).status_code == 200

    @pytest.mark.parametrize("count", [1, 3])
    def test_costs_the_same_with_more_rows(
        self, count, essay, member, term, settings, django_assert_num_queries
    ):
        settings.POST_LIMITS = []
        base = published(definition())
        comment = OriginalCommentFactory.create(essay=essay)
        for subject in (essay, term, base):
            follows.follow(member, subject)
        for _time in range(count):
            for subject in (essay, base, comment):
                published(reply(subject))
            published(definition())
            act("hide", published(reply(essay, member)))
            put_labels(published(definition(member)), "too_vague")
        client = client_of(member)
        with django_assert_num_queries(6):
            read(client)


@pytest.fixture
def scene(essay, term):
    """Texts of each kind in each state, each with a word of its own, all told to a member."""
    member = UserFactory.create(name="Marthe")
    mine = published(reply(essay, member))
    base = published(definition())
    for subject in (essay, term, base):
        follows.follow(member, subject)
    posts = {}
    for state in STATES:
        for place, subject in {"essay": essay, "definition": base, "answer": mine}.items():
            posts[state, place] = in_state("published", reply(subject, body=f"w-{state}-{place}"))
        posts[state, "alone"] = in_state(
            "published", definition(None, ("is", f"w-{state}-alone"), body="Parce que.")
        )
    Notice.objects.filter(decision__isnull=False).delete()
    return member, posts


def fall(state, post):
    """Brings a published text to what came of it after people were told."""
    if state == "hidden":
        act("hide", post)
    elif state == "withdrawn":
        withdrawn(post)
    elif state == "edited":
        clauses = [("is", "w-draft")] if post.kind == "definition" else []
        edit(post, "w-draft", *clauses)


def test_what_has_left_the_page_has_left_the_notices(scene):
    member, posts = scene
    assert Notice.objects.filter(person=member).count() == len(posts)
    for (state, _place), post in posts.items():
        fall(state, post)
    gone = {key for key in posts if key[0] in ("hidden", "withdrawn")}
    client = client_of(member)
    assert unread(client) == len(posts) - len(gone)
    page = read(client).text
    found = {key for key in posts if f"w-{key[0]}-{key[1]}" in page}
    assert found == posts.keys() - gone
    assert "w-draft" not in page
    names = {posts[key].author.name for key in gone}
    assert not {name for name in names if f"{name} " in page}


def test_what_was_never_public_is_told_to_nobody_but_its_author(essay, term):
    member = UserFactory.create()
    follows.follow(member, essay)
    for state in NEVER_PUBLIC:
        post = reply(essay, body=f"secret-{state}")
        follows.follow(member, post.author)
        in_state(state, post)
    client = client_of(member)
    assert unread(client) == 0
    assert "secret-" not in read(client).text


def test_visitor_has_no_notices():
    assert read(Client()).status_code == 302
