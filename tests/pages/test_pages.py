"""Home, shelf, essay and member pages: what stands on them."""

import pytest
from django.urls import reverse
from django.utils import translation

from cmdebate.pages import views
from essays.models import Term
from tests.essays.factories import EssayFactory, OriginalCommentFactory
from tests.factories import (
    UserFactory,
    act,
    client_of,
    definition,
    ids_on,
    in_state,
    published,
    reply,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def term():
    return Term.objects.create(slug="mot", headword="un mot", position=1)


class TestHome:
    def test_of_an_empty_site_is_a_page(self, client):
        page = client.get(reverse("home"))
        assert (page.status_code, page.context["term"]) == (200, None)

    def test_shows_the_latest_definition_and_texts(self, client, term):
        older, newer = published(definition()), published(definition(None, ("is", "le dernier")))
        answers = [published(reply()) for _i in range(views.LATEST)]
        page = client.get(reverse("home"))
        assert page.context["definition"] == newer
        assert page.context["latest"] == answers[::-1]
        assert "le dernier" in page.text
        assert older not in page.context["latest"]

    def test_shows_the_published_version_to_everyone(self, term):
        post = in_state("edited", definition(None, ("is", "avant")), new_text="après")
        for user in (post.author, UserFactory.create(community_manager=True)):
            page = client_of(user).get(reverse("home"))
            assert ["avant" in page.text, "après" in page.text] == [True, False]


class TestShelf:
    def test_is_filtered_by_tag(self, client):
        tagged, other = EssayFactory.create(title="Premier"), EssayFactory.create(title="Second")
        tagged.tags.add("métier")
        other.tags.add("gestion")
        address = reverse("essays:list")
        assert client.get(address).context["essays"] == [tagged, other]
        assert client.get(address, {"tag": "metier"}).context["essays"] == [tagged]
        assert client.get(address, {"tag": ""}).context["essays"] == [tagged, other]

    @pytest.mark.parametrize("tag", ["nulle-part", "\0", "é" * 500])
    def test_unknown_tag_is_not_found(self, client, tag):
        assert client.get(reverse("essays:list"), {"tag": tag}).status_code == 404


class TestEssay:
    def test_shows_paragraphs_comments_then_and_replies_now(self, client):
        comment = OriginalCommentFactory.create()
        post = published(reply(comment.essay, body="Aujourd’hui."))
        page = client.get(reverse("essays:detail", args=[comment.essay.slug]))
        for text in ("Un premier paragraphe.", "Le commentaire numéro 1.", "Aujourd’hui."):
            assert text in page.text
        for anchor in ("p1", "p2", "c1", post.anchor):
            assert f'id="{anchor}"' in page.text

    def test_count_of_then_keeps_what_is_hidden(self, client):
        comment = OriginalCommentFactory.create()
        OriginalCommentFactory.create(essay=comment.essay)
        act("hide", comment)
        page = client.get(reverse("essays:detail", args=[comment.essay.slug]))
        assert page.context["found"] == 2

    def test_thread_goes_on_where_the_address_says(self, client):
        essay = EssayFactory.create()
        first, second = (published(reply(essay)) for _i in range(2))
        address = reverse("essays:detail", args=[essay.slug])
        page = client.get(address, {"apres": first.public_id})
        assert ids_on(page.context["thread"]) == [second.public_id]
        page = client.get(address, {"depuis": first.public_id})
        assert ids_on(page.context["thread"]) == [first.public_id, second.public_id]

    @pytest.mark.parametrize("name", ["essays:detail", "essays:source"])
    def test_unknown_is_not_found(self, client, name):
        assert client.get(reverse(name, args=["nulle-part"])).status_code == 404


class TestMember:
    @pytest.fixture
    def posts(self, settings):
        settings.POST_LIMITS = []
        author = UserFactory.create(name="Zoé")
        states = ("published", "pending", "hidden", "refused", "withdrawn", "dropped")
        return {state: in_state(state, reply(author=author)) for state in states}

    @pytest.mark.parametrize(
        "who, seen",
        [
            ("visitor", ["published"]),
            ("member", ["published"]),
            ("author", ["dropped", "withdrawn", "refused", "hidden", "pending", "published"]),
            ("moderator", ["dropped", "withdrawn", "refused", "hidden", "pending", "published"]),
        ],
    )
    def test_lists_what_one_may_read_the_latest_first(self, client, posts, who, seen):
        author = posts["published"].author
        if who != "visitor":
            client = client_of(
                author
                if who == "author"
                else UserFactory.create(community_manager=who == "moderator")
            )
        page = client.get(reverse("member", args=["Zoé"]))
        assert page.context["posts"] == [posts[state] for state in seen]

    def test_goes_on_a_page_at_a_time(self, client, monkeypatch, settings):
        settings.POST_LIMITS = []
        monkeypatch.setattr(views, "POSTS_PER_PAGE", 2)
        author = UserFactory.create(name="Zoé")
        posts = [published(reply(author=author)) for _i in range(5)]
        seen, before = [], ""
        while True:
            page = client.get(reverse("member", args=["Zoé"]), {"avant": before})
            seen += page.context["posts"]
            before = page.context["next"]
            if not before:
                break
        assert seen == posts[::-1]

    def test_page_can_be_narrowed_to_one_kind(self, client, term, monkeypatch, settings):
        settings.POST_LIMITS = []
        monkeypatch.setattr(views, "POSTS_PER_PAGE", 2)
        author = UserFactory.create(name="Marthe")
        definitions = [published(definition(author)) for _i in range(3)]
        replies = [published(reply(author=author)) for _i in range(3)]
        for genre, posts in (("definitions", definitions), ("reponses", replies)):
            address = f"{author.get_absolute_url()}?genre={genre}"
            page = client.get(address)
            assert page.context["posts"] == [posts[2], posts[1]]
            following = f"genre={genre}&amp;avant={posts[1].public_id}"
            assert f'rel="next" href="?{following}"' in page.text
            page = client.get(f"{address}&avant={posts[1].public_id}")
            assert page.context["posts"] == [posts[0]]
            assert f'rel="prev" href="{address}"' in page.text
        page = client.get(f"{author.get_absolute_url()}?genre=autre")
        assert page.context["posts"] == [replies[2], replies[1]]

    @pytest.mark.parametrize("name", ["zoé", "ZOÉ", "Zoe\u0301"])
    def test_name_in_other_letters_leads_to_the_one_page(self, client, name):
        UserFactory.create(name="Zoé")
        page = client.get(reverse("member", args=[name]))
        assert (page.status_code, page.headers["Location"]) == (
            301,
            reverse("member", args=["Zoé"]),
        )

    @pytest.mark.parametrize("name", ["Personne", "Exclue", "\0"])
    def test_nobody_and_who_is_barred_are_not_found(self, client, name):
        UserFactory.create(name="Exclue", is_active=False)
        assert client.get(reverse("member", args=[name])).status_code == 404


def test_rules_name_every_ground_and_the_policy_s_number(client):
    page = client.get(reverse("rules"))
    assert "until 3 of their texts stand" in page.text
    labels = page.context["grounds"].labels
    assert [label for label in labels if str(label) not in page.text] == []


def test_health_is_told_without_a_session(client):
    page = client.get(reverse("health"))
    assert (page.status_code, page.content, bool(page.cookies)) == (200, b"ok\n", False)
