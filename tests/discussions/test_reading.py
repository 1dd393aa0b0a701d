from html.parser import HTMLParser
from itertools import chain
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.template.loader import render_to_string
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmdebate.templatetags.trees import nested
from discussions import reading, threads, votes
from discussions.models import Post, Thread
from discussions.reading import Order, Place
from tests.factories import (
    UserFactory,
    act,
    bare_replies,
    client_of,
    edit,
    in_state,
    published,
    reply,
    rows_on,
    trusted_member,
)
from tests.factories import (
    ids_on as ids,
)

VISITOR = AnonymousUser()


@pytest.fixture
def thread(essay):
    return Thread.objects.create(essay=essay)


@pytest.fixture
def short_pages(monkeypatch):
    monkeypatch.setattr(reading, "PAGE_SIZE", 4)
    monkeypatch.setattr(threads, "BRANCH_SHOWN", 2)


def read_on(thread, user=VISITOR, order=Order.OLDEST):
    """Every page of a thread, one after the other by its cursor."""
    place = Place(order)
    while True:
        page = reading.read(thread, user, place)
        yield page
        if not page.next:
            return
        place = Place(order, after=page.next)


def branch_of(thread, start):
    """A branch from one of its replies on, over as many pages as it takes."""
    while start:
        page = reading.read(thread, VISITOR, Place(branch=start))
        yield from ids(page)
        start = page.next_in_branch


def whole_order(thread, order):
    """What the pages should show, worked out from the rows without any index."""
    posts = list(Post.objects.filter(thread=thread))
    keys = {
        Order.OLDEST: lambda root: root.pk,
        Order.NEWEST: lambda root: -root.by_latest,
        Order.BEST: lambda root: -root.by_score,
        Order.CONTESTED: lambda root: -root.by_contest,
    }
    for root in sorted((p for p in posts if p.depth == 0), key=keys[order]):
        branch = sorted((p for p in posts if p.root_id == root.pk), key=lambda p: p.path)
        yield [post.public_id for post in branch]


