"""The verbs of moderation: who may do what to a text in each state, and what comes of it."""

import hashlib

import pytest

from discussions.models import Action, Decision, Post
from discussions.models.decisions import STATED
from discussions.moderation.decisions import (
    ChangedSince,
    Incomplete,
    NothingToDo,
    NotYours,
    decide,
)
from tests.essays.factories import OriginalCommentFactory
from tests.factories import (
    GROUND,
    REASON,
    SAID,
    STATES,
    UserFactory,
    act,
    definition,
    edit,
    in_state,
    person,
    published,
    reply,
)

pytestmark = pytest.mark.django_db

# From a state, by an act, to a state; the change of (replies, hidden) that readers count.
OUTCOMES = {
    ("pending", "approve"): ("published", 1, 0),
    ("pending", "refuse"): ("hidden", 0, 0),
    ("published", "hide"): ("hidden", -1, 1),
    ("edited", "approve"): ("published", 0, 0),
    ("edited", "refuse"): ("published", 0, 0),
    ("edited", "hide"): ("hidden", -1, 1),
    ("pending", "rewrite"): ("pending", 0, 0),
    ("published", "rewrite"): ("published", 0, 0),
    ("edited", "rewrite"): ("published", 0, 0),
    ("hidden", "erase"): ("hidden", 0, 0),
    ("refused", "erase"): ("hidden", 0, 0),
    ("hidden", "restore"): ("published", 1, -1),
    ("refused", "restore"): ("published", 1, 0),
}
ACTS = ("approve", "refuse", "rewrite", "hide", "restore", "erase", "keep", "warn", "shut")
CASES = [(state, action) for state in STATES for action in ACTS]


def counts(post):
    post.thread.refresh_from_db()
    return post.thread.reply_count, post.thread.hidden_count


@pytest.mark.parametrize("state, action", CASES)
@pytest.mark.parametrize("role", ["community_manager", "owner"])
def test_moderator_decides_what_the_state_allows(state, action, role):
    post = in_state(state)
    before, entries, version = counts(post), Decision.objects.count(), post.version
    by = person(role)
    if (state, action) not in OUTCOMES:
        with pytest.raises(NothingToDo):
            act(action, post, by)
        post.refresh_from_db()
        assert (post.version, counts(post)) == (version, before)
        assert Decision.objects.count() == entries
        return
    decision = act(action, post, by)
    new_state, replies, hidden = OUTCOMES[state, action]
    assert post.state == new_state
    assert counts(post) == (before[0] + replies, before[1] + hidden)
    assert Decision.objects.count() == entries + 1
    restricts = action in STATED
    assert (decision.action, decision.by, decision.post, decision.ground, decision.duty) == (
        action,
        by,
        post,
        GROUND if restricts else "",
        "moderate",
    )
    assert decision.payload.reason == REASON
    assert decision.payload.by_name == by.name
    assert post.restriction == (decision if new_state == "hidden" else None)


@pytest.mark.parametrize("state, action", CASES)
@pytest.mark.parametrize("who", ["member", "author", "inactive"])
def test_nobody_else_decides_anything(state, action, who):
    post = in_state(state)
    version, entries = post.version, Decision.objects.count()
    if who == "author":
        by = post.author
    else:
        by = UserFactory.create(
            role="member" if who == "member" else "owner", is_active=who == "member"
        )
    with pytest.raises(NotYours):
        act(action, post, by)
    assert (Post.objects.get(pk=post.pk).version, Decision.objects.count()) == (version, entries)


@pytest.mark.parametrize("role", ["community_manager", "owner"])
@pytest.mark.parametrize("action", ["hide", "restore"])
def test_moderator_decides_nothing_on_their_own_text(role, action):
    post = reply(author=UserFactory.create(role=role))
    UserFactory.create(community_manager=True)
    if action == "restore":
        act("hide", post)
    with pytest.raises(NotYours):
        act(action, post, post.author)


def test_only_moderator_there_is_decides_on_their_own_text_and_the_entry_says_so():
    post = reply(author=UserFactory.create(community_manager=True))
    assert act("hide", post, post.author).alone


@pytest.mark.parametrize("action", ["refuse", "hide"])
@pytest.mark.parametrize(
    "why", [{"ground": ""}, {"reason": ""}, {"facts": ""}, {"ground": "unlawful"}]
)
def test_restriction_that_says_not_all_it_owes_is_refused(action, why):
    post = in_state("edited")
    version = post.version
    with pytest.raises(Incomplete):
        act(action, post, **why)
    assert Post.objects.get(pk=post.pk).version == version


def test_restoration_without_reason_is_refused():
    post = in_state("hidden")
    with pytest.raises(Incomplete):
        act("restore", post, reason="")
    assert Post.objects.get(pk=post.pk).state == "hidden"


def test_approval_needs_no_reason():
    post = reply()
    assert act("approve", post, reason="").payload.reason == ""
    assert post.state == "published"


