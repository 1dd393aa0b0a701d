import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from discussions import posting
from discussions.leaving import leave
from discussions.models import Definition, Post, Revision
from discussions.policy import Facts, Policy, Reason, judge
from tests.essays.factories import OriginalCommentFactory, TermFactory
from tests.factories import (
    UserFactory,
    act,
    definition,
    edit,
    in_state,
    published,
    reply,
    trusted_member,
    withdrawn,
    wording,
)

pytestmark = pytest.mark.django_db


class TestPolicy:
    @pytest.mark.parametrize("published_posts, waits", [(0, True), (2, True), (3, False)])
    def test_third_published_post_ends_the_wait(self, published_posts, waits):
        verdict = judge(Facts(published_posts, by_community_manager=False))
        assert (verdict.holds, verdict.reasons) == (waits, (Reason.NEWCOMER,) if waits else ())

    def test_community_manager_never_waits(self):
        assert not judge(Facts(0, by_community_manager=True)).holds

    def test_number_is_the_policy_s_to_say(self):
        assert not judge(Facts(0, by_community_manager=False), Policy(newcomer_posts=0)).holds


class TestSending:
    def test_newcomer_s_text_waits_and_says_why(self, essay):
        post = reply(essay, body="Un *mot*.")
        revision = post.pending_revision
        assert (post.state, post.published_at, post.is_waiting) == ("pending", None, True)
        assert (revision.number, revision.body, revision.held_for) == (1, "Un *mot*.", ["newcomer"])
        assert revision.rendered == "<p>Un <em>mot</em>.</p>\n"

    def test_text_is_published_at_once_after_three_published_ones(self, essay, member):
        for _i in range(3):
            assert published(reply(essay, member)).state == "published"
        post = reply(essay, member)
        assert (post.state, post.pending_revision, post.is_waiting) == ("published", None, False)
        assert post.published_revision.held_for == []

    def test_texts_that_no_longer_stand_do_not_end_the_wait(self, member):
        for state in ("hidden", "withdrawn", "refused"):
            in_state(state, reply(author=member))
        assert reply(author=member).state == "pending"

    @pytest.mark.parametrize("role", ["community_manager", "owner"])
    def test_who_moderates_does_not_wait(self, role):
        post = reply(author=UserFactory.create(role=role))
        assert post.state == "published"

    def test_definition_keeps_its_clauses_in_order(self, term):
        clauses = [("is_not", "un vendeur"), ("is", "un hôte")]
        post = definition(None, *clauses, body="Parce que.")
        assert post.pending_revision.content() == {
            "body": "Parce que.",
            "clauses": [list(clause) for clause in clauses],
        }


class TestNumbers:
    def test_are_given_at_first_publication_without_a_gap(self, term):
        posts = [definition() for _i in range(4)]
        assert [post.definition.number for post in posts] == [None] * 4
        withdrawn(posts[0])
        act("refuse", posts[2])
        act("approve", posts[3])
        act("approve", posts[1])
        act("restore", posts[2])
        numbers = Definition.objects.values_list("post", "number").order_by("number")
        given = [(posts[i].pk, n) for n, i in enumerate((3, 1, 2), 1)]
        assert [row for row in numbers if row[1]] == given

    def test_begin_anew_for_each_term(self, term, moderator):
        other = TermFactory.create()
        numbers = [definition(moderator, term=t).definition.number for t in (term, other, term)]
        assert numbers == [1, 1, 2]

    def test_stay_through_edits_and_restorations(self, term, moderator):
        post = definition(moderator)
        definition(moderator)
        edit(post, "", ("is", "autre chose"))
        act("hide", post)
        act("restore", post)
        assert post.definition.number == 1


class TestAnswering:
    @pytest.mark.parametrize("state", ["pending", "hidden", "refused", "withdrawn", "dropped"])
    @pytest.mark.parametrize("kind", [reply, definition])
    def test_text_that_is_not_public_is_refused_to_all(self, state, kind, moderator):
        post = in_state(state, kind())
        count = Post.objects.count()
        for person in (post.author, moderator):
            with pytest.raises(posting.Closed):
                reply(post, person)
        assert Post.objects.count() == count

    def test_text_that_was_hidden_meanwhile_is_refused(self):
        post = published(reply())
        act("hide", Post.objects.get(pk=post.pk))
        with pytest.raises(posting.Closed):
            reply(post)

    def test_hidden_original_comment_is_refused_to_all(self, member, moderator):
        comment = OriginalCommentFactory.create()
        act("hide", type(comment).objects.get(pk=comment.pk))
        for person in (member, moderator):
            with pytest.raises(posting.Closed):
                reply(comment, person)
        assert not Post.objects.exists()

    def test_text_whose_new_version_waits_can_be_answered(self):
        assert reply(in_state("edited")).state == "pending"


