"""What waits at the desk, why, and in which order."""

import pytest

from discussions import cases
from discussions.models import Case, Complaint, Post
from discussions.models.targets import named
from discussions.moderation.undoing import undo
from discussions.policy import Reason
from tests.essays.factories import OriginalCommentFactory
from tests.factories import (
    UserFactory,
    act,
    complaint,
    edit,
    in_state,
    published,
    reply,
    suggestion,
    withdrawn,
)

pytestmark = pytest.mark.django_db


def case_of(target):
    return Case.objects.filter(**named(target)).first()


def reasons(target):
    found = case_of(target)
    return [tuple(each) for each in found.reasons] if found else []


@pytest.mark.parametrize(
    "state, why",
    [
        ("pending", [("newcomer", 1)]),
        ("published", []),
        ("edited", [("edited", 1), ("newcomer", 1)]),
        ("hidden", []),
        ("refused", []),
        ("withdrawn", []),
        ("dropped", []),
    ],
)
def test_text_waits_for_its_reasons(state, why):
    assert reasons(in_state(state)) == why


def test_new_version_that_was_asked_for_comes_back():
    post = published(reply())
    act("rewrite", post)
    assert reasons(post) == []
    edit(post, "Mieux.")
    assert ("asked", 1) in reasons(post)


def test_undone_approval_waits():
    post = reply()
    entry = act("approve", post)
    undo(entry, entry.by)
    assert reasons(post) == [("undone", 1)]


def test_gravest_is_first_then_the_oldest():
    old, new = reply(), reply()
    reported, unlawful = published(reply()), published(reply())
    member = UserFactory.create()
    complaint(act("warn", member), member)
    complaint(reported, UserFactory.create())
    complaint(unlawful, kind="law", rule="Une loi")
    assert [case.target for case in Case.objects.all()] == [unlawful, member, reported, old, new]


@pytest.mark.parametrize("granted, gravity", [(0, 50), (1, 67), (2, 75)])
def test_report_weighs_by_how_often_its_author_was_right(granted, gravity):
    by = UserFactory.create()
    for _i in range(granted):
        post = published(reply())
        complaint(post, by)
        act("hide", post)
    post = published(reply())
    complaint(post, by)
    assert case_of(post).gravity == gravity


def test_reports_add_up_and_date_from_the_first():
    post = published(reply())
    first = complaint(post, UserFactory.create())
    complaint(post, UserFactory.create())
    found = case_of(post)
    assert (found.gravity, found.reasons, found.since) == (100, [["report", 2]], first.created_at)


def test_entry_says_since_when_it_waited():
    post = reply()
    since = case_of(post).since
    assert act("approve", post).since == since
    assert case_of(post) is None


def test_original_comment_and_member_wait_too(member):
    comment = OriginalCommentFactory.create()
    complaint(comment, member)
    complaint(act("silence", member), member)
    assert (reasons(comment), reasons(member)) == ([("report", 1)], [("appeal", 1)])
    act("keep", comment)
    act("keep", member)
    assert not Case.objects.exists()


def test_withdrawn_text_waits_for_nothing_any_more():
    post = published(reply())
    complaint(post, UserFactory.create())
    suggestion("hide", post)
    withdrawn(post)
    assert (Case.objects.count(), post.suggestions.count()) == (0, 0)
    assert Complaint.objects.get().state == "moot"


def test_label_is_known_of_each_reason():

    codes = [*cases.Waits.values, *Reason.values]
    assert [code for code in codes if not cases.label(code)] == []
    assert Post.objects.waiting().count() == 0
