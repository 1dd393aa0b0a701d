"""Reports and appeals: who may, what comes of it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from discussions import complaints, sanctions
from discussions.complaints import Gone, InExchange, NotAppealable, OwnText, ReportedAlready
from discussions.models import Complaint, Decision, Letter, Post
from tests.essays.factories import OriginalCommentFactory
from tests.factories import (
    NEVER_PUBLIC,
    UserFactory,
    act,
    complaint,
    in_state,
    published,
    reply,
)

pytestmark = pytest.mark.django_db


class TestReportIsRefused:
    @pytest.mark.parametrize("state", [*NEVER_PUBLIC, "hidden", "withdrawn"])
    def test_of_what_readers_do_not_see(self, state, member):
        post = in_state(state)
        with pytest.raises(Gone):
            complaint(post, member)

    def test_of_a_withheld_comment(self, member):
        comment = OriginalCommentFactory.create()
        act("hide", comment)
        with pytest.raises(Gone):
            complaint(comment, member)

    def test_of_one_s_own_text(self):
        post = published(reply())
        with pytest.raises(OwnText):
            complaint(post, post.author)

    def test_by_who_has_just_replied_but_not_for_the_law_nor_later(self, member):
        post = published(reply())
        answer = reply(post, member)
        with pytest.raises(InExchange):
            complaint(post, member)
        assert complaint(post, member, kind="law", rule="Une loi").kind == "law"
        act("keep", post)
        Post.objects.filter(pk=answer.pk).update(created_at=timezone.now() - timedelta(hours=25))
        assert complaint(post, member).kind == "rules"

    def test_twice_until_it_is_answered(self, member):
        post = published(reply())
        complaint(post, member)
        with pytest.raises(ReportedAlready):
            complaint(post, member)
        act("keep", post)
        assert complaint(post, member).state == "open"

    def test_of_who_is_excluded_and_not_of_who_is_silenced(self, member):
        act("silence", member)
        assert complaint(published(reply()), member)
        act("exclude", member)
        with pytest.raises(sanctions.Sanctioned):
            complaint(published(reply()), member)

    def test_and_leaves_nothing(self):
        post = published(reply())
        with pytest.raises(OwnText):
            complaint(post, post.author)
        post.thread.refresh_from_db()
        assert (Complaint.objects.count(), post.thread.report_count) == (0, 0)


def test_form_that_is_sent_twice_complains_once(member):
    post, key = published(reply()), uuid4()
    sent = [complaint(post, member, form_key=key) for _i in range(2)]
    post.thread.refresh_from_db()
    assert (sent[0], post.thread.report_count) == (sent[1], 1)


@pytest.mark.parametrize(
    "action, state", [("hide", "granted"), ("rewrite", "granted"), ("keep", "declined")]
)
def test_report_hears_what_came_of_it(action, state, member):
    post = published(reply())
    asked = complaint(post, member)
    entry = act(action, post)
    asked.refresh_from_db()
    assert (asked.state, asked.answer, asked.answered_at) == (state, entry, entry.at)
    assert entry.origin == "report"
    kinds = Letter.objects.filter(complaint=asked).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["received", "outcome"]
    assert member.notices.get(kind="outcome").complaint == asked


def test_somebody_without_an_account_hears_by_the_address_they_left():
    asked = complaint(published(reply()), kind="law", name="Zoé", email="zoe@example.org")
    act("hide", asked.post)
    letters = Letter.objects.filter(complaint=asked)
    assert [each.address for each in letters] == ["zoe@example.org"] * 2


class TestAppeal:
    def test_is_made_once_by_whom_the_decision_is_on(self):
        entry = act("hide", published(reply()))
        assert complaint(entry, entry.post.author).kind == "appeal"
        with pytest.raises(NotAppealable):
            complaint(entry, entry.post.author)

    def test_is_a_second_look_where_anybody_else_asks_once(self, member):
        entry = act("hide", published(reply()))
        assert complaint(entry, member).kind == "review"
        with pytest.raises(NotAppealable):
            complaint(entry, member)
        assert complaint(entry, UserFactory.create()).kind == "review"

    def test_is_not_against_what_restricts_nothing(self):
        entry = act("approve", reply())
        with pytest.raises(NotAppealable):
            complaint(entry, entry.post.author)

    def test_comes_too_late_after_its_time(self):
        entry = act("hide", published(reply()))
        assert complaints.may_appeal(entry, entry.post.author)
        entry.at -= timedelta(days=184)
        assert not complaints.may_appeal(entry, entry.post.author)

    def test_is_nobody_else_s_on_a_text_that_was_never_public(self, member):
        entry = act("refuse", reply())
        with pytest.raises(NotAppealable):
            complaint(entry, member)

    def test_is_open_to_who_is_excluded(self, member):
        assert complaint(act("exclude", member), member).state == "open"

    @pytest.mark.parametrize("action, state", [("restore", "granted"), ("keep", "declined")])
    def test_is_answered_by_an_entry_that_names_the_first(self, action, state):
        post = published(reply())
        entry = act("hide", post)
        asked = complaint(entry, post.author)
        answer = act(action, post)
        asked.refresh_from_db()
        assert (asked.state, answer.answers, answer.origin) == (state, entry, "appeal")


def test_weight_follows_the_figures_that_the_reporter_can_see(member):
    assert (complaints.weight(None), complaints.weight(member)) == (0.5, 0.5)
    for action in ("hide", "keep", "keep"):
        post = published(reply())
        complaint(post, member)
        act(action, post)
    assert (complaints.figures(member), complaints.weight(member)) == ((1, 2), 0.4)


def test_entry_of_a_request_is_counted_in_its_thread_until_answered(member):
    post = published(reply())
    complaint(post, member)
    complaint(Decision.objects.get(post=post), member)  # a second look counts for none
    post.thread.refresh_from_db()
    assert post.thread.report_count == 1
    act("keep", post)
    post.thread.refresh_from_db()
    assert post.thread.report_count == 0
