"""What SQL finds and what Python allows are the same, for every state and every person."""

import pytest

from discussions import access
from discussions.models import Post
from tests.factories import NEVER_PUBLIC, READABLE, STATES, in_state, person

pytestmark = pytest.mark.django_db

ROLES = ("visitor", "member", "community_manager", "owner")


@pytest.fixture(params=STATES)
def state(request):
    return request.param


@pytest.fixture
def post(state):
    return in_state(state)


@pytest.fixture(params=[*ROLES, "author"])
def who(request):
    return request.param


@pytest.fixture
def user(who, post):
    return post.author if who == "author" else person(who)


def privileged(who):
    return who in ("author", "community_manager", "owner")


def test_query_finds_what_may_be_read(post, state, who, user):
    found = Post.objects.visible_to(user).filter(pk=post.pk).exists()
    allowed = privileged(who) or state in READABLE
    assert (found, access.may_read(user, post)) == (allowed, allowed)


def test_place_is_seen_by_whom_it_concerns_and_once_it_was_public(post, state, who, user):
    found = Post.objects.placed_for(user).filter(pk=post.pk).exists()
    assert found == (privileged(who) or state not in NEVER_PUBLIC)


def test_version_shown_is_the_published_one(post, state, who, user):
    shown = access.shown_revision(user, post)
    if not (privileged(who) or state in READABLE):
        assert shown is None
    else:
        assert shown == (post.published_revision or post.pending_revision)


def test_drafts_are_for_author_and_community_managers(post, who, user):
    assert access.may_see_drafts(user, post) == privileged(who)


def test_only_what_is_public_is_answered(post, state, who, user):
    assert access.may_reply(user, post) == (who != "visitor" and state in READABLE)


def test_only_its_author_changes_a_text_that_stands_or_waits(post, state, who, user):
    expected = who == "author" and state in ("pending", "published", "edited")
    assert access.may_change(user, post) == expected


def test_member_who_was_made_inactive_moderates_no_more(moderator):
    moderator.is_active = False
    assert not access.may_moderate(moderator)
