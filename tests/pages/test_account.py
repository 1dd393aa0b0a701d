"""A copy of one's data, and the page by which one leaves."""

import json

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils import translation
from lxml import html

from cmdebate.accounts.models import User
from cmdebate.pages import own_data
from discussions import votes
from essays.models import Term
from tests.essays.factories import EssayFactory, OriginalCommentFactory, TermFactory
from tests.factories import (
    REASON,
    STATES,
    UserFactory,
    act,
    call,
    candidate,
    client_of,
    definition,
    edit,
    in_state,
    published,
    reply,
    vote,
)

pytestmark = pytest.mark.django_db

PASSWORD = "papier-et-vermillon-9"


@pytest.fixture(autouse=True)
def english(settings):
    settings.POST_LIMITS = []
    with translation.override("en"):
        yield


@pytest.fixture
def marthe():
    Term.objects.create(slug="mot", headword="mot", position=1)
    user = User.objects.create_user("Marthe", "marthe@example.org", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


@pytest.fixture
def client(marthe):
    return client_of(marthe)


def copy_of(client):
    response = client.get(reverse("own_data_json"))
    assert response.headers["Content-Disposition"] == 'attachment; filename="cmdebate.json"'
    assert "no-store" in response.headers["Cache-Control"]
    return json.loads(response.content)


class TestCopy:
    def test_holds_the_account(self, client, marthe):
        Authenticator.objects.create(user=marthe, type="totp", data={"secret": "hush"})
        UserSession.objects.create(user=marthe, ip="192.0.2.1", user_agent="Lynx", session_key="x")
        copy = copy_of(client)
        assert list(copy) == [
            *("site", "format", "taken_at"),
            *(section.name for section in own_data.SECTIONS),
        ]
        (account,) = copy["account"]
        assert (account["name"], account["email"]) == ("Marthe", "marthe@example.org")
        assert account["role"] == "member"
        assert copy["addresses"] == [
            {"email": "marthe@example.org", "verified": True, "primary": True}
        ]
        assert [row["type"] for row in copy["second_factors"]] == ["totp"]
        assert ("192.0.2.1", "Lynx") in {(s["ip"], s["user_agent"]) for s in copy["sessions"]}
        assert "hush" not in json.dumps(copy) and marthe.password not in json.dumps(copy)

    @pytest.mark.parametrize("state", STATES)
    def test_holds_every_text_with_its_versions(self, client, marthe, state):
        post = in_state(state, reply(author=marthe, body="Le *premier*."), new_text="Le second.")
        (row,) = copy_of(client)["posts"]
        assert (row["id"], row["state"], row["kind"]) == (post.public_id, post.state, "reply")
        assert row["about"] == post.thread.essay.title
        bodies = ["Le *premier*."] + ["Le second."] * (state == "edited")
        assert [version["body"] for version in row["versions"]] == bodies
        shown = state in ("published", "edited")
        assert [v["shown_now"] for v in row["versions"]] == [shown, False][: len(bodies)]
        assert row["versions"][0]["held_for"] == ["newcomer"]

    def test_holds_clauses_and_what_a_reply_answers(self, client, marthe):
        own = published(definition(marthe, ("is", "un hôte"), ("is_not", "un flic"), body="Car."))
        first = published(reply(own, marthe))
        reply(first, marthe)
        reply(OriginalCommentFactory.create(essay=EssayFactory.create(title="Un essai")), marthe)
        defined, answer, deeper, comment = copy_of(client)["posts"]
        assert defined["versions"][0]["clauses"] == [
            {"polarity": "is", "text": "un hôte"},
            {"polarity": "is_not", "text": "un flic"},
        ]
        assert (defined["about"], answer["about"]) == ("mot", "mot")
        assert (answer["answers"], deeper["answers"]) == (None, first.public_id)
        assert comment["about"] == "original comment c1, Un essai"

    def test_holds_their_votes(self, client, marthe):
        post = published(reply())
        votes.cast(marthe, post, True)
        votes.cast(UserFactory.create(), post, False)
        (row,) = copy_of(client)["votes"]
        assert (row["id"], row["useful"]) == (post.public_id, True)

    def test_holds_decisions_on_their_texts_and_by_them(self, marthe, client):
        User.objects.filter(pk=marthe.pk).update(role="community_manager")
        marthe.refresh_from_db()
        hidden = act("hide", reply(author=marthe), UserFactory.create(owner=True, name="Odile"))
        taken = act("approve", reply(), marthe)
        copy = copy_of(client)
        (about,), (by,) = copy["decisions_about"], copy["decisions_by"]
        assert (about["number"], about["act"], about["by"]) == (hidden.number, "hide", "Odile")
        assert (about["ground"], about["reason"], about["version"]) == ("off_topic", REASON, 1)
        assert about["text_salt"] == hidden.payload.text_salt
        assert (by["number"], by["act"], by["by"]) == (taken.number, "approve", "Marthe")
        assert "text_salt" not in by

    def test_holds_nobody_else_s(self, client, marthe):
        other = published(reply(body="De quelqu’un d’autre."))
        answer = reply(other, marthe, "Ma réponse.")
        published(answer)
        reply(answer, body="Répondu par un autre.")
        copy = json.dumps(copy_of(client), ensure_ascii=False)
        assert "Ma réponse." in copy
        assert "autre" not in copy and other.author.name not in copy

    def test_reads_as_a_page_of_its_own(self, client, marthe):
        post = in_state("edited", reply(author=marthe, body="<b>Un</b>\ndeux"), new_text="Trois.")
        act("hide", post)
        response = client.get(reverse("own_data_html"))
        assert response.headers["Content-Disposition"] == 'attachment; filename="cmdebate.html"'
        page = html.fromstring(response.text)
        assert page.xpath("//h2/text()") == [str(section.title) for section in own_data.SECTIONS]
        assert not page.xpath("//link | //script | //img | //b")
        words = " ".join(page.text_content().split())
        for text in ("<b>Un</b>", "Trois.", REASON, "off topic", "marthe@example.org"):
            assert text in words
        assert "the first posts of a new member" in words

    @pytest.mark.parametrize("name", ["own_data_json", "own_data_html"])
    def test_costs_the_same_with_more_rows(self, client, marthe, name, django_assert_num_queries):
        for more in (1, 2):
            for _time in range(more):
                own = published(definition(marthe))
                edit(own, "Encore.", ("is", f"mot {more}"))
                in_state("hidden", reply(own, marthe))
                reply(OriginalCommentFactory.create(), marthe)
                votes.cast(marthe, published(reply()), True)
                opened = call(term=TermFactory.create())
                vote(opened, candidate(opened), candidate(opened, author=marthe), by=marthe)
            # 18 for the copy, 4 for the cache in which copies are counted, 4 around.
            with django_assert_num_queries(27):
                client.get(reverse(name))

    def test_is_not_taken_without_end(self, client, settings):
        settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"own_data": "2/h/user"}
        answers = [client.get(reverse("own_data_json")).status_code for _i in range(3)]
        assert answers == [200, 200, 429]


