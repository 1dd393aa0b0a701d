"""A decision is taken back at once: then all is as it was before it."""

import pytest

from discussions import leaving, tags
from discussions.complaints import NotAppealable
from discussions.models import Complaint, Decision, Post
from discussions.moderation import record
from discussions.moderation.undoing import TooLate, undo
from tests.essays.factories import OriginalCommentFactory
from tests.factories import (
    UserFactory,
    act,
    complaint,
    definition,
    edit,
    essay_definition,
    in_state,
    published,
    reply,
    suggestion,
)

pytestmark = pytest.mark.django_db


def take_back(entry):
    undone = undo(entry, entry.by)
    assert list(record.faults_in_database()) == []
    return undone


@pytest.mark.parametrize(
    "state, action, outcome",
    [
        ("pending", "approve", "hidden"),  # some have read it meanwhile: it has a place
        ("pending", "refuse", "pending"),
        ("pending", "rewrite", "pending"),
        ("published", "hide", "published"),
        ("edited", "approve", "published"),
        ("edited", "refuse", "published"),
        ("hidden", "restore", "hidden"),
    ],
)
def test_text_is_where_it_was_before(state, action, outcome):
    post = in_state(state)
    waited = (post.pending_revision, post.rewrite)
    undone = take_back(act(action, post))
    post.refresh_from_db()
    assert post.state == outcome
    if outcome == "hidden" and state == "pending":
        assert post.restriction == undone
    else:
        assert (post.pending_revision, post.rewrite) == waited


def test_hiding_of_a_text_whose_approval_was_undone_goes_back_to_that():
    post = reply()
    undone = take_back(act("approve", post))
    take_back(act("hide", post))
    post.refresh_from_db()
    assert (post.state, post.restriction) == ("hidden", undone)


def test_version_shown_by_mistake_leaves_its_history_and_its_tags(term):
    post = published(definition(tags=("avant",)))
    edit(post, "Après.", ("is", "un autre"), tags=("apres",))
    take_back(act("approve", post))
    post.refresh_from_db()
    assert post.pending_revision.published_at is None
    assert [tag.name for tag in post.definition.tags.all()] == ["avant"]
    assert tags.in_use().filter(slug="apres").count() == 0
    assert act("approve", post).revision.body == "Après."


def test_refused_version_is_restored_and_that_is_undone():
    post = in_state("edited", new_text="Après.")
    before = post.published_revision
    act("refuse", post)
    restored = act("restore", post)
    assert post.published_revision.body == "Après."
    take_back(restored)
    post.refresh_from_db()
    assert (post.published_revision, post.pending_revision) == (before, None)


def test_who_was_answered_waits_again():
    post = published(reply())
    asked = complaint(post, UserFactory.create())
    entry = act("hide", post)
    asked.refresh_from_db()
    assert asked.state == "granted"
    take_back(entry)
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("open", None)
    post.thread.refresh_from_db()
    assert post.thread.report_count == 1


class TestIsRefused:
    def test_once_the_reporter_has_asked_again(self):
        post, by = published(reply()), UserFactory.create()
        complaint(post, by)
        entry = act("keep", post)
        complaint(post, by)
        with pytest.raises(TooLate):
            undo(entry, entry.by)

    def test_once_a_trainee_has_proposed_something(self):
        post = published(reply())
        suggestion("hide", post)
        entry = act("hide", post)
        suggestion("restore", post)
        with pytest.raises(TooLate):
            undo(entry, entry.by)

    @pytest.mark.parametrize("action, state", [("hide", "published"), ("refuse", "pending")])
    def test_once_its_author_took_the_text_along(self, action, state):
        post = in_state(state)
        entry = act(action, post)
        leaving.leave(post.author, erase=True)
        with pytest.raises(TooLate):
            undo(entry, entry.by)
        assert Post.objects.get(pk=post.pk).state == "hidden"

    def test_while_the_original_comment_is_withheld(self, term):
        comment = OriginalCommentFactory.create()
        post = essay_definition()
        post.definition.source.original_comment = comment
        post.definition.source.save()
        entry = act("hide", post)
        act("hide", comment)
        with pytest.raises(TooLate):
            undo(Decision.objects.get(pk=entry.pk), entry.by)

    def test_to_anybody_else(self, moderator):
        entry = act("hide", published(reply()))
        with pytest.raises(TooLate):
            undo(entry, moderator)


class TestAppeals:
    """Whatever is appealed can be granted, and is answered by what it is about."""

    def test_against_a_request_to_rewrite(self):
        post = published(reply())
        asked = complaint(act("rewrite", post), post.author)
        act("restore", post)
        asked.refresh_from_db()
        assert (asked.state, post.rewrite, post.state) == ("granted", None, "published")

    def test_against_the_refusal_of_a_new_version(self):
        post = in_state("edited", new_text="Après.")
        asked = complaint(act("refuse", post), post.author)
        act("restore", post)
        asked.refresh_from_db()
        assert (asked.state, post.published_revision.body) == ("granted", "Après.")

    def test_against_a_warning(self, member):
        warned = act("warn", member)
        asked = complaint(warned, member)
        lifted = act("lift", member)
        asked.refresh_from_db()
        assert (asked.state, lifted.answers) == ("granted", warned)

    def test_waits_while_another_sanction_is_decided(self, member):
        asked = complaint(act("warn", member), member)
        silence = act("silence", member)
        asked.refresh_from_db()
        assert (asked.state, silence.origin) == ("open", "")

    def test_of_two_is_answered_alone(self, member):
        first, second = act("warn", member), act("silence", member)
        asked = [complaint(first, member), complaint(second, member)]
        act("lift", member)
        assert [Complaint.objects.get(pk=each.pk).state for each in asked] == ["granted", "open"]

    def test_kept_against_a_refusal_names_nobody(self):
        post = in_state("refused")
        complaint(post.restriction, post.author)
        assert act("keep", post).payload.author_name == ""

    def test_of_a_decision_that_is_put_right_is_no_more(self):

        post = published(reply())
        entry = act("hide", post)
        act("restore", post)
        with pytest.raises(NotAppealable):
            complaint(entry, post.author)

    def test_report_waits_where_only_a_new_version_is_refused(self):
        post = in_state("edited")
        asked = complaint(post, UserFactory.create())
        act("refuse", post)
        asked.refresh_from_db()
        assert asked.state == "open"
