"""Definitions that take up, narrow, contradict or replace others."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from discussions import lineage, posting
from discussions.models import Post
from tests.essays.factories import TermFactory
from tests.factories import (
    client_of,
    definition,
    essay_definition,
    in_state,
    person,
    published,
    trusted_member,
    wording,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def without_limits(settings, term):
    settings.POST_LIMITS = []


@pytest.fixture
def author(term):
    return trusted_member(name="Ariane")


def standing(author, other, relation="narrows", text="un métier"):
    return definition(author, ("is", text), related=other, relation=relation)


def drawn(post, user=None):
    """Depth, relation and whether the text is there, in the order of the page."""
    page = client_of(user or person("visitor")).get(post.get_absolute_url())
    return [
        (row.depth, row.post.definition.number, str(row.relation), row.post.shown is not None)
        for row in page.context["lineage"]
    ]


def typed(**more):
    return {
        "clauses-TOTAL_FORMS": 1,
        "clauses-INITIAL_FORMS": 0,
        "clauses-0-polarity": "is",
        "clauses-0-text": "un métier",
        "body": "",
        "key": str(uuid4()),
    } | more


class TestForm:
    def send(self, author, **more):
        return client_of(author).post(reverse("definitions:create"), typed(**more))

    def test_keeps_what_it_does_with_another(self, author):
        other = definition(author)
        for said in ("1", other.public_id, f"/definitions/{other.public_id}/"):
            page = self.send(author, relation="contradicts", related=said)
            revision = Post.objects.latest("pk").published_revision
            assert page.status_code == 302
            assert (revision.relation, revision.related) == ("contradicts", other)

    def test_begins_with_the_one_that_it_answers(self, author):
        other = definition(author)
        address = f"{reverse('definitions:create')}?definition={other.public_id}"
        assert address in Client().get(other.get_absolute_url()).text
        page = client_of(author).get(address)
        assert page.context["form"]["related"].value() == "1"
        essay = essay_definition()
        page = client_of(author).get(
            f"{reverse('definitions:create')}?definition={essay.public_id}"
        )
        assert page.context["form"]["related"].value() == essay.public_id

    @pytest.mark.parametrize(
        "said, field",
        [
            ({"relation": "narrows", "related": "99"}, "related"),
            ({"relation": "narrows", "related": ""}, "related"),
            ({"relation": "", "related": "1"}, "relation"),
            ({"relation": "loves", "related": "1"}, "relation"),
            ({"relation": "narrows", "related": "\0"}, "related"),
        ],
    )
    def test_says_what_is_wrong_at_the_field(self, said, field, author):
        definition(author)
        page = self.send(author, **said)
        assert page.status_code == 422
        assert field in page.context["form"].errors
        assert page.context["form"]["related"].value() == said["related"]

    @pytest.mark.parametrize("state", ["pending", "hidden", "withdrawn", "refused"])
    def test_not_with_what_is_not_public(self, state, author):
        other = in_state(state, definition())
        page = self.send(author, relation="narrows", related=other.public_id)
        assert list(page.context["form"].errors) == ["related"]

    def test_not_with_one_about_another_word(self, author):
        other = published(definition(term=TermFactory.create()))
        page = self.send(author, relation="narrows", related=other.public_id)
        assert page.context["form"].errors == {
            "related": ["That definition is about another word."]
        }

    def change(self, post, related):
        post = Post.objects.get(pk=post.pk)
        data = typed(seen=post.version, relation="narrows", related=related)
        return client_of(post.author).post(reverse("post_edit", args=[post.public_id]), data)

    def test_not_with_itself_nor_in_a_circle(self, author):
        first = definition(author)
        second = standing(author, first)
        third = standing(author, second)
        page = self.change(first, "1")
        assert page.context["form"].errors == {"related": ["This is the definition itself."]}
        for related in ("2", "3"):
            page = self.change(first, related)
            assert page.context["form"].errors == {
                "related": ["That definition itself goes back to this one."]
            }
        assert self.change(third, "1").status_code == 302

    def test_edit_begins_with_it_and_keeps_it_though_it_is_hidden_now(self, author):
        other = published(definition())
        post = standing(author, other)
        in_state("hidden", other)
        address = reverse("post_edit", args=[post.public_id])
        form = client_of(author).get(address).context["form"]
        assert (form["relation"].value(), form["related"].value()) == ("narrows", "1")
        assert self.change(post, "1").status_code == 302


class TestDrawing:
    def test_shows_ancestors_above_and_descendants_below(self, author):
        first = definition(author)
        second = standing(author, first, "takes_up")
        third = standing(author, second, "contradicts")
        standing(author, third, "replaces")
        standing(author, first)  # no relative of the second
        assert drawn(second) == [
            (0, 1, "", True),
            (1, 2, "takes up", True),
            (2, 3, "contradicts", True),
            (3, 4, "replaces", True),
        ]
        assert [row[1] for row in drawn(first)] == [1, 2, 3, 4, 5]

    def test_of_one_that_stands_alone_is_not_there(self, author):
        post = definition(author)
        assert drawn(post) == []
        assert 'id="lineage"' not in Client().get(post.get_absolute_url()).text

    @pytest.mark.parametrize("state", ["hidden", "withdrawn"])
    def test_hidden_relative_keeps_its_place_without_a_word(self, state, author):
        first = definition(author)
        second = published(definition(None, ("is", "un secret"), related=first, relation="narrows"))
        third = standing(author, second)
        in_state(state, second)
        page = Client().get(third.get_absolute_url())
        assert "secret" not in page.text
        assert drawn(third) == [(0, 2, "", False), (1, 3, "narrows", True)]
        assert drawn(first) == [(0, 1, "", True), (1, 2, "", False), (2, 3, "narrows", True)]

    @pytest.mark.parametrize("state", ["pending", "refused", "dropped"])
    def test_what_was_never_public_is_nowhere(self, state, author):
        first = definition(author)
        before = Client().get(first.get_absolute_url()).text
        in_state(state, definition(None, ("is", "un secret"), related=first, relation="narrows"))
        assert Client().get(first.get_absolute_url()).text == before

    def test_one_that_waits_shows_its_author_where_it_will_stand(self, author):
        first = definition(author)
        post = definition(None, related=first, relation="narrows")
        assert drawn(post, post.author) == [(0, 1, "", True), (1, None, "narrows", True)]

    def test_earlier_version_counts_no_more(self, author):
        first = definition(author)
        second = standing(author, first)
        posting.edit(second, author, wording(("is", "un métier")), seen=second.version)
        assert drawn(first) == []

    def test_circle_that_two_edits_made_is_drawn_once(self, author):
        first = definition(author)
        second = standing(author, first)
        said = wording(("is", "un métier"), relation="narrows", related=second)
        posting.edit(first, author, said, seen=first.version)
        assert [row[1] for row in drawn(first)] == [2, 1]
        assert [row[1] for row in drawn(second)] == [1, 2]

    def test_page_and_history_say_it(self, author):
        first = definition(author)
        second = standing(author, first, "contradicts")
        page = Client().get(second.get_absolute_url())
        assert "Contradicts <a" in page.text
        posting.edit(
            second,
            author,
            wording(("is", "un métier")),
            seen=Post.objects.get(pk=second.pk).version,
        )
        page = Client().get(reverse("definitions:history", args=[second.public_id]))
        assert "contradicts the definition 1" in page.text

    @pytest.mark.parametrize("count", [1, 3, 20])
    def test_costs_the_same_however_deep_and_broad(self, count, author, django_assert_num_queries):
        other = first = definition(author)
        for _i in range(count):
            other = standing(author, other)
            standing(author, first)
        post = Client().get(first.get_absolute_url()).context["post"]
        with django_assert_num_queries(5):
            rows = lineage.of(post, person("visitor"))
        assert len(rows) <= 1 + lineage.UP + lineage.MOST
