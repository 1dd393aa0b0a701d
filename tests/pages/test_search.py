"""The search page: what it shows, what it costs, what it says when there is nothing."""

import re
from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from cmdebate.pages.search import SearchForm
from discussions.models import Thread
from discussions.search import index, results
from tests.essays.factories import EssayFactory, OriginalCommentFactory
from tests.factories import (
    UserFactory,
    act,
    amendment,
    client_of,
    definition,
    person,
    published,
    reply,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def get(client=None, **parameters):
    return (client or Client()).get(reverse("search"), parameters)


def titles(response):
    found = re.findall(r'<h3 class="hit__title">\s*(.*?)</h3>', response.text, re.DOTALL)
    return [" ".join(unescape(re.sub("<[^>]*>", "", title)).split()) for title in found]


def addresses(response):
    return [hit.address for hit in response.context["found"].hits]


def test_page_asks_before_anything_was_typed():
    response = get()
    assert response.status_code == 200
    assert "found" not in response.context
    assert 'name="q"' in response.text
    assert "csrfmiddlewaretoken" not in response.text
    assert not response.cookies


def test_every_page_leads_to_it():
    assert f'href="{reverse("search")}"' in Client().get(reverse("home")).text


def test_results_say_what_they_are_and_lead_there():
    essay = EssayFactory.create(
        title="Un essai", author="Ariane", author_basis="page", published_on=date(2011, 5, 17),
        date_basis="text",
    )  # fmt: skip
    comment = OriginalCommentFactory.create(essay=essay, author="Basile", author_basis="page")
    index.index_essays()
    author = UserFactory.create(name="Marthe")
    answer = published(reply(comment, author, "Un *paragraphe* <b>de</b> commentaire."))
    post = published(definition(author, ("is", "un paragraphe")))
    below = published(reply(post, author, "Ce paragraphe."))
    response = get(q="paragraphes")
    assert sorted(titles(response)) == sorted(
        [
            "Un essai",
            "On the original comment c1, “Un essai”",
            f"{post.definition.term.headword} 1",
            f"On the definition “{post.definition.term.headword} 1”",
        ]
    )
    for address in (
        f"{essay.get_absolute_url()}#p1",
        answer.get_absolute_url(),
        post.get_absolute_url(),
        below.get_absolute_url(),
    ):
        assert f'href="{address}"' in response.text
    assert "Un premier <mark>paragraphe</mark>." in response.text
    assert "Un <mark>paragraphe</mark> &lt;b&gt;de&lt;/b&gt; commentaire." in response.text
    assert "Essay, paragraph 1" in response.text and '<time datetime="2011-05-17">' in response.text
    response = get(q="commentaire", genre="comment")
    assert titles(response) == ["Un essai, c1"]
    assert "<b>Basile</b>" in response.text and "2011" not in response.text


def test_pages_lead_to_each_other(monkeypatch):
    monkeypatch.setattr(results, "PER_PAGE", 2)
    essay = EssayFactory.create()
    index.index_essays()
    posts = [published(reply(essay, body="Une girafe.")) for _i in range(5)]
    seen, response = [], get(q="girafes", genre="reply")
    while True:
        seen += [hit.address for hit in response.context["found"].hits]
        if not response.context["next"]:
            break
        response = Client().get(reverse("search") + response.context["next"])
    assert seen == [post.get_absolute_url() for post in reversed(posts)]
    assert response.context["previous"] == "?q=girafes&genre=reply&page=2"
    response = get(q="girafe", page="4")
    assert "There is nothing on this page." in unescape(response.text)
    for page in ("0", "-1", "x", "9" * 50, "²"):
        assert get(q="girafe", page=page).status_code == 200


def test_many_matches_come_newest_first_and_the_page_says_so(monkeypatch):
    monkeypatch.setattr(results, "BEST_OF", 2)
    essay = EssayFactory.create()
    bodies = ["Girafe, girafe, girafe.", "Une girafe.", "Une girafe qui passe par ici."]
    posts = [published(reply(essay, body=body)) for body in bodies[:2]]
    response = get(q="girafe")
    assert addresses(response) == [post.get_absolute_url() for post in posts]
    assert "The best first." in response.text and "2 texts" in response.text
    posts.append(published(reply(essay, body=bodies[2])))
    response = get(q="girafe")
    assert addresses(response) == [post.get_absolute_url() for post in reversed(posts)]
    assert "More than 2 texts" in response.text and "the newest come first" in response.text


def test_nothing_found_gives_hints():
    UserFactory.create(name="Marthe")
    response = get(q="girafe <b>", membre="marthe")
    text = unescape(response.text)
    assert "No text has all of that: girafe <b>" in text
    assert "girafe <b>" not in response.text
    assert 'href="?q=girafe+%3Cb%3E"' in response.text
    assert "without the other conditions" in text
    assert "without the other conditions" not in get(q="girafe").text


@pytest.mark.parametrize(
    "parameters, field, message",
    [
        ({"q": "le la ?"}, "q", "Nothing in that can be searched"),
        ({"q": "-girafe"}, "q", "Name at least one word"),
        ({"q": "girafe", "genre": "x"}, "genre", "not one of the available choices"),
        ({"q": "girafe", "essai": "x"}, "essai", "not one of the available choices"),
        ({"q": "girafe", "membre": "Nemo"}, "membre", "No member has that name."),
        ({"q": "girafe", "du": "hier"}, "du", "Enter a valid date."),
        ({"q": "girafe", "du": "2012-01-02", "au": "2012-01-01"}, "au", "before the first one"),
    ],
)
def test_error_stands_at_its_field_and_what_was_typed_is_kept(parameters, field, message):
    response = get(**parameters)
    assert response.status_code == 200
    assert list(response.context["search"].errors) == [field]
    at_field = response.text.partition(f'id="id_{field}_error"')[2].partition("</ul>")[0]
    assert message in at_field
    assert "found" not in response.context
    if field not in ("genre", "essai"):  # a list keeps what it has
        for name, value in parameters.items():
            assert re.search(f'name="{name}"[^>]* value="{re.escape(value)}"', response.text)


@pytest.mark.parametrize(
    "name, value",
    [(name, value) for name in SearchForm.base_fields for value in ("\0", "x" * 5000, "'\"<>%\\")],
)
def test_hostile_address_gets_a_page(name, value):
    assert get(**{"q": "girafe", name: value}).status_code == 200


def test_years_at_both_ends_of_time_can_be_asked_for():
    published(reply(body="Une girafe."))
    response = get(q="girafe", du="0001-01-01", au="9999-12-31")
    assert len(response.context["found"].hits) == 1


def test_member_who_left_is_nobody():
    author = UserFactory.create(name="Marthe")
    published(reply(author=author, body="Une girafe."))
    assert len(get(q="girafe", membre="MARTHE").context["found"].hits) == 1
    type(author).objects.update(is_active=False)
    assert "No member has that name." in get(q="girafe", membre="Marthe").text


@pytest.mark.parametrize("role", ["visitor", "member", "community_manager"])
def test_nobody_s_hidden_text_is_found_by_anybody(role):
    client = client_of(person(role))
    post = published(reply(body="Une girafe, un zèbre."))
    waiting = reply(body="Un zèbre qui attend.")
    act("hide", post)
    for user_client in (client, client_of(waiting.author)):
        response = get(user_client, q="zèbre")
        assert response.context["found"].count == 0
        assert "Une girafe" not in response.text and "qui attend" not in response.text


# Who is signed in costs two more: the session and the member.
@pytest.mark.parametrize("role, queries", [("visitor", 5), ("member", 8), ("owner", 8)])
def test_page_costs_the_same_with_more_rows(role, queries, settings, django_assert_num_queries):
    settings.POST_LIMITS = []
    # There one more asks how many are to be expected: see `engine.count`.
    queries += connection.vendor == "postgresql"
    client = client_of(person(role))
    author = UserFactory.create(name="Marthe")
    for count in (1, 3):
        while thread_count() < 2 * count:
            essay = EssayFactory.create()
            comment = OriginalCommentFactory.create(essay=essay)
            published(reply(comment, author, "Un paragraphe, un commentaire."))
            base = published(definition(author, ("is", "un paragraphe")))
            published(reply(base, author))
            change = published(amendment(base, None, ("is", "un paragraphe entier")))
            published(reply(change, author, "Un changement."))
            published(reply(published(reply(essay, author, "Un paragraphe.")), author))
        index.index_essays()
        with django_assert_num_queries(queries):
            assert get(client, q="paragraphe", membre="Marthe").context["found"].count == 3 * count
        with django_assert_num_queries(queries):
            assert get(client, q="commentaire").context["found"].count == 2 * count
        for typed in ("entier", "changement"):
            with django_assert_num_queries(queries - 1):  # no member to look for, no comment
                assert get(client, q=typed).context["found"].count == count


def thread_count():
    return Thread.objects.filter(post=None).count()
