"""Atom feeds: valid, complete, and silent on what is not published."""

from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from lxml import etree, html

from essays.models import Term
from tests.essays.factories import EssayFactory, OriginalCommentFactory
from tests.factories import (
    STATES,
    UserFactory,
    act,
    client_of,
    definition,
    edit,
    in_state,
    passage_of,
    published,
    reply,
    trusted_member,
)

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))
HERE = "http://testserver"


@pytest.fixture(autouse=True)
def english(settings):
    settings.POST_LIMITS = []
    with translation.override("en"):
        yield


class Scene:
    """One text of each kind, by Marthe, whose texts no longer wait."""

    def __init__(self):
        self.term = Term.objects.create(slug="mot", headword="mot", position=1)
        self.essay = EssayFactory.create(slug="un-essai", title="Un essai")
        self.essay.tags.add("métier")
        self.comment = OriginalCommentFactory.create(essay=self.essay)
        self.author = trusted_member(name="Marthe")
        self.definition = definition(
            self.author, ("is", "un hôte"), ("is_not", "un flic"), body="Parce *que*."
        )
        self.under_essay = reply(self.essay, self.author, "Sous l’essai & <b>ailleurs</b>.")
        self.under_comment = reply(self.comment, self.author, "Sous le commentaire.")
        self.under_definition = reply(self.definition, self.author, "Sous la définition.")

    def feeds(self):
        return {
            "essay": reverse("feeds:essay", args=[self.essay.slug]),
            "definitions": reverse("feeds:definitions"),
            "member": reverse("feeds:member", args=[self.author.name]),
            "tag": reverse("feeds:tag", args=["metier"]),
            "record": reverse("feeds:record"),
        }


FEEDS = ("essay", "definitions", "member", "tag", "record")


@pytest.fixture
def scene():
    return Scene()


def read(address, client=None):
    """The feed at that address, valid or the test fails."""
    response = (client or Client()).get(address)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = etree.fromstring(response.content)
    SCHEMA.assertValid(feed)
    return feed


def entries(feed):
    return feed.findall(f"{ATOM}entry")


def texts(feed, name):
    return [entry.findtext(f"{ATOM}{name}") for entry in entries(feed)]


def links(element):
    return {link.get("rel"): link.get("href") for link in element.findall(f"{ATOM}link")}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", FEEDS)
def test_feed_is_valid_and_names_itself(scene, name, language):
    with translation.override(language):
        address = scene.feeds()[name]
        feed = read(address)
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    assert links(feed)["self"] == feed.findtext(f"{ATOM}id") == HERE + address
    assert Client().get(links(feed)["alternate"].removeprefix(HERE)).status_code == 200
    ids = texts(feed, "id")
    assert ids and len(set(ids)) == len(ids)
    assert all(id.startswith("tag:testserver,20") for id in ids)
    assert feed.findtext(f"{ATOM}updated") == max(texts(feed, "updated"))
    for entry in entries(feed):
        answer = Client().get(links(entry)["alternate"].removeprefix(HERE), follow=True)
        assert answer.status_code == 200


@pytest.mark.parametrize("name", FEEDS)
def test_empty_feed_is_valid_and_stays_as_it_is(name):
    EssayFactory.create(slug="un-essai").tags.add("métier")
    UserFactory.create(name="Marthe")
    address = reverse(
        f"feeds:{name}",
        args={"essay": ["un-essai"], "member": ["Marthe"], "tag": ["metier"]}.get(name, []),
    )
    assert entries(read(address)) == []
    assert Client().get(address).content == Client().get(address).content


def test_feed_of_an_essay_holds_its_discussion_and_that_of_its_comments(scene):
    reply(EssayFactory.create(), scene.author, "Ailleurs.")
    feed = read(scene.feeds()["essay"])
    assert texts(feed, "content") == [
        "<p>Sous le commentaire.</p>\n",
        "<p>Sous l’essai &amp; &lt;b&gt;ailleurs&lt;/b&gt;.</p>\n",
    ]
    assert texts(feed, "title") == [
        f"Marthe, on “original comment {scene.comment.ref}, Un essai”",
        "Marthe, on “Un essai”",
    ]
    assert [entry.findtext(f"{ATOM}author/{ATOM}name") for entry in entries(feed)] == ["Marthe"] * 2


def test_feed_of_definitions_holds_their_clauses(scene):
    (content,) = texts(read(scene.feeds()["definitions"]), "content")
    page = html.fromstring(content)
    assert [" ".join(clause.text_content().split()) for clause in page.iter("li")] == [
        "is un hôte",
        "is not un flic",
    ]
    assert "<em>que</em>" in content


def test_feed_of_a_member_holds_all_their_texts(scene):
    published(reply(scene.essay))
    feed = read(scene.feeds()["member"])
    assert len(entries(feed)) == 3 + 4
    assert texts(feed, "title")[:4] == [
        "Marthe, on “mot”",
        f"Marthe, on “original comment {scene.comment.ref}, Un essai”",
        "Marthe, on “Un essai”",
        "mot, by Marthe",
    ]