class TestEditing:
    def test_newcomer_s_new_version_leaves_the_earlier_one_in_place(self):
        post = published(reply(body="Avant."))
        changed = edit(post, "Après.")
        assert (changed.state, changed.is_waiting) == ("published", True)
        assert changed.published_revision.body == "Avant."
        assert changed.pending_revision.body == "Après."

    def test_trusted_member_s_new_version_is_published_at_once(self):
        post = reply(author=trusted_member(), body="Avant.")
        first_published = post.published_at
        changed = edit(post, "Après.")
        assert (changed.state, changed.pending_revision) == ("published", None)
        assert (changed.published_revision.number, changed.published_revision.body) == (2, "Après.")
        assert changed.published_at == first_published
        bodies = post.revisions.order_by("number").values_list("body", flat=True)
        assert list(bodies) == ["Avant.", "Après."]

    def test_waiting_text_is_replaced_by_its_new_version(self):
        post = reply(body="Avant.")
        changed = edit(post, "Après.")
        assert (changed.state, changed.pending_revision.body) == ("pending", "Après.")
        assert changed.revisions.count() == 2

    def test_new_version_takes_the_place_of_the_one_that_waited(self):
        post = edit(in_state("edited"), "Encore un autre.")
        assert post.pending_revision.number == 3
        act("approve", post)
        assert post.published_revision.body == "Encore un autre."
        assert post.revisions.filter(published_at__isnull=False).count() == 2

    def test_same_text_makes_no_version(self, term):
        post = definition(None, ("is", "un hôte"), body="Parce que.")
        assert edit(post, "Parce que.", ("is", "un hôte")) == post
        assert post.revisions.count() == 1

    def test_other_clause_alone_makes_a_version(self, term):
        post = definition(None, ("is", "un hôte"), body="Parce que.")
        edit(post, "Parce que.", ("is_not", "un hôte"))
        assert post.revisions.count() == 2

    def test_same_text_as_the_published_one_replaces_the_one_that_waits(self):
        post = published(reply(body="Avant."))
        edit(post, "Après.")
        assert edit(post, "Avant.").pending_revision.body == "Avant."

    def test_text_that_has_changed_meanwhile_is_refused(self):
        post = reply(body="Avant.")
        seen = post.version
        edit(post, "Dans une autre fenêtre.")
        with pytest.raises(posting.Changed):
            edit(post, "Après.", seen=seen)
        assert Post.objects.get(pk=post.pk).latest_revision.body == "Dans une autre fenêtre."

    def test_text_that_was_published_meanwhile_is_refused(self):
        post = reply()
        seen = post.version
        act("approve", post)
        with pytest.raises(posting.Changed):
            edit(post, "Après.", seen=seen)

    def test_somebody_else_cannot(self, moderator):
        post = published(reply())
        with pytest.raises(posting.Closed):
            posting.edit(post, moderator, wording(body="Après."), seen=post.version)

    @pytest.mark.parametrize("state", ["hidden", "refused", "withdrawn", "dropped"])
    def test_text_that_is_gone_cannot_be_edited(self, state):
        with pytest.raises(posting.Closed):
            edit(in_state(state), "Après.")

    def test_moves_no_count(self, essay):
        post = reply(essay, trusted_member())
        edit(post, "Après.")
        essay.thread.refresh_from_db()
        assert essay.thread.reply_count == 1


class TestWithdrawing:
    @pytest.mark.parametrize("state", ["pending", "published", "edited"])
    def test_takes_the_text_away_and_keeps_its_versions(self, state):
        post = in_state(state)
        versions = post.revisions.count()
        withdrawn(post)
        assert (post.state, post.is_waiting) == ("withdrawn", False)
        assert post.revisions.count() == versions

    @pytest.mark.parametrize("state", ["hidden", "refused", "withdrawn", "dropped"])
    def test_is_not_possible_of_what_is_gone(self, state):
        post = in_state(state)
        with pytest.raises(posting.Closed):
            withdrawn(post)

    def test_is_the_author_s_alone(self, moderator):
        with pytest.raises(posting.Closed):
            posting.withdraw(published(reply()), moderator)

    def test_waits_no_more_at_the_desk(self):
        withdrawn(in_state("edited"))
        assert not Post.objects.waiting().exists()