class TestVersions:
    def test_approval_publishes_the_version_that_waited(self):
        post = in_state("edited", new_text="Après.")
        decision = act("approve", post)
        assert (post.published_revision.body, post.pending_revision) == ("Après.", None)
        assert decision.revision == post.published_revision

    def test_refusal_of_an_edit_keeps_the_earlier_version(self):
        post = in_state("edited", reply(body="Avant."), new_text="Après.")
        first = post.published_revision
        decision = act("refuse", post)
        assert (post.published_revision, post.pending_revision) == (first, None)
        assert (post.restriction, decision.revision.body) == (None, "Après.")

    def test_refused_edit_can_be_written_again(self):
        post = in_state("edited")
        act("refuse", post)
        assert edit(post, "Mieux.").pending_revision.number == 3

    def test_restoration_brings_the_same_version_back_and_what_waited(self):
        post = in_state("edited")
        version = (post.published_revision, post.pending_revision)
        first_published = post.published_at
        act("hide", post)
        act("restore", post)
        assert (post.published_revision, post.pending_revision) == version
        assert (post.published_at, post.is_waiting) == (first_published, True)

    def test_restoration_of_a_refused_text_publishes_it(self, term):
        post = in_state("refused", definition())
        act("restore", post)
        assert post.published_revision.published_at == post.published_at
        assert (post.pending_revision, post.definition.number) == (None, 1)


class TestTwoModerators:
    @pytest.mark.parametrize(
        "state, first, second",
        [
            ("pending", "approve", "refuse"),
            ("pending", "refuse", "approve"),
            ("pending", "approve", "approve"),
            ("edited", "refuse", "approve"),
            ("published", "hide", "hide"),
            ("hidden", "restore", "restore"),
        ],
    )
    def test_second_is_told_and_overwrites_nothing(self, state, first, second):
        post = in_state(state)
        seen = post.version
        decision = act(first, post)
        version = post.version
        with pytest.raises(ChangedSince):
            act(second, post, seen=seen)
        post.refresh_from_db()
        assert (post.version, Decision.objects.first()) == (version, decision)

    def test_edit_between_reading_and_deciding_is_told(self):
        post = reply()
        seen = post.version
        edit(post, "Tout autre chose.")
        with pytest.raises(ChangedSince):
            act("approve", post, seen=seen)

    def test_withdrawal_between_reading_and_deciding_is_told(self):
        post = reply()
        seen = post.version
        in_state("dropped", post)
        with pytest.raises(ChangedSince):
            act("approve", post, seen=seen)

    def test_restoration_undoes_only_the_decision_that_was_read(self):
        post = in_state("hidden")
        seen = post.version
        act("restore", post)
        again = act("hide", post, ground="attack", reason="Autre chose encore.")
        with pytest.raises(ChangedSince):
            act("restore", post, seen=seen)
        assert Post.objects.get(pk=post.pk).restriction == again

    def test_stale_object_is_read_anew(self, moderator):
        post = published(reply())
        stale = Post.objects.get(pk=post.pk)
        act("hide", post)
        with pytest.raises(ChangedSince):
            decide(Action.HIDE, stale, moderator, seen=stale.version, said=SAID)


class TestOriginalComment:
    @pytest.fixture
    def comment(self):
        return OriginalCommentFactory.create()

    def test_is_hidden_and_restored_to_the_byte(self, comment, client):
        addresses = [
            f"/essais/{comment.essay.slug}/",
            f"/essais/{comment.essay.slug}/{comment.ref}/",
            f"/essais/{comment.essay.slug}/source.txt",
        ]
        text = comment.text_for_moderators()
        before = [client.get(address).content for address in addresses]
        assert [text.encode() in page for page in before] == [True] * 3
        assert hashlib.sha256(before[2]).hexdigest() == comment.essay.sha256

        decision = act("hide", comment)
        assert (comment.state, comment.withheld_by) == ("hidden", decision.number)
        hidden = [client.get(address) for address in addresses]
        assert [text in page.text for page in hidden] == [False] * 3
        assert hashlib.sha256(hidden[2].content).hexdigest() != comment.essay.sha256

        act("restore", comment)
        assert (comment.state, comment.withheld_by) == ("published", None)
        after = [client.get(address).content for address in addresses]
        assert after == before
        assert hashlib.sha256(after[2]).hexdigest() == comment.essay.sha256

    @pytest.mark.parametrize("state, action", [("published", "restore"), ("hidden", "hide")])
    @pytest.mark.parametrize("useless", [None, "approve", "refuse"])
    def test_is_hidden_once_and_restored_once(self, comment, state, action, useless):
        if state == "hidden":
            act("hide", comment)
        with pytest.raises(NothingToDo):
            act(useless or action, comment)
        assert comment.state == state

    def test_member_decides_nothing_on_it(self, comment, member):
        with pytest.raises(NotYours):
            act("hide", comment, member)

    def test_second_moderator_is_told(self, comment):
        seen = comment.version
        act("hide", comment)
        with pytest.raises(ChangedSince):
            act("hide", comment, seen=seen)

    def test_entry_names_nobody_but_the_moderator(self, comment, moderator):
        decision = act("hide", comment, moderator)
        assert (decision.reference, decision.original_comment) == (
            f"comment/{comment.essay.slug}/{comment.ref}",
            comment,
        )
        assert (decision.payload.by_name, decision.payload.author_name) == ("Agathe", "")


class TestEntry:
    def test_of_a_text_that_was_public_names_its_author(self):
        post = published(reply())
        decision = act("hide", post)
        assert decision.payload.author_name == post.author.name
        assert decision.reference == f"reply/{post.public_id}"

    def test_of_a_text_that_never_was_names_nobody(self):
        assert act("refuse", reply()).payload.author_name == ""

    def test_is_undone_with_the_act_it_records(self, moderator):
        from django.db import transaction

        post = reply()
        with pytest.raises(RuntimeError), transaction.atomic():
            act("approve", post, moderator)
            raise RuntimeError
        post.refresh_from_db()
        assert (post.state, Decision.objects.count()) == ("pending", 0)
