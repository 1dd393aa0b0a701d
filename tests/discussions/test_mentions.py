import pytest
from django.urls import reverse

from discussions import markdown, mentions
from tests.factories import (
    STATES,
    UserFactory,
    act,
    client_of,
    edit,
    in_state,
    published,
    reply,
    trusted_member,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def members():
    return [UserFactory.create(name=name) for name in ("Marthe", "Jean-Paul", "Zoé")]


@pytest.mark.parametrize(
    "body, named",
    [
        ("Bonjour @Marthe.", {"marthe"}),
        ("@MARTHE et (@zoé)", {"marthe", "zoé"}),
        ("@Jean-Paul, @jean-paul-luc", {"jean-paul"}),
        ("@Marthe’s", {"marthe"}),
        ("marthe@example.org, a@Marthe, /@Marthe", set()),
        ("@personne", set()),
        ("", set()),
        ("@" * 10_000, set()),
    ],
)
def test_whom_a_text_names(members, body, named):
    assert set(mentions.named_in(body)) == named


def test_nobody_who_has_left_is_named(members):
    type(members[0]).objects.filter(name="Marthe").update(is_active=False)
    assert mentions.named_in("@Marthe") == {}


def test_names_become_links_in_text_and_nowhere_else(members):
    body = "@Marthe `@Marthe` [@Marthe](https://a.fr) @personne"
    html = markdown.render(body, mentions.addresses_in(body))
    assert html.count('href="/en/membres/Marthe/"') == 1
    assert "<code>@Marthe</code>" in html
    assert "@personne" in html


def test_text_that_is_sent_links_to_the_member(members, essay):
    post = published(reply(essay, body="Qu’en dites-vous, @zoé ?"))
    assert members[2].get_absolute_url() in post.published_revision.html


def test_many_names_cost_one_question(members, django_assert_num_queries):
    with django_assert_num_queries(1):
        mentions.named_in(" ".join(f"@Membre{n}" for n in range(500)))


class TestSuggestions:
    def test_are_of_members_who_have_published(self, members):
        for state in STATES:
            name = f"Zoé-{state}"
            in_state(state, reply(author=UserFactory.create(name=name)))
        found = mentions.suggested("zo")
        assert found == ["Zoé-edited", "Zoé-published"]

    def test_are_for_members(self, client):
        address = reverse("member_names")
        assert client.get(address, {"debut": "z"}).status_code == 403
        answer = client_of(UserFactory.create()).get(address, {"debut": "z\0"})
        assert answer.json() == {"names": []}


class TestNotice:
    def kinds(self, member):
        return list(member.notices.values_list("kind", flat=True))

    def test_is_given_once_the_text_is_public_and_once_only(self, members, essay):
        post = reply(essay, body="Et vous, @Marthe ?")
        assert self.kinds(members[0]) == []
        act("approve", post)
        assert self.kinds(members[0]) == ["mention"]
        edit(post, "Et vous, @Marthe et @Zoé ?")
        act("approve", post)
        act("hide", post)
        act("restore", post)
        assert self.kinds(members[0]) == self.kinds(members[2]) == ["mention"]

    def test_is_not_for_oneself(self, essay):
        author = trusted_member(name="Marthe")
        reply(essay, author, "Moi, @Marthe.")
        assert "mention" not in self.kinds(author)

    def test_is_not_shown_for_a_text_that_has_left_the_page(self, members, essay):
        post = published(reply(essay, body="Et vous, @Marthe ?"))
        act("hide", post)
        page = client_of(members[0]).get(reverse("notices"))
        assert post.author.name not in page.text