@pytest.mark.django_db
class TestPages:
    def test_nothing_where_nobody_has_answered(self):
        assert reading.read(None, VISITOR) == reading.EMPTY_PAGE

    @pytest.mark.parametrize("order", Order)
    @settings(
        max_examples=15,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(data=st.data())
    def test_hold_every_branch_once_in_the_order_asked_for(self, short_pages, order, data):
        from tests.essays.factories import EssayFactory

        thread = Thread.objects.create(essay=EssayFactory.create())
        depths = data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=25))
        posts = bare_replies(thread, [0, *depths], UserFactory.create())
        for post in posts:
            if post.depth == 0:
                post.by_latest = data.draw(st.integers(0, 3)) << 31 | post.pk
                post.by_score = data.draw(st.integers(0, 3)) << 31 | post.pk
                post.by_contest = data.draw(st.integers(0, 3)) << 31 | post.pk
                post.save(update_fields=["by_latest", "by_score", "by_contest"])
        expected = list(whole_order(thread, order))
        pages = list(read_on(thread, order=order))
        shown = [branch[: threads.BRANCH_SHOWN] for branch in expected]
        assert [i for page in pages for i in ids(page)] == list(chain(*shown))
        more = [row.more for page in pages for row in rows_on(page) if row.more]
        left = [branch[threads.BRANCH_SHOWN :] for branch in expected]
        assert [list(branch_of(thread, start)) for start in more] == [b for b in left if b]

    def test_say_where_they_stand(self, thread, short_pages):
        bare_replies(thread, [0] * 6, UserFactory.create())
        first, last = read_on(thread)
        assert (first.from_start, bool(first.next)) == (True, True)
        assert (last.from_start, last.next) == (False, "")

    def test_full_to_the_last_has_no_next(self, thread, short_pages):
        bare_replies(thread, [0] * reading.PAGE_SIZE, UserFactory.create())
        assert reading.read(thread, VISITOR).next == ""

    def test_begins_with_a_branch(self, thread):
        posts = bare_replies(thread, [0, 0, 1, 0], UserFactory.create())
        page = reading.read(thread, VISITOR, Place(start=posts[1].public_id))
        assert ids(page) == [post.public_id for post in posts[1:]]

    @pytest.mark.parametrize("cursor", ["after", "start", "branch"])
    def test_pass_over_a_cursor_that_is_nowhere(self, essay, thread, cursor):
        first = published(reply(essay))
        elsewhere = published(reply())
        for public_id in ("nowhere", elsewhere.public_id):
            page = reading.read(thread, VISITOR, Place(Order.OLDEST, **{cursor: public_id}))
            assert (ids(page), page.from_start) == ([first.public_id], True)

    @pytest.mark.parametrize("state", ["pending", "refused", "dropped"])
    @pytest.mark.parametrize("cursor", ["after", "start", "branch"])
    def test_pass_over_a_cursor_that_was_never_public(self, essay, thread, state, cursor):
        first = published(reply(essay))
        unseen = in_state(state, reply(essay))
        for stranger in (VISITOR, UserFactory.create()):
            page = reading.read(thread, stranger, Place(Order.OLDEST, **{cursor: unseen.public_id}))
            assert (ids(page), page.from_start) == ([first.public_id], True)
        own = reading.read(thread, unseen.author, Place(Order.OLDEST, **{cursor: unseen.public_id}))
        assert first.public_id not in ids(own)

    @pytest.mark.parametrize("state", ["hidden", "withdrawn"])
    def test_go_on_after_a_place_that_stays(self, essay, thread, state):
        gone = in_state(state, reply(essay))
        last = published(reply(essay))
        page = reading.read(thread, VISITOR, Place(after=gone.public_id))
        assert ids(page) == [last.public_id]

    def test_show_a_member_their_own_that_waits(self, essay, thread):
        waiting = reply(essay)
        for viewer, found in (
            (waiting.author, [waiting.public_id]),
            (VISITOR, []),
            (UserFactory.create(community_manager=True), []),
        ):
            assert ids(reading.read(thread, viewer)) == found

    def test_newest_is_the_branch_that_was_answered_last(self, essay, thread):
        first, second = published(reply(essay)), published(reply(essay))
        Post.objects.filter(pk=second.pk).update(by_latest=1 << 31 | second.pk)
        published(reply(first))
        page = reading.read(thread, VISITOR, Place(Order.NEWEST))
        assert ids(page)[0] == first.public_id

    @pytest.mark.parametrize("viewer", ["visitor", "member"])
    def test_cost_the_same_queries_whatever_they_hold(
        self, essay, thread, viewer, short_pages, django_assert_num_queries
    ):
        user = VISITOR if viewer == "visitor" else UserFactory.create()
        author = UserFactory.create()
        for length in (1, 3, 40):
            bare_replies(thread, [0, 1, 2, 2] * length, author)
            for order in Order:
                caches["drawn"].clear()
                with django_assert_num_queries(4):
                    page = reading.read(thread, user, Place(order))
                render_to_string("discussions/_thread.html", {"thread": page, "user": user})


