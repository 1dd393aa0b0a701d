"""A second contested word, with essays of its own: all works for it as for the first."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from discussions.models import Notice, Post
from essays.models import Term
from tests.essays.factories import EssayFactory
from tests.factories import (
    UserFactory,
    act,
    client_of,
    definition,
    published,
    reply,
    trusted_member,
)

pytestmark = pytest.mark.django_db

VISITOR = Client()


@pytest.fixture
def first():
    return Term.objects.create(slug="community-manager", headword="community manager", position=1)


@pytest.fixture
def second(first):
    return Term.objects.create(slug="moderateur", headword="modérateur", position=2)


@pytest.fixture
def essay(second):
    essay = EssayFactory.create()
    essay.terms.set([second])
    return essay


def proposal(words="", **more):
    return {
        "clauses-TOTAL_FORMS": 1,
        "clauses-INITIAL_FORMS": 0,
        "clauses-0-polarity": "is_not",
        "clauses-0-text": "un censeur",
        "clauses-0-words": words,
        "body": "",
        "key": str(uuid4()),
    } | more


def listed(address):
    return [post.public_id for post in VISITOR.get(address).context["posts"]]


def test_its_definitions_have_a_page_of_their_own(first, second):
    here, there = (published(definition(term=term)) for term in (first, second))
    assert listed(reverse("definitions:list")) == [here.public_id]
    assert listed(reverse("term:definitions:list", args=[second.slug])) == [there.public_id]
    assert there.definition.number == here.definition.number == 1


def test_each_page_leads_to_the_other(first, second):
    for page in (reverse("definitions:list"), second.get_absolute_url()):
        text = VISITOR.get(page).text
        assert f'href="{first.get_absolute_url()}"' in text
        assert f'href="{second.get_absolute_url()}"' in text


def test_first_term_keeps_its_one_address(first, second):
    answer = VISITOR.get(reverse("term:definitions:list", args=[first.slug]))
    assert (answer.status_code, answer.headers["Location"]) == (301, reverse("definitions:list"))
    assert VISITOR.get(reverse("term:definitions:list", args=["nulle-part"])).status_code == 404


def test_is_defined_in_the_words_of_its_own_essays(essay, second):
    author = trusted_member()
    answer = client_of(author).post(
        reverse("term:definitions:create", args=[second.slug]), proposal("premier paragraphe")
    )
    post = Post.objects.definitions().get()
    assert answer.headers["Location"] == post.get_absolute_url()
    assert post.definition.term == second
    assert post.published_revision.clauses.get().passage.essay == essay


def test_words_of_another_terms_essays_are_not_found(essay, first):
    page = client_of(trusted_member()).post(
        reverse("definitions:create"), proposal("premier paragraphe")
    )
    assert page.status_code == 422
    assert not Post.objects.definitions().exists()


def test_who_follows_it_hears_of_it_alone(first, second):
    member = UserFactory.create()
    client_of(member).post(
        reverse("following"), {"what": "term", "key": second.slug, "do": "follow"}
    )
    published(definition(term=first))
    post = published(definition(term=second))
    assert [notice.post for notice in Notice.objects.filter(person=member)] == [post]


def test_its_definition_is_discussed_searched_and_decided_on(second):
    post = published(definition(None, ("is", "un jardinier"), term=second))
    published(reply(post))
    search = reverse("search") + "?q=jardinier"
    assert post.public_id in VISITOR.get(search).text
    act("hide", post)
    assert post.public_id not in VISITOR.get(search).text
    assert "un jardinier" not in VISITOR.get(second.get_absolute_url()).text
