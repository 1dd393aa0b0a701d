"""Tags of definitions: typed, suggested, shown, looked for, followed."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from taggit.models import Tag

from discussions import tags
from discussions.following import follows
from discussions.leaving import leave
from discussions.models import Notice, Post
from tests.essays.factories import EssayFactory, TermFactory
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
)

VISITOR = AnonymousUser()
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def term():
    return TermFactory.create()


def in_use():
    return [tag.name for tag in tags.in_use()]


def listed(slug, user=VISITOR):
    page = client_of(user).get(reverse("definitions:list"), {"tag": slug})
    assert page.status_code == 200
    return [post.public_id for post in page.context["posts"]]


class TestForm:
    def send(self, user, typed, **more):
        clauses = {
            "clauses-TOTAL_FORMS": "1",
            "clauses-INITIAL_FORMS": "1",
            "clauses-0-polarity": "is",
            "clauses-0-text": "un métier",
        }
        client = client_of(user)
        fields = {"key": str(uuid4()), "body": "", "tags": typed}
        return client.post(reverse("definitions:create"), clauses | fields | more)

    def test_keeps_tags_as_they_are_spelled_already(self):
        EssayFactory.create().tags.set(["métier"])
        author = trusted_member()
        assert self.send(author, "Metier, Vie  des GROUPES, MÉTIER").status_code == 302
        post = Post.objects.definitions().get()
        assert post.published_revision.tags == ["métier", "vie des groupes"]
        assert sorted(post.definition.tags.names()) == ["métier", "vie des groupes"]
        assert Tag.objects.count() == 2

    @pytest.mark.parametrize(
        "typed, said",
        [
            ("a, b, c, d, e, f", "Choose at most 5 tags."),
            ("métier, !!", "“!!” cannot be a tag"),
            ("x" * 41, "cannot be a tag"),
        ],
    )
    def test_refuses_at_the_field(self, typed, said):
        page = self.send(UserFactory.create(), typed)
        assert page.status_code == 422
        assert said in " ".join(page.context["form"].errors["tags"])
        assert f'value="{typed}"' in page.text

    @pytest.mark.parametrize("prefix, said", [("", "Au plus 5,"), ("/en", "At most 5,")])
    def test_says_how_many_in_the_reader_s_language(self, prefix, said):
        page = client_of(UserFactory.create()).get(f"{prefix}/definitions/proposer/")
        assert said in page.text

    def test_reads_over_what_was_typed(self):
        page = self.send(UserFactory.create(), "métier, Écoute", preview="1")
        assert 'value="métier, Écoute"' in page.text

    def test_edit_begins_with_the_tags_there_are_and_changes_them(self):
        author = trusted_member()
        post = published(definition(author, tags=("écoute", "métier")))
        page = client_of(author).get(reverse("post_edit", args=[post.public_id]))
        assert 'value="écoute, métier"' in page.text
        edit(post, "", ("is", "un métier"), tags=("veille",))
        assert list(post.definition.tags.names()) == ["veille"]
        history = client_of(VISITOR).get(reverse("definitions:history", args=[post.public_id]))
        assert "écoute" in history.text

    def test_same_text_and_tags_again_are_no_version(self):
        author = trusted_member()
        post = published(definition(author, tags=("écoute",)))
        edit(post, "", ("is", "un métier"), tags=("écoute",))
        assert post.revisions.count() == 1


class TestUse:
    @pytest.mark.parametrize("state", ["pending", "refused", "dropped", "hidden", "withdrawn"])
    def test_is_nowhere_while_nobody_may_read_the_definition(self, state):
        post = in_state(state, definition(tags=("secret",)))
        member = UserFactory.create()
        assert in_use() == []
        for address in ("definitions:list", "essays:list"):
            page = client_of(member).get(reverse(address), {"tag": "secret"})
            assert page.status_code == 404
            assert "secret" not in client_of(member).get(reverse(address)).text
        assert client_of(VISITOR).get(reverse("feeds:tag", args=["secret"])).status_code == 404
        found = client_of(member).get(reverse("tag_names"), {"debut": "sec"})
        assert found.json() == {"names": []}
        assert "secret" in client_of(post.author).get(post.get_absolute_url()).text

    def test_is_back_with_the_definition(self):
        post = in_state("hidden", definition(tags=("écoute",)))
        act("restore", post)
        assert (in_use(), listed("ecoute")) == (["écoute"], [post.public_id])

    def test_of_a_version_that_waits_is_shown_to_those_who_read_it(self):
        author = UserFactory.create()
        post = published(definition(author, tags=("écoute",)))
        edit(post, "", ("is", "un métier"), tags=("veille",))
        assert in_use() == ["écoute"]
        page = client_of(UserFactory.create(community_manager=True)).get(
            reverse("moderation:post", args=[post.public_id])
        )
        assert "veille" in page.text

    def test_leaves_with_the_text_of_a_member_who_leaves(self):
        author = trusted_member()
        post = published(definition(author, tags=("écoute",)))
        leave(author, erase=True)
        assert in_use() == []
        assert not post.definition.tags.exists()

    def test_narrows_the_list_and_leads_to_the_essays(self):
        EssayFactory.create().tags.set(["écoute"])
        post = published(definition(tags=("écoute", "métier")))
        published(definition())
        assert listed("ecoute") == [post.public_id]
        shelf = client_of(VISITOR).get(reverse("essays:list"), {"tag": "ecoute"})
        assert "1 definition bears this tag too" in shelf.text
        page = client_of(VISITOR).get(reverse("definitions:list"))
        assert [tag.name for tag in page.context["tags"]] == ["écoute", "métier"]

    def test_goes_on_to_the_next_page(self, monkeypatch):
        monkeypatch.setattr("discussions.views.DEFINITIONS_PER_PAGE", 1)
        first, second = (published(definition(tags=("écoute",))) for _i in range(2))
        page = client_of(VISITOR).get(reverse("definitions:list"), {"tag": "ecoute"})
        assert f"?tag=ecoute&amp;apres={second.public_id}" in page.text
        page = client_of(VISITOR).get(
            reverse("definitions:list"), {"tag": "ecoute", "apres": second.public_id}
        )
        assert [post.public_id for post in page.context["posts"]] == [first.public_id]

    def test_feed_holds_its_definitions_and_what_is_said_of_them(self):
        post = published(definition(tags=("écoute", "métier")))
        answer = published(reply(post, body="Une réponse à suivre."))
        text = client_of(VISITOR).get(reverse("feeds:tag", args=["ecoute"])).text
        assert text.count("<entry>") == 2
        assert post.public_id in text
        assert answer.public_id in text


class TestFollowing:
    def test_tells_of_the_definition_and_of_what_is_said_of_it(self):
        EssayFactory.create().tags.set(["écoute"])
        follower = UserFactory.create()
        follows.follow(follower, Tag.objects.get())
        post = published(definition(tags=("écoute",)))
        answer = published(reply(post))
        published(definition())
        told = Notice.objects.filter(person=follower).order_by("pk")
        assert [notice.post for notice in told] == [post, answer]


class TestSuggestions:
    def test_begin_so_without_case_or_accents(self):
        EssayFactory.create().tags.set(["écoute", "économie", "métier"])
        published(definition(tags=("écologie",)))
        assert tags.suggested("ÉCO") == ["écologie", "économie", "écoute"]
        assert tags.suggested("ecout") == ["écoute"]
        assert tags.suggested("  ") == []


def test_list_of_definitions_names_the_tags_that_most_bear(monkeypatch):
    monkeypatch.setattr(tags, "LISTED", 2)
    for names in (("rare",), ("zèle", "écoute"), ("zèle", "écoute"), ("hasard",)):
        published(definition(tags=names))
    in_state("hidden", definition(tags=("rare",)))
    in_state("hidden", definition(tags=("rare",)))

    def named(**query):
        page = client_of(VISITOR).get(reverse("definitions:list"), query)
        return [tag.name for tag in page.context["tags"]]

    assert named() == ["écoute", "zèle"]
    assert named(tag="rare") == ["rare", "écoute", "zèle"]
    assert named(tag="zele") == ["écoute", "zèle"]
