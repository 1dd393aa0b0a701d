"""What a member may not do for a time, and discussions that are closed or slow."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from discussions import leaving, posting, sanctions, votes
from discussions.models import Decision, DecisionPayload, Post
from discussions.moderation import record
from discussions.moderation.decisions import NothingToDo
from discussions.posting import Shut, TooSoon
from tests.essays.factories import EssayFactory
from tests.factories import UserFactory, act, complaint, published, reply, trusted_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(monkeypatch):
    """The clock of sanctions, put forward by days."""

    def put_forward(days):
        now = timezone.now() + timedelta(days=days)
        monkeypatch.setattr(sanctions, "timezone", SimpleNamespace(now=lambda: now))

    return put_forward


def test_silence_ends_by_itself(member, later):
    act("silence", member)
    with pytest.raises(sanctions.Sanctioned):
        reply(author=member)
    later(6)
    assert sanctions.active(member)
    later(8)
    assert sanctions.active(member) is None
    assert reply(author=member).pk


def test_who_is_silenced_votes_and_who_is_excluded_does_not(member):
    post = published(reply())
    act("silence", member)
    votes.cast(member, post, True)
    act("exclude", member)
    with pytest.raises(sanctions.Sanctioned):
        votes.cast(member, post, False)


def test_warning_keeps_from_nothing(member):
    act("warn", member)
    assert sanctions.active(member) is None
    assert reply(author=member).pk


def test_gravest_is_lifted_first_and_the_other_stays(member):
    silence, exclusion = act("silence", member), act("exclude", member)
    assert act("lift", member).answers == exclusion
    assert sanctions.active(member) == silence
    assert act("lift", member).answers == silence
    with pytest.raises(NothingToDo):
        act("lift", member)


def test_who_joins_the_desk_can_still_have_it_lifted(member):
    act("exclude", member)
    type(member).objects.filter(pk=member.pk).update(role="community_manager")
    act("lift", member, UserFactory.create(owner=True))
    assert sanctions.active(member) is None


@pytest.mark.parametrize("action", ["hide", "warn", "approve"])
def test_only_a_sanction_has_an_end(action, member):
    target = member if action == "warn" else reply() if action == "approve" else published(reply())
    assert act(action, target, until=timezone.now() + timedelta(days=3)).until is None


@pytest.mark.parametrize("erase", [False, True])
def test_who_leaves_is_named_in_no_entry_of_theirs(member, erase):
    entries = [act("warn", member), act("silence", member)]
    complaint(entries[1], member)
    leaving.leave(member, erase=erase)
    names = DecisionPayload.objects.filter(decision__in=entries).values_list("author_name")
    assert {name for (name,) in names} == {""}
    assert list(record.faults_in_database()) == []
    member.refresh_from_db()
    # What they asked still has its answer; nothing more is done to them.
    with pytest.raises(NothingToDo):
        act("exclude", member)
    act("keep", member)
    assert not member.cases_about.exists()


@pytest.mark.parametrize("erase", [False, True])
def test_who_proposed_a_decision_on_who_leaves_leaves_the_chain_whole(erase):
    post = published(reply())
    act("hide", post, proposer=UserFactory.create(role="trainee", name="Zoé"))
    leaving.leave(post.author, erase=erase)
    assert Decision.objects.get(action="hide").payload.names == ["", ""]
    assert list(record.faults_in_database()) == []


@pytest.fixture
def thread():
    return reply(EssayFactory.create()).thread


def test_closed_thread_takes_no_reply_until_it_is_open_again(thread):
    act("shut", thread)
    with pytest.raises(Shut):
        reply(thread.essay)
    act("reopen", thread)
    assert reply(thread.essay).pk


def test_slow_thread_takes_one_reply_in_ten_minutes_from_each(thread, member):
    act("slow", thread)
    first = reply(thread.essay, member)
    with pytest.raises(TooSoon):
        reply(thread.essay, member)
    assert reply(thread.essay).pk
    Post.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(minutes=11))
    assert reply(thread.essay, member).pk


def test_reports_slow_a_thread_and_their_answers_end_it(thread, settings):
    settings.POST_LIMITS = []
    author = trusted_member()
    texts = [reply(thread.essay, author) for _i in range(3)]
    for text in texts:
        complaint(text, UserFactory.create())
    thread.refresh_from_db()
    with pytest.raises(TooSoon):
        reply(thread.essay, author)
    act("keep", texts[0])
    thread.refresh_from_db()
    assert reply(thread.essay, author).pk


def test_long_reply_is_not_opened_by_who_is_silenced(thread):
    author = trusted_member()
    post = reply(thread.essay, author, "mot " * 200)
    act("silence", author)
    with pytest.raises(sanctions.Sanctioned):
        posting.open_discussion(post, author)
