import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from discussions import posting, reading, votes
from discussions.models import Post, Thread, Vote
from discussions.reading import Order, Place
from tests.factories import (
    STATES,
    UserFactory,
    act,
    client_of,
    definition,
    ids_on,
    in_state,
    person,
    published,
    reply,
    trusted_member,
)

COUNTS = st.integers(0, 10_000)


def figures(post):
    post.refresh_from_db()
    return post.useful, post.not_useful


@pytest.mark.django_db
class TestCast:
    def test_is_one_per_member_and_can_change(self):
        post = published(reply())
        first, second = UserFactory.create(), UserFactory.create()
        votes.cast(first, post, True)
        votes.cast(second, post, True)
        assert figures(post) == (2, 0)
        votes.cast(first, post, False)
        assert figures(post) == (1, 1)
        votes.cast(first, post, False)
        assert figures(post) == (1, 0)
        assert Vote.objects.count() == 1

    def test_is_never_on_one_s_own(self):
        post = published(reply())
        with pytest.raises(votes.VoteRefused):
            votes.cast(post.author, post, True)
        assert figures(post) == (0, 0)

    @pytest.mark.parametrize("state", set(STATES) - {"published", "edited"})
    def test_is_refused_on_what_is_not_public_now(self, state):
        post = in_state(state)
        with pytest.raises(votes.VoteRefused):
            votes.cast(UserFactory.create(community_manager=True), post, True)

    def test_is_for_replies(self, term):
        post = published(definition())
        with pytest.raises(votes.VoteRefused):
            votes.cast(UserFactory.create(), post, True)

    def test_survives_the_hiding_of_the_text(self):
        post = published(reply())
        votes.cast(UserFactory.create(), post, True)
        act("hide", post)
        act("restore", post)
        assert figures(post) == (1, 0)

    def test_orders_branches(self, essay):
        good, disputed, plain = (published(reply(essay)) for _i in range(3))
        people = [UserFactory.create() for _i in range(4)]
        for voter in people:
            votes.cast(voter, good, True)
        for n, voter in enumerate(people):
            votes.cast(voter, disputed, n % 2 == 0)

        def order(place):
            page = reading.read(Thread.objects.get(essay=essay), person("visitor"), place)
            return ids_on(page)

        expected = [post.public_id for post in (good, disputed, plain)]
        assert order(Place(Order.BEST)) == expected
        assert order(Place(Order.CONTESTED))[0] == disputed.public_id


class TestRanks:
    @given(COUNTS, COUNTS)
    def test_fit_in_a_key(self, useful, not_useful):
        for rank in (votes.score(useful, not_useful), votes.contest(useful, not_useful)):
            assert 0 <= rank < 2**31

    @given(COUNTS, st.integers(1, 10_000))
    def test_one_more_useful_vote_never_lowers_a_score(self, useful, not_useful):
        assert votes.score(useful + 1, not_useful) >= votes.score(useful, not_useful)
        assert votes.score(useful, not_useful + 1) <= votes.score(useful, not_useful)

    def test_few_votes_weigh_little(self):
        assert votes.score(1, 0) < votes.score(90, 10)

    @given(st.integers(1, 10_000), st.integers(1, 10_000))
    def test_dispute_takes_two_sides_alike(self, a, b):
        assert votes.contest(a, b) == votes.contest(b, a) > votes.contest(a + b, 0)


