"""A second contested word, with essays of its own: all works for it as for the first."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from discussions.models import Notice, Post, Survey
from discussions.survey import surveys
from essays.models import Term
from tests.essays.factories import ClaimFactory, DutyFactory, EssayFactory
from tests.factories import (
    UserFactory,
    act,
    call,
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


PAGES = (
    *("definitions:list", "definitions:compare", "definitions:words", "calls:list"),
    *("feeds:definitions", "role", "claims", "survey", "survey_answer"),
)


@pytest.mark.parametrize("page", PAGES)
def test_each_page_has_one_address_of_each_term(page, first, second):
    surveys.make_missing()
    root, other = reverse(page), second.address(page)
    assert (first.address(page), other.startswith("/termes/moderateur/")) == (root, True)
    assert VISITOR.get(other).status_code == 200
    named = VISITOR.get(reverse(f"term:{page}", args=[first.slug]) + "?d=1&d=2")
    assert (named.status_code, named.headers["Location"]) == (301, f"{root}?d=1&d=2")
    assert VISITOR.get(reverse(f"term:{page}", args=["nulle-part"])).status_code == 404


@pytest.mark.parametrize("page", ["definitions:create", "calls:create"])
def test_nothing_is_written_on_an_unknown_term(page, first):
    client = client_of(UserFactory.create(community_manager=True))
    assert client.post(reverse(f"term:{page}", args=["nulle-part"])).status_code == 404


def test_pages_lead_to_those_that_have_something_to_show(first, second):
    def found(page):
        return {name for name in PAGES if f'href="{second.address(name)}"' in page.text}

    empty = {*("definitions:list", "feeds:definitions"), *("definitions:compare",)}
    empty.add("definitions:words")
    assert found(VISITOR.get(second.get_absolute_url())) == empty
    surveys.make_missing()
    call(term=first)
    ClaimFactory.create(duty=DutyFactory.create(term=first))
    assert found(VISITOR.get(second.get_absolute_url())) == empty | {"survey"}
    call(term=second)
    ClaimFactory.create(duty=DutyFactory.create(term=second))
    full = empty | {"survey", "calls:list", "role", "claims"}
    assert found(VISITOR.get(second.get_absolute_url())) == full
    for page in full - {"definitions:list", "feeds:definitions"}:
        assert found(VISITOR.get(second.address(page))) >= full - {"feeds:definitions"}


def test_definitions_lead_to_what_can_be_done_with_them_on_their_term(second):
    post = published(definition(term=second))
    page = client_of(trusted_member()).get(post.get_absolute_url()).text
    assert f'href="{second.address("definitions:compare")}?d={post.public_id}"' in page
    create = second.address("definitions:create")
    assert f'href="{create}?definition={post.public_id}"' in page


def test_tags_of_its_definitions_lead_to_its_own(first, second):
    post = published(definition(term=second, tags=("seuil",)))
    address = f"{second.get_absolute_url()}?tag=seuil"
    for page in (post.get_absolute_url(), reverse("essays:list") + "?tag=seuil"):
        assert f'href="{address}"' in VISITOR.get(page).text
        assert f'href="{first.get_absolute_url()}?tag=seuil"' not in VISITOR.get(page).text
    assert listed(address) == [post.public_id]


def test_browser_that_answered_one_survey_may_answer_the_other(first, second):
    surveys.make_missing()
    for term in (first, second):
        answered = Client().post(
            term.address("survey_answer"),
            {"choice": "no", "generation": "young", "key": str(uuid4())},
        )
        assert {morsel["path"] for morsel in answered.cookies.values()} == {
            *(term.address("survey_answer"), f"/en{term.address('survey_answer')}"),
        }
    assert [survey.answers.count() for survey in Survey.objects.all()] == [1, 1]


def test_home_counts_the_essays_on_its_word(first, second, essay):
    own, of_none = EssayFactory.create(), EssayFactory.create()
    own.terms.set([first, second])
    page = VISITOR.get(reverse("home"))
    assert list(page.context["essays"]) == [own, of_none]
    assert essay.title in VISITOR.get(reverse("essays:list")).text


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