def test_feed_of_a_tag_holds_what_is_said_under_it(scene):
    assert set(texts(read(scene.feeds()["tag"]), "id")) == set(
        texts(read(scene.feeds()["essay"]), "id")
    )


def test_feed_of_the_record_tells_what_its_page_tells(scene):
    act("hide", scene.under_essay)
    refused = act("refuse", reply(scene.essay, UserFactory.create(name="Refus")))
    feed = read(scene.feeds()["record"])
    assert texts(feed, "title")[:2] == [
        f"Entry {refused.number} of the record: Refuse",
        f"Entry {refused.number - 1} of the record: Hide",
    ]
    first, second = texts(feed, "content")[:2]
    assert "Refus," not in first and "Marthe" in second
    (link,) = html.fromstring(second).iter("a")
    base = feed.get("{http://www.w3.org/XML/1998/namespace}base")
    assert urljoin(base, link.get("href")) == HERE + scene.under_essay.get_absolute_url()


@pytest.mark.parametrize("state", STATES)
def test_feeds_show_what_a_visitor_reads_whoever_asks(scene, state):
    seen: dict[str, Any] = {}
    places: list[Any] = [scene.essay, scene.comment, scene.definition]
    for place in [*places, None]:
        sent = reply(place, None, "mot-clef") if place else definition(body="mot-clef")
        post = in_state(state, sent, new_text="brouillon")
        seen[post.public_id] = post.author
    owner = UserFactory.create(owner=True)
    addresses = [
        *scene.feeds().values(),
        *(reverse("feeds:member", args=[author.name]) for author in seen.values()),
    ]
    for reader in (*seen.values(), owner):
        found = " ".join(client_of(reader).get(address).text for address in addresses)
        assert "brouillon" not in found
        assert ("mot-clef" in found) == (state in ("published", "edited"))


def test_hidden_text_leaves_at_once_and_no_date_denies_it(scene):
    address = scene.feeds()["essay"]
    before = Client().get(address)
    act("hide", scene.under_comment)
    after = Client().get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert b"Sous le commentaire" in before.content
    assert b"Sous le commentaire" not in after.content
    assert "Last-Modified" not in before.headers


@pytest.mark.parametrize("name", FEEDS)
def test_feed_that_has_not_changed_is_not_sent_again(scene, name):
    address = scene.feeds()[name]
    etag = Client().get(address).headers["ETag"]
    again = Client().get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_new_version_is_an_update_of_the_same_entry(scene):
    before = read(scene.feeds()["essay"])
    edit(scene.under_comment, "Une autre fois.")
    after = read(scene.feeds()["essay"])
    assert texts(after, "id") == texts(before, "id")
    assert texts(after, "published") == texts(before, "published")
    assert texts(after, "updated")[0] > texts(before, "updated")[0]
    assert texts(after, "content")[0] == "<p>Une autre fois.</p>\n"


def test_characters_that_xml_cannot_hold_are_left_out(scene):
    reply(scene.essay, scene.author, "a\x0bb\x1bc\ufffed")
    assert texts(read(scene.feeds()["essay"]), "content")[0] == "<p>abcd</p>\n"


def test_feed_holds_the_latest_thirty(scene):
    # Each alone would write so much in a short time that it would wait.
    authors = [trusted_member() for _i in range(3)]
    posts = [reply(scene.essay, authors[i % 3], f"n{i}") for i in range(32)]
    feed = read(scene.feeds()["essay"])
    assert texts(feed, "content") == [f"<p>n{i}</p>\n" for i in range(31, 1, -1)]
    assert links(entries(feed)[0])["alternate"] == HERE + posts[-1].get_absolute_url()


@pytest.mark.parametrize("name", ["essay", "member", "tag"])
def test_feed_of_nothing_known_is_not_found(name):
    assert Client().get(reverse(f"feeds:{name}", args=["rien"])).status_code == 404


def test_pages_lead_to_their_feeds(scene):
    feeds = scene.feeds()
    for page, names in {
        scene.essay.get_absolute_url(): ["essay"],
        reverse("essays:comment", args=[scene.essay.slug, scene.comment.ref]): ["essay"],
        reverse("definitions:list"): ["definitions"],
        scene.author.get_absolute_url(): ["member"],
        reverse("essays:list") + "?tag=metier": ["tag"],
        reverse("record"): ["record"],
        reverse("home"): ["definitions", "record"],
    }.items():
        document = html.fromstring(Client().get(page).text)
        kind = "[@type='application/atom+xml']/@href"
        assert document.xpath("//link[@rel='alternate']" + kind) == [feeds[n] for n in names]
        if page != reverse("home"):
            assert document.xpath("//a" + kind) == [feeds[n] for n in names]


def test_feed_of_an_essay_holds_what_is_said_of_its_passages(scene):
    words = scene.essay.paragraphs[0].text[:10]
    reply(passage_of(scene.essay, words), scene.author, "Du passage.")
    for name in ("essay", "tag"):
        feed = read(scene.feeds()[name])
        assert texts(feed, "content")[0] == "<p>Du passage.</p>\n"
        assert texts(feed, "title")[0] == "Marthe, on “Passage of “Un essai””"
