import re
from urllib.parse import unquote
from uuid import uuid4

import lxml.html
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from discussions.models import Passage, Post
from essays.models import Essay, Paragraph
from tests.essays.factories import EssayFactory, OriginalCommentFactory, TermFactory
from tests.factories import (
    STATES,
    UserFactory,
    act,
    client_of,
    definition,
    in_state,
    passage_of,
    published,
    reply,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def essay():
    return EssayFactory.create()


@pytest.fixture
def member():
    return UserFactory.create(name="Marthe")


def create_address(essay, words="", **query):
    if words:
        passage = passage_of(essay, words)
        query = {"de": passage.start, "a": passage.end}
    path = reverse("passage_create", args=[essay.slug])
    return path + "?" + "&".join(f"{name}={value}" for name, value in query.items())


def send(client, address, quote, body="Je réponds.", **more):
    return client.post(address, {"quote": quote, "body": body, "key": str(uuid4()), **more})


def texts(page):
    """The text of each paragraph, as a browser would copy it, by where it says it starts."""
    found = lxml.html.fromstring(page).xpath("//*[@data-start]")
    return {int(node.get("data-start")): node.text_content() for node in found}


# The page of a passage


def test_definitions_that_rest_on_a_passage_stand_on_its_page(essay):
    term = essay.terms.first() or TermFactory.create()
    passage = passage_of(essay, "premier")
    post = definition(None, ("is", "un début", "", passage), term=term)
    passage = Passage.objects.get()
    visitor = Client()
    assert visitor.get(passage.get_absolute_url()).status_code == 404
    published(post)
    page = visitor.get(passage.get_absolute_url())
    assert [found.public_id for found in page.context["resting"]] == [post.public_id]
    act("hide", post)
    assert visitor.get(passage.get_absolute_url()).status_code == 404


# The essay's page


def test_text_of_the_seeds_stays_to_the_character_under_any_mark():
    call_command("import_essays")
    for essay in Essay.objects.all():
        for paragraph in essay.paragraphs[:4]:
            for start, end in ((0, 9), (4, 20), (0, len(paragraph.text)), (4, 12)):
                words = essay.text[paragraph.start + start : paragraph.start + end].strip()
                if words:
                    published(reply(passage_of(essay, words)))
        for comment in essay.original_comments.all()[:2]:
            published(reply(passage_of(essay, comment.paragraphs[0].text)))
        page = Client().get(essay.get_absolute_url()).text
        assert page.count("passage__key") >= 5
        expected: list[Paragraph] = [*essay.paragraphs]
        for comment in essay.original_comments.all():
            expected += comment.paragraphs
        assert texts(page) == {p.start: p.text for p in expected}


def test_essay_marks_a_passage_and_says_in_the_margin_what_is_said_of_it(essay):
    first = published(reply(passage_of(essay, "premier"), body="Un **seul** avis."))
    published(reply(passage_of(essay, "premier")))
    published(reply(passage_of(essay, "premier"), body="Le troisième avis."))
    passage = first.thread.passage

    page = lxml.html.fromstring(Client().get(essay.get_absolute_url()).content)

    (mark,) = page.xpath("//mark")
    assert mark.text_content() == "premier"
    (key,) = mark.xpath("./a")
    (margin,) = page.xpath("//*[@id=$id]", id=key.get("href")[1:])
    said = margin.text_content()
    assert "Un seul avis." in said and first.author.name in said
    assert "Le troisième avis." not in said
    assert "3" in margin.xpath("./h2")[0].text_content()
    (more,) = margin.xpath("./*[@class='margin__more']/a")
    assert more.get("href") == passage.get_absolute_url()


def test_overlapping_passages_share_a_run(essay):
    for words in ("Un premier", "premier paragraphe"):
        published(reply(passage_of(essay, words)))
    page = lxml.html.fromstring(Client().get(essay.get_absolute_url()).content)
    runs = [(mark.text_content(), len(mark.xpath("./a"))) for mark in page.xpath("//mark")]
    assert runs == [("Un ", 0), ("premier", 1), (" paragraphe", 1)]


@pytest.mark.parametrize("state", STATES)
def test_margin_says_what_readers_may_read(essay, state):
    in_state(state, reply(passage_of(essay, "premier"), body="Un mot à dire."))
    page = Client().get(essay.get_absolute_url()).text
    assert ("Un mot à dire." in page) is (state in ("published", "edited"))
    assert ("<mark" in page) is (state in ("published", "edited", "hidden"))


def test_passage_in_an_original_comment_is_marked_while_the_comment_is_shown(essay):
    comment = OriginalCommentFactory.create(essay=essay)
    published(reply(passage_of(essay, "numéro 1")))
    pages = [essay.get_absolute_url(), reverse("essays:comment", args=[essay.slug, "c1"])]
    for address in pages:
        assert "<mark" in Client().get(address).text
    act("hide", comment)
    for address in [*pages, Passage.objects.get().get_absolute_url()]:
        page = Client().get(address)
        assert page.status_code == 200
        assert "numéro 1" not in page.text


def test_each_paragraph_can_be_discussed_without_a_script(essay):
    page = lxml.html.fromstring(Client().get(essay.get_absolute_url()).content)
    links = [link.get("href") for link in page.xpath("//*[@class='margin__do']/a")]
    assert links == [create_address(essay, p=1), create_address(essay, p=2)]


# The passage's page


def test_passage_stands_in_its_paragraph_with_its_thread(essay):
    post = published(reply(passage_of(essay, "premier"), body="Un avis."))
    published(reply(passage_of(essay, "paragraphe"), body="Un autre."))
    response = Client().get(post.thread.passage.get_absolute_url())
    page = lxml.html.fromstring(response.content)
    assert texts(response.text) == {essay.paragraphs[0].start: "Un premier paragraphe."}
    assert [mark.text_content() for mark in page.xpath("//mark")] == ["premier"]
    assert "Un avis." in response.text
    assert "Un autre." not in response.text


def test_permalink_of_a_reply_leads_to_its_passage(essay):
    post = published(reply(passage_of(essay, "premier")))
    response = Client().get(reverse("post", args=[post.public_id]))
    assert response.headers["Location"] == (
        f"{post.thread.passage.get_absolute_url()}#{post.anchor}"
    )


@pytest.mark.parametrize("name", ["passage", "passage_reply"])
def test_passage_nobody_may_know_of_is_none(essay, name, member):
    post = reply(passage_of(essay, "premier"))
    passage = post.thread.passage
    address = reverse(name, args=[essay.slug, passage.public_id])
    unknown = reverse(name, args=[essay.slug, "zzzzzzzzzz"])
    assert client_of(member).get(address).status_code == 404
    assert client_of(member).get(unknown).status_code == 404
    assert client_of(post.author).get(address).status_code == 200


def test_passage_stands_under_its_essay_only(essay):
    passage = published(reply(passage_of(essay, "premier"))).thread.passage
    other = EssayFactory.create()
    for name in ("passage", "passage_reply"):
        address = reverse(name, args=[other.slug, passage.public_id])
        assert client_of(UserFactory.create()).get(address).status_code == 404


def test_reply_to_a_passage_is_sent_from_its_page(essay, member):
    passage = published(reply(passage_of(essay, "premier"))).thread.passage
    address = reverse("passage_reply", args=[essay.slug, passage.public_id])
    assert "premier" in client_of(member).get(address).text
    client_of(member).post(address, {"body": "Moi aussi.", "key": str(uuid4())})
    assert Post.objects.get(author=member).thread.passage == passage


def test_passage_of_a_hidden_comment_takes_no_reply(essay, member):
    comment = OriginalCommentFactory.create(essay=essay)
    passage = published(reply(passage_of(essay, "numéro 1"))).thread.passage
    act("hide", comment)
    address = reverse("passage_reply", args=[essay.slug, passage.public_id])
    assert client_of(member).get(address).status_code == 404
    page = client_of(member).get(passage.get_absolute_url()).text
    assert address not in page


# The form


def test_form_offers_the_words_and_saves_nothing(essay, member):
    page = client_of(member).get(create_address(essay, "premier paragraphe"))
    assert page.context["form"].initial["quote"] == "premier paragraphe"
    assert not Passage.objects.exists()


def test_form_offers_a_whole_paragraph(essay, member):
    page = client_of(member).get(create_address(essay, p=2))
    assert page.context["form"].initial["quote"] == "Un second."


def test_first_reply_to_a_passage(essay, member):
    response = send(client_of(member), create_address(essay, p=1), "premier paragraphe")
    post = Post.objects.get(author=member)
    assert response.headers["Location"] == post.get_absolute_url()
    assert post.thread.passage.exact == "premier paragraphe"


def test_second_member_answers_the_same_passage(essay, member):
    published(reply(passage_of(essay, "premier")))
    send(client_of(member), create_address(essay, p=1), "premier")
    assert Passage.objects.count() == 1


@pytest.mark.parametrize(
    "quote, code",
    [("absent", "not_found"), ("p", "twice"), ("", "required"), ("Un second.", "not_found")],
)
def test_words_that_cannot_be_answered_are_refused_at_their_field(essay, member, quote, code):
    response = send(client_of(member), create_address(essay, p=1), quote, "Gardé.")
    assert response.status_code == 422
    form = response.context["form"]
    assert [error.code for error in form.errors["quote"].as_data()] == [code]
    assert (form["quote"].value(), form["body"].value()) == (quote, "Gardé.")
    assert not Passage.objects.exists()


def test_form_keeps_the_words_when_it_is_read_over(essay, member):
    response = send(client_of(member), create_address(essay, p=1), "premier", preview="1")
    assert response.context["form"]["quote"].value() == "premier"
    assert "Je réponds." in str(response.context["preview"])


@pytest.mark.parametrize(
    "query",
    [
        *({}, {"p": 0}, {"p": 3}, {"p": "x"}, {"de": 1}, {"de": 1, "a": "²"}),
        *({"de": 0, "a": 5}, {"de": 20, "a": 12}, {"de": -1, "a": 12}, {"de": 12, "a": 10**12}),
    ],
)
def test_form_for_what_is_no_passage_is_not_there(essay, member, query):
    assert client_of(member).get(create_address(essay, **query)).status_code == 404


def test_hidden_comment_is_offered_to_nobody(essay, member):
    comment = OriginalCommentFactory.create(essay=essay)
    address = create_address(essay, "numéro 1")
    assert "numéro 1" in client_of(member).get(address).text
    act("hide", comment)
    assert client_of(member).get(address).status_code == 404


def test_visitor_is_led_to_sign_in_and_back_to_the_same_words(essay):
    address = create_address(essay, "premier")
    response = Client().get(address)
    place, _sep, query = response.headers["Location"].partition("?next=")
    assert place == reverse("account_login")
    assert unquote(query) == address


def test_what_was_typed_waits_behind_the_sign_in_page(essay, member):
    address = create_address(essay, p=1)
    client = Client()
    send(client, address, "premier", "Tapé avant.")
    client.force_login(member)
    form = client.get(address).context["form"]
    assert (form["quote"].value(), form["body"].value()) == ("premier", "Tapé avant.")


def test_form_sends_to_the_address_that_names_the_words(essay, member):
    address = create_address(essay, "premier")
    page = client_of(member).get(address).text
    assert re.search(r'<form class="form" method="post" action="([^"]+)"', page)[1] == (
        address.replace("&", "&amp;")
    )


def test_margin_costs_the_same_with_passages_and_without(essay, django_assert_num_queries):
    address = essay.get_absolute_url()
    Client().get(address)
    with django_assert_num_queries(4):
        Client().get(address)
    published(reply(passage_of(essay, "premier")))
    Client().get(address)
    with django_assert_num_queries(4):
        Client().get(address)