@pytest.mark.django_db
class TestDrawn:
    """What is kept of a reply is what would be drawn anew."""

    def page(self, thread, user, **place):
        page = reading.read(thread, user, Place(**place))
        return render_to_string("discussions/_thread.html", {"thread": page, "user": user}), page

    def test_is_drawn_once_and_then_read_without_the_text(
        self, essay, thread, django_assert_num_queries
    ):
        published(reply(essay))
        first, page = self.page(thread, VISITOR)
        assert rows_on(page)[0].post
        with django_assert_num_queries(3):
            second, page = self.page(thread, VISITOR)
        assert rows_on(page)[0].post is None
        assert first == second

    def test_changes_with_all_that_it_shows(self, essay, thread):
        author = trusted_member()
        post = reply(essay, author)
        moderator, voter = UserFactory.create(community_manager=True), UserFactory.create()

        def edited():
            edit(post, "Un autre texte.")

        def voted():
            votes.cast(voter, post, True)

        def voted_again():
            votes.cast(voter, post, False)

        def opened():
            Thread.objects.create(post=post)

        def renamed():
            type(author).objects.filter(pk=author.pk).update(name="Autrement")

        def promoted():
            type(author).objects.filter(pk=author.pk).update(role="owner")

        def hidden():
            act("hide", post, by=moderator)

        def restored():
            act("restore", post, by=moderator)

        for change in (*(edited, voted, voted_again, opened, renamed, promoted, hidden, restored),):
            for user in (VISITOR, author, voter, moderator, UserFactory.create()):
                self.page(thread, user)
            change()
            for user in (VISITOR, author, voter, moderator, UserFactory.create()):
                kept, _page = self.page(thread, user)
                caches["drawn"].clear()
                assert kept == self.page(thread, user)[0], (change.__name__, user)

    def test_member_s_own_vote_and_text_are_theirs_alone(self, essay, thread):
        post = published(reply(essay))
        voter, other = UserFactory.create(), UserFactory.create()
        votes.cast(voter, post, True)
        pressed = 'aria-pressed="true"'
        assert [pressed in self.page(thread, user)[0] for user in (voter, other)] == [True, False]
        assert reverse("post_edit", args=[post.public_id]) in self.page(thread, post.author)[0]
        assert reverse("post_edit", args=[post.public_id]) not in self.page(thread, other)[0]


@pytest.mark.django_db
class TestPermalink:
    @pytest.mark.parametrize("order", Order)
    def test_finds_every_reply_in_the_page_it_leads_to(self, essay, thread, short_pages, order):
        bare_replies(thread, [0, 1, 2, 3, 2, 0, 0, 1, 0, 0, 1, 1], UserFactory.create())
        client = client_of(VISITOR)
        for post in Post.objects.filter(thread=thread):
            address = reverse("post", args=[post.public_id]) + f"?tri={order}"
            page = client.get(address, follow=True)
            assert f'id="{post.anchor}"' in page.text
            wanted = "" if order == Order.OLDEST else order.value
            if "branche=" not in page.redirect_chain[-1][0]:
                assert page.context["request"].GET.get("tri", "") == wanted

    def test_keeps_it_short_where_the_thread_is(self, essay):
        post = published(reply(essay))
        answer = client_of(VISITOR).get(reverse("post", args=[post.public_id]))
        assert answer["Location"] == f"{essay.get_absolute_url()}#{post.anchor}"


class Balance(HTMLParser):
    """Checks that lists hold items, items stand in lists, and all that opens closes."""

    def __init__(self):
        super().__init__()
        self.open, self.shape = [], []

    def handle_starttag(self, tag, attributes):
        if tag in ("ol", "li"):
            assert (self.open[-1] if self.open else "") == ("li" if tag == "ol" else "ol") or (
                tag == "ol" and not self.open
            )
            self.open.append(tag)
            if tag == "li":
                self.shape.append(self.open.count("li") - 1)

    def handle_endtag(self, tag):
        if tag in ("ol", "li"):
            assert self.open.pop() == tag


def expected_levels(depths):
    levels, level = [], -1
    for depth in depths:
        level = min(depth, level + 1)
        levels.append(level)
    return levels


@given(st.lists(st.integers(0, 11), max_size=40))
def test_nested_opens_and_closes_every_list(depths):
    rows = [SimpleNamespace(depth=depth, html="<p>Un message.</p>") for depth in depths]
    parser = Balance()
    parser.feed(f"<ol>{render_to_string('discussions/_branch.html', {'rows': rows})}</ol>")
    parser.close()
    assert parser.open == []
    assert parser.shape == expected_levels(depths)


def test_nested_of_nothing_is_nothing():
    assert nested([]) == []


def test_nested_counts_what_stands_below_each_row():
    rows = [SimpleNamespace(depth=depth) for depth in (0, 1, 2, 1, 0, 3)]
    assert [node.below for node in nested(rows)] == [3, 1, 0, 0, 1, 0]