class TestSentTwice:
    def test_same_form_posts_once(self, essay, member):
        key = uuid4()
        first = reply(essay, member, "Un.", form_key=key)
        assert reply(essay, member, "Un.", form_key=key) == first
        assert (Post.objects.count(), Revision.objects.count()) == (1, 1)

    def test_same_definition_form_posts_once(self, term, member):
        key = uuid4()
        assert definition(member, form_key=key) == definition(member, form_key=key)
        assert Definition.objects.count() == 1

    def test_same_form_of_two_people_posts_for_each(self, essay):
        """One signs in where the other signed out, and sends the page that is still open."""
        key = uuid4()
        first, second = reply(essay, form_key=key), reply(essay, form_key=key)
        assert first.author != second.author
        assert Post.objects.count() == 2

    def test_form_is_known_again_whatever_the_pace(self, essay, member, settings):
        key = uuid4()
        first = reply(essay, member, form_key=key)
        settings.POST_LIMITS = [(1, 60)]
        assert reply(essay, member, form_key=key) == first


class TestPace:
    @pytest.fixture(autouse=True)
    def limits(self, settings):
        settings.POST_LIMITS = [(2, 60), (3, 3600)]

    def write(self, member, *seconds_ago):
        for seconds in seconds_ago:
            post = reply(author=member)
            post.revisions.update(created_at=timezone.now() - timedelta(seconds=seconds))

    def test_one_too_many_in_the_minute_is_refused_whole(self, essay, member):
        self.write(member, 30, 0)
        with pytest.raises(posting.TooManyPosts):
            reply(essay, member)
        assert (Post.objects.count(), hasattr(essay, "thread")) == (2, False)

    def test_one_too_many_in_the_hour_is_refused(self, member):
        self.write(member, 3000, 2000, 1000)
        with pytest.raises(posting.TooManyPosts):
            reply(author=member)

    def test_older_ones_count_no_more(self, member):
        self.write(member, 4000, 3700, 61)
        assert reply(author=member).state == "pending"

    def test_edits_count(self, member):
        post = reply(author=member)
        edit(post, "Après.")
        with pytest.raises(posting.TooManyPosts):
            edit(post, "Encore après.")

    def test_each_has_their_own(self, member):
        self.write(member, 0, 0)
        assert reply().state == "pending"

    def test_withdrawing_is_always_possible(self, member):
        self.write(member, 0, 0)
        assert withdrawn(member.posts.first()).state == "withdrawn"


def test_text_of_who_has_left_meanwhile_is_not_kept(essay, term):
    member = trusted_member()
    post = published(reply(essay, member))
    leave(member, erase=False)
    before = Revision.objects.count()
    for send in (
        lambda: reply(essay, member),
        lambda: definition(member),
        lambda: edit(post, "Un autre texte."),
    ):
        with pytest.raises(posting.Closed):
            send()
    assert Revision.objects.count() == before


@pytest.mark.parametrize("verb", ["reply", "edit"])
def test_author_is_locked_before_any_post(essay, verb):
    """As in `leave`: in another order, the two would wait for each other on PostgreSQL."""
    member = trusted_member()
    post = published(reply(essay, member))
    with CaptureQueriesContext(connection) as queries:
        reply(post, member) if verb == "reply" else edit(post, "Un autre texte.")
    asked = [query["sql"] for query in queries]
    begun = next(i for i, sql in enumerate(asked) if sql.startswith(("BEGIN", "SAVEPOINT")))
    read = [table for sql in asked[begun:] for table in re.findall(r'FROM "(\w+)"', sql)]
    assert read.index("accounts_user") < read.index("discussions_post")


def test_public_ids_say_nothing_of_how_many_there_are():
    ids = [reply().public_id for _i in range(3)]
    assert len({*ids}) == 3
    assert {len(public_id) for public_id in ids} == {10}


class TestConstraints:
    """What the verbs take care of, the database refuses too."""

    @pytest.mark.parametrize(
        "state, change",
        [
            ("pending", {"state": "published"}),
            ("pending", {"state": "hidden"}),
            ("pending", {"state": "unheard-of"}),
            ("pending", {"published_at": timezone.now()}),
            ("published", {"published_revision": None}),
            ("published", {"state": "hidden"}),
            ("hidden", {"restriction": None}),
            ("hidden", {"state": "published"}),
            ("published", {"thread": None}),
        ],
    )
    def test_state_without_what_it_means_is_refused(self, state, change):
        from django.db import IntegrityError, transaction

        post = in_state(state)
        with pytest.raises(IntegrityError), transaction.atomic():
            Post.objects.filter(pk=post.pk).update(**change)
