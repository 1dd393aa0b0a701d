"""What members think of clauses: said, changed, counted, and never of a few people only."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from cmdebate.accounts.models import User
from discussions.agreement import tally, verbs
from discussions.models import Label, Post, Reaction
from discussions.views import DefinitionOrder
from tests.factories import (
    UserFactory,
    act,
    client_of,
    definition,
    edit,
    in_state,
    published,
    reply,
    trusted_member,
    withdrawn,
)

pytestmark = pytest.mark.django_db

VISITOR = AnonymousUser()


def clause_of(post, number=1):
    post.refresh_from_db()
    return post.published_revision.clauses.get(position=number)


def say(stance, post, member=None, number=1, **more):
    verbs.react(member or UserFactory.create(), post, clause_of(post, number), stance, **more)


def figures(post, number=1):
    return tuple(clause_of(post, number).figures)


@pytest.fixture
def post():
    return published(definition(None, ("is", "un métier"), ("is_not", "un vendeur")))


class TestReacting:
    def test_counts_on_its_clause_only(self, post):
        say("agree", post)
        say("agree", post)
        say("disagree", post)
        say("clarify", post)
        assert (figures(post), figures(post, 2)) == ((2, 1, 1), (0, 0, 0))

    def test_last_word_counts_and_earlier_ones_are_kept(self, post, member):
        say("agree", post, member)
        say("disagree", post, member)
        assert figures(post) == (0, 1, 0)
        kept = Reaction.objects.order_by("pk").values_list("stance", "is_current")
        assert list(kept) == [("agree", False), ("disagree", True)]

    def test_word_taken_back_counts_no_more(self, post, member):
        say("agree", post, member)
        say("", post, member)
        assert figures(post) == (0, 0, 0)

    def test_same_word_again_changes_nothing(self, post, member):
        say("agree", post, member)
        say("agree", post, member)
        assert Reaction.objects.count() == 1

    def test_one_does_not_speak_of_ones_own(self, post):
        with pytest.raises(verbs.ReactionRefused):
            say("agree", post, post.author)

    @pytest.mark.parametrize("state", ["pending", "hidden", "withdrawn"])
    def test_nobody_speaks_of_what_is_not_published(self, state):
        post = in_state(state, definition())
        clause = (post.published_revision or post.pending_revision).clauses.get()
        with pytest.raises(verbs.ReactionRefused):
            verbs.react(UserFactory.create(), post, clause, "agree")

    def test_reason_is_a_reply_and_waits_like_one(self, post, member):
        say("clarify", post, member, reason="Un métier, pour qui ?", form_key=uuid4())
        reason = Reaction.objects.get().reason
        assert (reason.state, reason.thread.post) == ("pending", post)
        assert figures(post) == (0, 0, 1)

    def test_form_sent_twice_says_it_once(self, post, member):
        key = uuid4()
        for _time in range(2):
            say("clarify", post, member, reason="Pour qui ?", form_key=key)
        assert (Post.objects.replies().count(), Reaction.objects.count()) == (1, 1)


class TestVersions:
    def test_clause_that_stays_keeps_its_figures(self, post):
        say("agree", post)
        edit(post, "", ("is", "un métier"), ("is", "un hôte"))
        act("approve", post)
        assert (figures(post), figures(post, 2)) == ((1, 0, 0), (0, 0, 0))

    def test_clause_that_moves_takes_them_along(self, post):
        say("agree", post, number=2)
        edit(post, "", ("is_not", "un vendeur"), ("is", "un métier"))
        act("approve", post)
        assert figures(post) == (1, 0, 0)

    def test_clause_that_comes_back_finds_them_again(self, post):
        say("agree", post)
        for text in ("une posture", "un métier"):
            edit(post, "", ("is", text))
            act("approve", post)
        assert figures(post) == (1, 0, 0)

    @pytest.mark.parametrize("change", [("is", "un vrai métier"), ("is_not", "un métier")])
    def test_clause_that_says_something_else_begins_anew(self, post, change):
        say("agree", post)
        edit(post, "", change)
        act("approve", post)
        assert figures(post) == (0, 0, 0)
        page = client_of(VISITOR).get(reverse("definitions:opinions", args=[post.public_id]))
        assert [clause.text for clause in page.context["earlier"]] == ["un métier"]

    def test_version_that_waits_is_not_spoken_of(self, post):
        edit(post, "", ("is", "un secret"))
        post.refresh_from_db()
        clause = post.pending_revision.clauses.get()
        with pytest.raises(verbs.ReactionRefused):
            verbs.react(UserFactory.create(), post, clause, "agree")


class TestSwaying:
    def test_message_says_how_many_views_it_changed(self, post, member):
        message = published(reply(post, trusted_member()))
        say("agree", post, member, swayed_by=message)
        say("disagree", post, swayed_by=message)
        message.refresh_from_db()
        assert message.swayed_count == 2
        page = client_of(VISITOR).get(post.get_absolute_url())
        assert "changed 2 views" in page.text

    def test_view_that_is_changed_again_no_longer_counts(self, post, member):
        message = published(reply(post))
        say("agree", post, member, swayed_by=message)
        say("disagree", post, member)
        message.refresh_from_db()
        assert message.swayed_count == 0

    def test_ones_own_message_changes_nothing(self, post, member):
        message = published(reply(post, member))
        with pytest.raises(verbs.ReactionRefused):
            say("agree", post, member, swayed_by=message)

    def test_message_elsewhere_changes_nothing(self, post, member):
        with pytest.raises(verbs.ReactionRefused):
            say("agree", post, member, swayed_by=published(reply()))

    def test_hidden_message_is_not_offered(self, post, member):
        message = in_state("hidden", reply(post, body="un-mot-caché"))
        address = reverse("definitions:opinions", args=[post.public_id])
        page = client_of(member).get(address, {"message": message.public_id})
        assert (page.context["message"], "un-mot-caché" in page.text) == (None, False)


class TestLabels:
    def test_are_those_one_chose_last(self, post, member):
        clause = clause_of(post)
        verbs.label(member, post, clause, ["too_vague", "no_source"])
        verbs.label(member, post, clause, ["no_source", "off_topic"])
        assert sorted(Label.objects.values_list("kind", flat=True)) == ["no_source", "off_topic"]

    def test_hide_nothing_and_are_counted(self, post):
        for _i in range(2):
            verbs.label(UserFactory.create(), post, clause_of(post), ["too_vague"])
        page = client_of(VISITOR).get(reverse("definitions:opinions", args=[post.public_id]))
        assert "too vague (2)" in page.text
        assert "too vague (2)" in client_of(post.author).get(post.get_absolute_url()).text
        assert post.state == "published"


class TestPositions:
    def table(self, post):
        page = client_of(VISITOR).get(reverse("definitions:opinions", args=[post.public_id]))
        return {name: tuple(group) for name, group in page.context["rows"][0]["groups"]}

    def people(self, position, count):
        return UserFactory.create_batch(count, position=position)

    def test_group_of_five_is_shown(self, post):
        for member in self.people("agency", 5) + self.people("brand", 6):
            say("agree" if member.position == "agency" else "disagree", post, member)
        assert self.table(post) == {"agency": (5, 0, 0), "brand": (0, 6, 0)}

    def test_group_under_five_is_not_nor_the_one_that_would_betray_it(self, post):
        for member in self.people("agency", 4) + self.people("brand", 6) + self.people("other", 9):
            say("agree", post, member)
        assert self.table(post) == {"other": (9, 0, 0)}

    def test_declaring_moves_ones_views(self, post, member):
        for other in self.people("agency", 4):
            say("agree", post, other)
        say("agree", post, member)
        verbs.declare(member, "agency")
        assert self.table(post) == {"agency": (5, 0, 0)}

    def test_page_keeps_it_and_nobody_else_sees_it(self, member):
        client = client_of(member)
        client.post(reverse("position"), {"position": "researcher"})
        assert User.objects.get(pk=member.pk).position == "researcher"
        assert (
            "researcher" not in client_of(UserFactory.create()).get(member.get_absolute_url()).text
        )


class TestOrders:
    def ids(self, order):
        page = client_of(VISITOR).get(reverse("definitions:list"), {"tri": order})
        return [post.public_id for post in page.context["posts"]]

    def test_most_supported_first_where_few_weigh_little(self):
        few, many, none = (published(definition()) for _i in range(3))
        say("agree", few)
        for stance in ["agree"] * 9 + ["disagree"]:
            say(stance, many)
        say("disagree", none)
        wanted = [many.public_id, few.public_id, none.public_id]
        assert self.ids(DefinitionOrder.SUPPORTED) == wanted

    def test_most_contested_first(self):
        calm, contested = (published(definition()) for _i in range(2))
        for stance in ("agree", "agree", "disagree", "disagree"):
            say(stance, contested)
        for _i in range(4):
            say("agree", calm)
        assert self.ids(DefinitionOrder.CONTESTED) == [contested.public_id, calm.public_id]

    def test_shared_is_what_the_position_that_agrees_least_agrees_to(self):
        shared, split = (published(definition()) for _i in range(2))
        for position in ("agency", "brand"):
            for member in UserFactory.create_batch(5, position=position):
                say("agree", shared, member)
                say("agree" if position == "brand" else "disagree", split, member)
        assert self.ids(DefinitionOrder.SHARED)[0] == shared.public_id

    def test_new_version_is_ranked_by_what_it_says(self):
        post, other = (published(definition()) for _i in range(2))
        say("agree", post)
        say("agree", post)
        say("agree", other)
        assert self.ids(DefinitionOrder.SUPPORTED)[0] == post.public_id
        edit(post, "", ("is", "tout autre chose"))
        act("approve", post)
        assert self.ids(DefinitionOrder.SUPPORTED)[0] == other.public_id

    @pytest.mark.parametrize("order", DefinitionOrder.values)
    def test_pages_follow_each_other_without_a_gap(self, order, monkeypatch):
        monkeypatch.setattr("discussions.views.DEFINITIONS_PER_PAGE", 2)
        posts = [published(definition()) for _i in range(5)]
        say("agree", posts[1])
        say("disagree", posts[1])
        found, after = [], ""
        for _page in range(3):
            page = client_of(VISITOR).get(
                reverse("definitions:list"), {"tri": order, "apres": after}
            )
            found += [post.public_id for post in page.context["posts"]]
            after = page.context["next"]
        assert sorted(found) == sorted(post.public_id for post in posts)
        assert not after


class TestPage:
    def address(self, post):
        return reverse("definitions:opinions", args=[post.public_id])

    def test_button_says_it_and_takes_it_back(self, post, member):
        client, key = client_of(member), clause_of(post).pk
        answer = client.post(self.address(post), {"agree": key, "next": "/definitions/?tri=x"})
        assert answer.headers["Location"] == f"/definitions/?tri=x#c{key}"
        assert figures(post) == (1, 0, 0)
        client.post(self.address(post), {"agree": key})
        assert figures(post) == (0, 0, 0)

    def test_form_says_all_at_once(self, post, member):
        first, second = clause_of(post), clause_of(post, 2)
        data = {
            "key": str(uuid4()),
            "seen": first.revision_id,
            f"c{first.pk}-stance": "clarify",
            f"c{first.pk}-reason": "Pour qui ?",
            f"c{first.pk}-labels": ["too_vague"],
            f"c{second.pk}-stance": "agree",
        }
        answer = client_of(member).post(self.address(post), data)
        assert answer.status_code == 302
        assert (figures(post), figures(post, 2)) == ((0, 0, 1), (1, 0, 0))
        assert Label.objects.get().clause == first

    def test_what_is_to_be_clarified_must_be_said(self, post, member):
        key = clause_of(post).pk
        second = clause_of(post, 2)
        data = {
            "seen": second.revision_id,
            f"c{key}-stance": "clarify",
            f"c{second.pk}-stance": "",
        }
        page = client_of(member).post(self.address(post), data)
        assert page.status_code == 422
        assert "Say what is to be clarified." in page.text
        assert not Reaction.objects.exists()

    def test_clause_that_has_changed_is_refused_aloud(self, post, member):
        client, key = client_of(member), clause_of(post).pk
        edit(post, "", ("is", "autre chose"))
        act("approve", post)
        page = client.post(self.address(post), {"agree": key}, follow=True)
        assert "has changed since" in page.text
        assert not Reaction.objects.exists()

    def test_form_of_an_earlier_version_takes_nothing_back(self, post, member):
        say("agree", post, member)
        first = clause_of(post)
        edit(post, "", ("is", "un métier"), ("is", "un hôte"))
        act("approve", post)
        data = {"seen": first.revision_id, f"c{first.pk}-stance": "disagree"}
        page = client_of(member).post(self.address(post), data, follow=True)
        assert "has changed since" in page.text
        assert figures(post) == (1, 0, 0)

    def test_visitor_is_led_to_sign_in(self, post):
        answer = client_of(VISITOR).post(self.address(post), {"agree": clause_of(post).pk})
        assert "connexion" in answer.headers["Location"] or "login" in answer.headers["Location"]
        assert not Reaction.objects.exists()

    def test_withdrawn_definition_has_no_such_page(self, post):
        say("agree", post)
        withdrawn(post)
        assert client_of(VISITOR).get(self.address(post)).status_code == 404


def test_rank_counts_each_member_and_clause_once(post, member):
    for stance in ("agree", "disagree", "agree"):
        say(stance, post, member)
    say("agree", post, number=2)
    clauses = [clause_of(post).pk, clause_of(post, 2).pk]
    assert tally.by_clause(clauses) == {pk: {"": (1, 0, 0)} for pk in clauses}