@pytest.mark.django_db
class TestView:
    def test_leads_back_to_the_reply(self, essay):
        post = published(reply(essay))
        client = client_of(UserFactory.create())
        place = essay.get_absolute_url() + "?tri=utiles"
        answer = client.post(reverse("vote"), {"useful": post.public_id, "next": place})
        assert answer.headers["Location"] == f"{place}#{post.anchor}"
        assert figures(post) == (1, 0)

    @pytest.mark.parametrize("place", ["", "https://elsewhere.example/", "//elsewhere.example"])
    def test_leads_nowhere_else(self, essay, place):
        post = published(reply(essay))
        client = client_of(UserFactory.create())
        answer = client.post(reverse("vote"), {"not_useful": post.public_id, "next": place})
        assert answer.headers["Location"] == post.get_absolute_url()
        assert figures(post) == (0, 1)

    def test_tells_a_script_the_figures(self, essay):
        post = published(reply(essay))
        client = client_of(UserFactory.create())
        headers = {"Accept": "application/json"}
        for expected in (True, None):
            answer = client.post(reverse("vote"), {"useful": post.public_id}, headers=headers)
            assert answer.json()["mine"] is expected

    def test_says_why_it_was_refused(self, essay):
        post = published(reply(essay))
        client = client_of(post.author)
        page = client.post(reverse("vote"), {"useful": post.public_id}, follow=True)
        assert "it is yours" in page.text
        assert figures(post) == (0, 0)

    @pytest.mark.parametrize("state", ["pending", "hidden", "refused", "withdrawn", "dropped"])
    def test_knows_nothing_of_what_is_not_public(self, state):
        post = in_state(state)
        client = client_of(UserFactory.create())
        told = [
            client.post(reverse("vote"), {"useful": public_id}).status_code
            for public_id in (post.public_id, "zzzzzzzzzz", "\0", "")
        ]
        assert told == [404] * 4

    def test_is_for_members(self, essay):
        post = published(reply(essay))
        client_of(person("visitor")).post(reverse("vote"), {"useful": post.public_id})
        assert figures(post) == (0, 0)


@pytest.mark.django_db
class TestDiscussion:
    LONG = "Un long message. " * 60

    def test_is_opened_from_a_long_reply_and_answered_there(self, essay):
        author = trusted_member()
        post = reply(essay, author, self.LONG)
        answered = published(reply(post))
        client = client_of(author)
        page = client.post(reverse("discussion_open", args=[post.public_id]), follow=True)
        assert page.request["PATH_INFO"] == reverse("discussion", args=[post.public_id])
        post = Post.objects.get(pk=post.pk)
        new = published(reply(post))
        assert new.thread == post.own_thread
        assert (new.depth, new.parent) == (0, None)
        assert answered.thread == post.thread
        # Linked both ways.
        assert (
            reverse("discussion", args=[post.public_id])
            in client.get(essay.get_absolute_url()).text
        )
        page = client.get(reverse("discussion", args=[post.public_id]))
        assert reverse("post", args=[post.public_id]) in page.text
        assert f'id="{new.anchor}"' in page.text
        # And an answer to an answer stays in it.
        assert published(reply(new)).thread == post.own_thread

    def test_permalink_of_an_answer_leads_to_it(self, essay):
        post = reply(essay, trusted_member(), self.LONG)
        posting.open_discussion(post, post.author)
        new = published(reply(Post.objects.get(pk=post.pk)))
        answer = client_of(person("visitor")).get(new.get_absolute_url())
        place = reverse("discussion", args=[post.public_id])
        assert answer.headers["Location"] == f"{place}#{new.anchor}"

    def test_is_not_for_a_stranger_or_a_short_text(self, essay):
        long, short = reply(essay, trusted_member(), self.LONG), published(reply(essay))
        for post, who in ((long, UserFactory.create()), (short, short.author)):
            with pytest.raises(posting.Closed):
                posting.open_discussion(post, who)
        assert not Thread.objects.filter(post__isnull=False).exists()

    def test_opened_twice_is_opened_once(self, essay):
        post = reply(essay, trusted_member(), self.LONG)
        posting.open_discussion(post, post.author)
        with pytest.raises(posting.Closed):
            posting.open_discussion(Post.objects.get(pk=post.pk), post.author)

    def test_of_a_hidden_reply_says_so_and_keeps_the_answers(self, essay):
        post = reply(essay, trusted_member(), self.LONG)
        posting.open_discussion(post, post.author)
        post = Post.objects.get(pk=post.pk)
        new = published(reply(post))
        act("hide", post)
        page = client_of(person("visitor")).get(reverse("discussion", args=[post.public_id]))
        assert "Hidden." in page.text
        assert "Un long message." not in page.text
        assert f'id="{new.anchor}"' in page.text
