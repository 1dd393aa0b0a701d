from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.db import IntegrityError, transaction
from django.urls import reverse

from discussions import markdown, quotations
from discussions.models import Post, PostQuotation
from tests.factories import (
    UserFactory,
    act,
    client_of,
    definition,
    edit,
    in_state,
    published,
    reply,
)

BODY = "Un **premier** mot,\nsur [deux](https://example.org) lignes.\n\n> Et une citation."
READ = "Un premier mot,\nsur deux lignes.\n\nEt une citation."


@pytest.fixture
def post(db):
    return published(reply(body=BODY))


def address(post, words="1"):
    return reverse("post_reply", args=[post.public_id]) + f"?citer={words}"


def quote(post, words, author=None, **more):
    author = author or UserFactory.create()
    fields = {"quote": words, "body": "Je réponds.", "key": str(uuid4()), **more}
    response = client_of(author).post(address(post), fields)
    return response, Post.objects.filter(author=author).first()


def page_of(post, user=None):
    return client_of(user or AnonymousUser()).get(post.thread.get_absolute_url()).text


def test_text_is_quoted_as_it_is_read(post):
    assert markdown.plain(BODY) == READ


def test_reply_keeps_a_reference_and_shows_the_words(post):
    response, answer = quote(post, "premier mot, sur deux")
    assert response.status_code == 302
    kept = answer.quotation
    assert kept.revision == post.published_revision
    assert READ[kept.start : kept.end] == kept.words == "premier mot,\nsur deux"
    published(answer)
    page = page_of(answer)
    assert f'<p class="verbatim">{kept.words}</p>' in page
    assert f'<a href="{post.get_absolute_url()}">{post.author.name}, quoted</a>' in page


def test_nothing_quoted_is_a_reply_like_another(post):
    _response, answer = quote(post, "")
    assert answer and not PostQuotation.objects.exists()


@pytest.mark.parametrize("words", ["absents", "Premier", "**premier**", "deux mot"])
def test_words_that_are_not_there_are_refused_at_their_field(post, words):
    response, answer = quote(post, words)
    assert (response.status_code, answer) == (422, None)
    form = response.context["form"]
    assert list(form.errors) == ["quote"]
    assert (form["quote"].value(), form["body"].value()) == (words, "Je réponds.")


def test_quotation_has_a_longest_length(db):
    text = "m" * (quotations.LONGEST_OF_POST + 1)
    post = published(reply(body=text))
    assert quote(post, text)[0].status_code == 422
    assert quote(post, text[1:])[0].status_code == 302


@pytest.mark.parametrize(
    "asked, offered", [("1", READ), ("sur%20deux", "sur deux"), ("mot,%20sur", "mot,\nsur")]
)
def test_form_offers_what_is_selected_or_all(post, member, asked, offered):
    form = client_of(member).get(address(post, asked)).context["form"]
    assert form["quote"].value() == offered


def test_form_keeps_the_words_when_it_is_read_over(post, member):
    response, _none = quote(post, "premier", member, preview="1")
    assert response.context["form"]["quote"].value() == "premier"


def test_definition_is_not_quoted_so(member):
    post = published(definition())
    assert "quote" not in client_of(member).get(address(post)).context["form"].fields


@pytest.mark.parametrize("role", ["visitor", "member", "author", "moderator"])
@pytest.mark.parametrize("state", ["hidden", "withdrawn"])
def test_words_leave_with_their_post_from_every_page(post, state, role, member, moderator):
    _response, answer = quote(post, "premier mot")
    published(answer)
    user = {
        "visitor": AnonymousUser(),
        "member": member,
        "author": answer.author,
        "moderator": moderator,
    }[role]
    quoting = '<p class="verbatim">premier mot</p>'
    assert quoting in page_of(answer, user)
    in_state(state, post)
    page = page_of(answer, user)
    assert quoting not in page and "no longer shown" in page
    if state == "hidden":
        act("restore", post)
        assert quoting in page_of(answer, user)


def test_new_version_leaves_the_quotation_of_the_earlier_one(post):
    _response, answer = quote(post, "premier mot")
    published(answer)
    edit(post, "Tout autre chose.")
    edit(answer, "Je réponds mieux.")
    caches["drawn"].clear()
    answer.refresh_from_db()
    assert answer.quotation.words == "premier mot"


def test_hidden_post_is_not_quoted(post, member):
    act("hide", post)
    assert client_of(member).get(address(post)).status_code == 302
    response, answer = quote(post, "premier", member)
    assert (response.status_code, answer) == (422, None)


def test_database_refuses_a_range_that_is_none(post):
    answer = reply(post)
    with pytest.raises(IntegrityError), transaction.atomic():
        PostQuotation.objects.create(reply=answer, revision=post.published_revision, start=3, end=3)
