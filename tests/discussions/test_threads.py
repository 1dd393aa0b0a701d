import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import given
from hypothesis import strategies as st

from discussions import threads
from discussions.models import Post, Thread
from tests.factories import (
    UserFactory,
    act,
    bare_replies,
    definition,
    in_state,
    published,
    reply,
    withdrawn,
)

VISITOR = AnonymousUser()


@pytest.mark.parametrize(
    "number, written", [(1, "000001"), (35, "00000z"), (36, "000010"), (36**6 - 1, "zzzzzz")]
)
def test_segment_is_base_36_in_six_characters(number, written):
    assert threads.segment(number) == written


def test_segment_that_would_not_fit_is_refused():
    with pytest.raises(OverflowError):
        threads.segment(36**6)


@given(st.lists(st.integers(1, 36**6 - 1), min_size=2, max_size=2))
def test_segments_sort_as_their_numbers(numbers):
    assert sorted(numbers) == sorted(numbers, key=threads.segment)


@pytest.mark.django_db
class TestPath:
    def test_reading_order_is_depth_first_and_oldest_first(self, essay):
        first = published(reply(essay))
        second = published(reply(essay))
        answer = published(reply(first))
        deeper = published(reply(answer))
        later = published(reply(first))
        order = list(Post.objects.in_thread(essay.thread))
        assert order == [first, answer, deeper, later, second]
        assert [post.depth for post in order] == [0, 1, 2, 1, 0]

    def test_database_compares_paths_by_bytes(self, essay):
        thread = Thread.objects.create(essay=essay)
        posts = bare_replies(thread, [0] * 5, UserFactory.create())
        paths = ["00000z", "000010", "00000a", "000009", "000009zzzzzz"]
        for post, path in zip(posts, paths, strict=True):
            Post.objects.filter(pk=post.pk).update(path=path)
        found = Post.objects.in_thread(thread).values_list("path", flat=True)
        assert list(found) == sorted(paths)

    def test_reply_beyond_the_deepest_level_joins_it_and_names_whom_it_answers(self, essay):
        thread = Thread.objects.create(essay=essay)
        chain = bare_replies(thread, range(threads.MAX_DEPTH), UserFactory.create())
        deepest = chain[-1]
        beyond = published(reply(deepest))
        assert (deepest.depth, beyond.depth) == (threads.MAX_DEPTH - 1,) * 2
        assert beyond.path[: -threads.SEGMENT] == deepest.path[: -threads.SEGMENT]
        assert beyond.parent == deepest
        assert list(Post.objects.in_thread(thread))[-2:] == [deepest, beyond]


@pytest.mark.django_db
class TestSubject:
    def test_definition_essay_and_reply_share_no_thread_but_their_own(self, essay, term):
        base = published(definition())
        under_definition = reply(base)
        under_essay = published(reply(essay))
        answer = reply(under_essay)
        assert under_definition.thread.subject == base
        assert under_essay.thread.subject == essay
        assert answer.thread == under_essay.thread
        assert (under_definition.parent, under_essay.parent) == (None, None)

    def test_second_reply_finds_the_thread_of_the_first(self, essay):
        assert reply(essay).thread == reply(essay).thread


@pytest.mark.django_db
class TestCounts:
    def counts(self, essay):
        essay.thread.refresh_from_db()
        return essay.thread.reply_count, essay.thread.hidden_count

    def test_follow_what_readers_may_count(self, essay):
        post = reply(essay)
        assert self.counts(essay) == (0, 0)
        act("approve", post)
        assert self.counts(essay) == (1, 0)
        act("hide", post)
        assert self.counts(essay) == (0, 1)
        act("restore", post)
        assert self.counts(essay) == (1, 0)
        withdrawn(post)
        assert self.counts(essay) == (0, 0)

    def test_say_nothing_of_what_was_never_public(self, essay):
        for state in ("pending", "refused", "dropped"):
            in_state(state, reply(essay))
        assert self.counts(essay) == (0, 0)

    def test_refused_text_counts_once_it_is_restored(self, essay):
        post = in_state("refused", reply(essay))
        act("restore", post)
        assert self.counts(essay) == (1, 0)


@pytest.mark.django_db
def test_cut_of_a_branch_follows_what_is_published(essay, monkeypatch):
    monkeypatch.setattr(threads, "BRANCH_SHOWN", 2)

    def left_out():
        cut = Post.objects.get(pk=root.pk).branch_cut
        return Post.objects.filter(path=cut).first()

    root = published(reply(essay))
    first = published(reply(root))
    waiting = reply(first)
    assert left_out() is None
    last = published(reply(root))
    assert left_out() == last
    published(waiting)  # reads before the last one
    assert left_out() == waiting
    act("hide", first)  # its place stays
    assert left_out() == waiting