class TestLeaving:
    ANSWERS = {"texts": "keep", "password": PASSWORD, "sure": "on"}

    @pytest.mark.parametrize("texts", ["keep", "erase"])
    def test_closes_the_account_and_says_so(self, client, marthe, mailoutbox, texts):
        post = published(reply(author=marthe, body="Mes mots."))
        mailoutbox.clear()
        response = client.post(reverse("leave"), self.ANSWERS | {"texts": texts}, follow=True)
        assert response.redirect_chain == [(reverse("left"), 302)]
        assert "Your account is closed" in response.text
        assert client.cookies["sessionid"].value == ""
        assert client.get(reverse("own_data")).status_code == 302
        marthe.refresh_from_db()
        assert not marthe.is_active
        (mail,) = mailoutbox
        assert (mail.to, mail.subject) == (
            ["marthe@example.org"],
            "cmdebate: your account is closed",
        )
        assert mail.body.startswith("The account of Marthe on cmdebate is closed")
        told = "Your texts are erased" if texts == "erase" else "Your published texts stay"
        assert told in mail.body
        page = Client().get(post.thread.get_absolute_url()).text
        assert ("Mes mots." in page) == (texts == "keep")

    @pytest.mark.parametrize(
        "wrong",
        [{"password": "another"}, {"password": ""}, {"sure": ""}, {"texts": ""}, {"texts": "all"}],
    )
    def test_does_nothing_unless_every_answer_is_given(self, client, marthe, mailoutbox, wrong):
        response = client.post(reverse("leave"), self.ANSWERS | wrong)
        assert response.status_code == 422
        (name,) = wrong
        assert list(response.context["form"].errors) == [name]
        assert PASSWORD not in response.text
        marthe.refresh_from_db()
        assert marthe.is_active and mailoutbox == []

    def test_of_the_only_owner_is_refused_aloud(self, client, marthe):
        User.objects.filter(pk=marthe.pk).update(role="owner")
        response = client.post(reverse("leave"), self.ANSWERS)
        assert response.status_code == 422
        assert "You are the only owner of this site" in response.text
        marthe.refresh_from_db()
        assert marthe.is_active

    def test_guesses_at_the_password_are_counted(self, client, settings):
        settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"reauthenticate": "2/m/user"}
        wrong = self.ANSWERS | {"password": "another"}
        answers = [client.post(reverse("leave"), wrong).status_code for _i in range(3)]
        assert answers == [422, 422, 429]

    def test_mail_that_cannot_leave_does_not_bring_the_account_back(
        self, client, marthe, settings, caplog
    ):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        assert client.post(reverse("leave"), self.ANSWERS).status_code == 302
        assert "was not sent" in caplog.text
        marthe.refresh_from_db()
        assert not marthe.is_active

    def test_page_tells_a_moderator_that_their_acts_stay_signed(self, client, marthe):
        assert "decisions that you took" not in client.get(reverse("leave")).text
        User.objects.filter(pk=marthe.pk).update(role="community_manager")
        assert "decisions that you took" in client.get(reverse("leave")).text
