import time

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from discussions import quotations
from discussions.markdown import MAX_LENGTH
from discussions.models import Quotations
from essays.models import Essay, Paragraph
from tests.essays.factories import EssayFactory, OriginalCommentFactory
from tests.factories import (
    act,
    client_of,
    definition,
    edit,
    passage_of,
    published,
    reply,
)

VISITOR = AnonymousUser()
TEXT = (
    "Un titre\n"
    "Le métier n’est rien d’autre que la gestion des communautés, « au quotidien ».\n"
    "Un second paragraphe, plus court, et  deux espaces.\n"
    + "".join(f"Le commentaire numéro {n} dit autre chose.\n" for n in range(1, 10))
)


@pytest.fixture
def essay(db):
    return EssayFactory.create(text=TEXT, number="042")


def found(post):
    rows = Quotations.objects.filter(revision__post=post).order_by("-revision__number")
    return rows[0].shown() if rows else []


def quoting(subject, *lines):
    return reply(subject, body="\n".join(f"> {line}" for line in lines) + "\n\nJe réponds.")


def test_words_to_the_letter_are_verified(essay):
    (one,) = found(quoting(essay, "la gestion des communautés, « au quotidien »"))
    assert (one["verified"], one["anchor"], one["paragraph"]) == (True, "p1", 1)
    assert (one["slug"], one["number"], one["comment"]) == (essay.slug, "042", "")
    assert one["difference"] == []


@pytest.mark.parametrize(
    "lines",
    [
        ("la gestion des", "communautés, « au quotidien »"),  # a line of the screen
        ("« au quotidien ».", "Un second paragraphe"),  # two lines of the file
        ("« au quotidien ».", "", "Un second paragraphe"),  # two paragraphs
        ("la **gestion** des [communautés](https://example.org)",),  # as it is read
    ],
)
def test_line_ends_and_marks_make_no_difference(essay, lines):
    assert [one["verified"] for one in found(quoting(essay, *lines))] == [True]


@pytest.mark.parametrize(
    "words, difference",
    [
        # Another apostrophe is another character.
        (
            "n'est rien d’autre que la gestion",
            [("-", "n’est"), ("+", "n'est"), ("=", "rien d’autre que la gestion")],
        ),
        (
            "Le métier n’est que la gestion des communautés",
            [
                ("=", "Le métier n’est"),
                ("-", "rien d’autre"),
                ("=", "que la gestion des"),
                ("-", "communautés,"),
                ("+", "communautés"),
            ],
        ),
        (
            "la bonne gestion des communautés, « au",
            [("=", "la"), ("+", "bonne"), ("=", "gestion des communautés, « au")],
        ),
    ],
)
def test_other_words_are_approximate_with_their_difference(essay, words, difference):
    (one,) = found(quoting(essay, words))
    assert one["verified"] is False
    assert [tuple(run) for run in one["difference"]] == difference


def test_spaces_make_a_difference(essay):
    (one,) = found(quoting(essay, "plus court, et deux espaces."))
    assert one["verified"] is False
    assert [tuple(run) for run in one["difference"]] == [("=", "plus court, et deux espaces.")]


@pytest.mark.parametrize(
    "body",
    [
        "La gestion des communautés.",  # no quotation
        "> Voilà bien une phrase que personne ici n’a écrite.",
        "> ",
        "`> la gestion des communautés`",
    ],
)
def test_what_quotes_nothing_of_the_essay_gets_no_verdict(essay, body):
    assert found(reply(essay, body=body)) == []


def test_each_outermost_quotation_is_compared(essay):
    body = "> Le métier n’est rien\n>> d’autre que la gestion\n\nEt\n\n> Un second paragraphe"
    assert [one["words"] for one in found(reply(essay, body=body))] == [
        "Le métier n’est rien d’autre que la gestion",
        "Un second paragraphe",
    ]


def test_reply_quotes_the_essay_that_it_stands_under(essay):
    other = EssayFactory.create()
    words = "la gestion des communautés"
    comment = OriginalCommentFactory.create(essay=essay)
    for subject in (essay, passage_of(essay, "métier"), comment, published(reply(essay))):
        assert [one["verified"] for one in found(quoting(subject, words))] == [True]
    assert found(quoting(other, words)) == []


def test_definition_and_replies_to_it_quote_every_essay_on_its_term(essay, term):
    words = "> la gestion des communautés"
    essay.terms.add(term)
    proposed = published(definition(body=words, term=term))
    assert [one["verified"] for one in found(proposed)] == [True]
    assert [one["verified"] for one in found(reply(proposed, body=words))] == [True]
    essay.terms.clear()
    assert found(definition(body=words, term=term)) == []


def test_new_version_is_compared_anew(essay):
    post = published(quoting(essay, "la gestion des communautés"))
    edit(post, "> la gestion des communes, au quotidien")
    rows = Quotations.objects.order_by("revision__number")
    assert [one["verified"] for row in rows for one in row.found] == [True, False]


# Original comments


def test_verdict_leaves_with_the_original_comment(essay):
    comment = OriginalCommentFactory.create(essay=essay)
    post = published(
        reply(essay, body="> Le commentaire numéro 1 dit\n\n.\n\n> Un second paragraphe")
    )
    assert [one["anchor"] for one in found(post)] == ["c1", "p2"]
    act("hide", comment)
    assert [one["anchor"] for one in found(post)] == ["p2"]
    page = client_of(VISITOR).get(essay.get_absolute_url()).text
    assert page.count("<q>") == 1
    act("restore", comment)
    assert client_of(VISITOR).get(essay.get_absolute_url()).text.count("<q>") == 2


def test_hidden_original_comment_is_compared_with_nothing(essay):
    comment = OriginalCommentFactory.create(essay=essay)
    act("hide", comment)
    assert found(quoting(essay, "Le commentaire numéro 1 dit autre chose.")) == []


def test_one_original_comment_at_most_is_compared(essay):
    for _n in range(2):
        OriginalCommentFactory.create(essay=essay)
    body = "> commentaire numéro 2 dit\n\n.\n\n> commentaire numéro 1 dit"
    assert {one["anchor"] for one in found(reply(essay, body=body))} == {"c2"}


# What readers see


def test_page_shows_the_verdict_with_a_link(essay):
    post = published(quoting(essay, "la gestion des communautés"))
    published(quoting(essay, "le métier n’est rien que la gestion des communautés"))
    page = client_of(VISITOR).get(essay.get_absolute_url()).text
    assert f'href="{reverse("essays:detail", args=[essay.slug])}#p1"' in page
    assert "Verified quotation" in page and "Approximate quotation" in page
    assert "<del>d’autre</del>" in page and "<ins>le</ins>" in page
    act("hide", post)
    assert "Verified quotation" not in client_of(VISITOR).get(essay.get_absolute_url()).text


def test_definition_shows_the_verdict(essay, term):
    essay.terms.add(term)
    post = published(definition(body="> la gestion des communautés", term=term))
    for address in (post.get_absolute_url(), reverse("definitions:list")):
        assert "Verified quotation" in client_of(VISITOR).get(address).text


# Bounds


word = st.sampled_from(["a", "b", "c", "dé", "l’e"])
lines = st.lists(word, max_size=12)


def window(words):
    source = quotations.Source(Essay(), None, [Paragraph(1, " ".join(words), 0)])
    return source.words


@given(lines, lines)
def test_difference_tells_both_texts(words, there):
    likeness, _at, difference = quotations.compare(words, window(there))
    assert 0 <= likeness <= 1
    if difference:
        quoted = " ".join(run for kind, run in difference if kind != "-")
        stretch = " ".join(run for kind, run in difference if kind != "+")
        assert quoted.split() == words
        assert f" {stretch} " in f" {' '.join(there)} "
    else:
        assert not set(words) & set(there)


HOSTILE = {
    "one quotation of one word again and again": "> " + "la " * (MAX_LENGTH // 3),
    "many quotations": "> la gestion des communes\n\n.\n\n" * (MAX_LENGTH // 30),
    "deep": ">" * MAX_LENGTH,
    "deep with words": "> " * 400 + "la gestion des communes, au quotidien",
    "lines": "> a\n" * (MAX_LENGTH // 4),
    "spaces": "> a" + " " * (MAX_LENGTH - 10) + "b",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_quotations_stay_within_their_bounds(body, term):
    text = "Un titre\n" + "la gestion des communautés la la " * 2_000 + "\nla\n" + "x\n" * 9
    essay = EssayFactory.create(text=text)
    started = time.process_time()
    post = reply(essay, body=body[:MAX_LENGTH])
    assert time.process_time() - started < 5
    assert len(found(post)) <= quotations.MOST
