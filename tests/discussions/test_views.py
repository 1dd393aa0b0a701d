"""Writing, through the forms: what works, what is kept, what is refused."""

import re
from html import unescape
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from discussions import threads
from discussions.forms import MAX_CLAUSES
from discussions.markdown import MAX_LENGTH
from discussions.models import Post, Revision
from tests.essays.factories import OriginalCommentFactory
from tests.factories import (
    UserFactory,
    act,
    client_of,
    definition,
    edit,
    ids_on,
    in_state,
    published,
    reply,
    trusted_member,
    withdrawn,
)

pytestmark = pytest.mark.django_db

PASSWORD = "une longue phrase de passe"


@pytest.fixture
def signed_in(member):
    return client_of(member)


def clauses(*rows, **more):
    data = {"clauses-TOTAL_FORMS": len(rows), "clauses-INITIAL_FORMS": 0}
    for i, (polarity, text) in enumerate(rows):
        data |= {f"clauses-{i}-polarity": polarity, f"clauses-{i}-text": text}
    return data | {"body": "", "key": str(uuid4())} | more


def texts_in(page):
    """What stands in the form's text fields, but for the words that clauses rest on."""
    areas = re.findall(r'<textarea name="(?!clauses)[^>]*>(.*?)</textarea>', page.text, re.DOTALL)
    fields = re.findall(r'<input type="text" name="clauses-\d+-text" value="(.*?)"', page.text)
    return [unescape(text).removeprefix("\n") for text in [*fields, *areas]]


def hidden_values(page):
    return dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="(.*?)"', page.text))


class TestReplying:
    @pytest.fixture(params=["essay", "comment", "definition", "reply"])
    def place(self, request, essay, term):
        """Where a reply is sent, and the page that shows it."""
        subject = {
            "essay": lambda: essay,
            "comment": lambda: OriginalCommentFactory.create(essay=essay),
            "definition": lambda: published(definition()),
            "reply": lambda: published(reply(essay)),
        }[request.param]()
        if request.param == "essay":
            return reverse("essays:reply", args=[essay.slug])
        if request.param == "comment":
            return reverse("essays:comment_reply", args=[essay.slug, subject.ref])
        return reverse("post_reply", args=[subject.public_id])

    def test_keeps_the_text_and_tells_that_it_waits(self, signed_in, place, member):
        page = signed_in.post(place, {"body": "Un *mot*.", "key": uuid4()}, follow=True)
        post = member.posts.get()
        assert page.redirect_chain == [(reverse("post", args=[post.public_id]), 302)]
        assert "Your text is kept and waits for a community manager" in page.text
        assert "<p>Un <em>mot</em>.</p>" in page.text

    def test_of_a_trusted_member_stands_in_its_thread_at_once(self, place):
        author = trusted_member()
        page = client_of(author).post(place, {"body": "Un mot.", "key": uuid4()}, follow=True)
        assert page.status_code == 200
        assert "Your text is published." in page.text
        assert f'id="{author.posts.latest("pk").anchor}"' in page.text

    def test_form_is_shown_with_what_is_answered(self, signed_in, place):
        page = signed_in.get(place)
        assert page.status_code == 200
        assert texts_in(page) == [""]

    @pytest.mark.parametrize("body", ["", " \n ", "x" * (MAX_LENGTH + 1)])
    def test_text_too_short_or_too_long_is_kept_and_said(self, signed_in, place, body):
        page = signed_in.post(place, {"body": body, "key": uuid4()})
        assert page.status_code == 422
        assert list(page.context["form"].errors) == ["body"]
        assert texts_in(page) == [body]

    def test_form_sent_twice_posts_once(self, signed_in, place, member):
        key = uuid4()
        first, second = (
            signed_in.post(place, {"body": "Un mot.", "key": key}).headers["Location"]
            for _i in range(2)
        )
        assert first == second
        assert member.posts.count() == 1

    def test_each_form_has_a_key_of_its_own(self, signed_in, place):
        keys = {hidden_values(signed_in.get(place))["key"] for _i in range(2)}
        assert len(keys) == 2

    @pytest.mark.parametrize("key", ["", "x", "0" * 99])
    def test_form_without_its_key_posts_nothing(self, signed_in, place, member, key):
        page = signed_in.post(place, {"body": "Un mot.", "key": key})
        assert (page.status_code, texts_in(page)) == (422, ["Un mot."])
        assert not member.posts.exists()

    def test_preview_shows_the_text_and_posts_nothing(self, signed_in, place, member):
        key = str(uuid4())
        page = signed_in.post(place, {"body": "Un *mot*.", "key": key, "preview": "1"})
        assert page.status_code == 200
        assert page.context["preview"] == "<p>Un <em>mot</em>.</p>\n"
        assert texts_in(page) == ["Un *mot*."]
        assert hidden_values(page)["key"] == key
        assert not member.posts.exists()

    def test_too_many_at_once_are_kept_and_said(self, signed_in, place, member, settings):
        settings.POST_LIMITS = [(1, 60)]
        reply(author=member)
        page = signed_in.post(place, {"body": "Un mot.", "key": uuid4()})
        assert (page.status_code, texts_in(page)) == (422, ["Un mot."])
        assert "That is many texts in a short time." in page.text
        assert member.posts.count() == 1

    def test_too_many_from_one_address_are_kept_and_said(self, place, settings):
        settings.ACCOUNT_RATE_LIMITS = {"post": "1/h/ip"}
        client_of(UserFactory.create()).post(place, {"body": "Un.", "key": uuid4()})
        page = client_of(UserFactory.create()).post(place, {"body": "Deux.", "key": uuid4()})
        assert (page.status_code, texts_in(page)) == (422, ["Deux."])
        assert "Many texts have come from your network within the hour." in page.text
        elsewhere = client_of(UserFactory.create()).post(
            place, {"body": "Trois.", "key": uuid4()}, REMOTE_ADDR="192.0.2.7"
        )
        assert elsewhere.status_code == 302

    def test_text_that_was_hidden_meanwhile_is_said_and_the_reply_kept(self, signed_in, member):
        post = in_state("hidden")
        page = signed_in.post(
            reverse("post_reply", args=[post.public_id]), {"body": "Un mot.", "key": uuid4()}
        )
        assert (page.status_code, texts_in(page)) == (422, ["Un mot."])
        assert "This can no longer be answered or changed" in page.text
        assert not member.posts.exists()


class TestProposing:
    @pytest.fixture(autouse=True)
    def address(self, term):
        return reverse("definitions:create")

    def test_keeps_the_clauses_that_are_filled_in(self, signed_in, address, member):
        rows = [("is", "un hôte"), ("is", " "), ("is_not", "un vendeur")]
        page = signed_in.post(address, clauses(*rows, body="Parce que."), follow=True)
        post = member.posts.get()
        assert page.redirect_chain == [(reverse("definitions:detail", args=[post.public_id]), 302)]
        assert post.pending_revision.content() == {
            "body": "Parce que.",
            "clauses": [["is", "un hôte"], ["is_not", "un vendeur"]],
        }

    def test_form_sent_twice_proposes_once(self, signed_in, address, member):
        data = clauses(("is", "un hôte"))
        places = {signed_in.post(address, data).headers["Location"] for _i in range(2)}
        assert (len(places), member.posts.count()) == (1, 1)

    def test_no_clause_is_said_and_the_text_kept(self, signed_in, address, member):
        page = signed_in.post(address, clauses(("is", ""), body="Parce que."))
        assert (page.status_code, texts_in(page)) == (422, ["Parce que."])
        assert "A definition says at least one thing: fill in a clause." in page.text
        assert not member.posts.exists()

    @pytest.mark.parametrize("rows", [[("is", "x" * 301)], [("other", "un hôte")], [("", "x")]])
    def test_clause_that_cannot_be_is_said_and_all_is_kept(self, signed_in, address, rows):
        rows = [("is_not", "un vendeur"), *rows]
        page = signed_in.post(address, clauses(*rows, body="Parce que."))
        assert page.status_code == 422
        assert texts_in(page) == ["un vendeur", rows[1][1], "Parce que."]
        assert [bool(errors) for errors in page.context["clauses"].errors] == [False, True]

    def test_text_too_long_keeps_the_clauses(self, signed_in, address):
        body = "x" * (MAX_LENGTH + 1)
        page = signed_in.post(address, clauses(("is", "un hôte"), body=body))
        assert (page.status_code, texts_in(page)) == (422, ["un hôte", body])

    def test_another_clause_is_added_without_script(self, signed_in, address, member):
        data = clauses(("is_not", "un vendeur"), ("is", ""), body="Parce que.", more="1")
        page = signed_in.post(address, data)
        assert page.status_code == 200
        rows = page.context["clauses"].initial
        assert [(row["polarity"], row["text"]) for row in rows] == [
            ("is_not", "un vendeur"),
            ("is", ""),
            ("is", ""),
        ]
        assert texts_in(page)[-1] == "Parce que."
        assert hidden_values(page)["key"] == data["key"]
        assert hidden_values(page)["clauses-TOTAL_FORMS"] == "3"
        assert not member.posts.exists()

    def test_preview_keeps_the_clauses_and_the_choice(self, signed_in, address):
        rows = [("is_not", "un vendeur"), ("is", "un hôte")]
        page = signed_in.post(address, clauses(*rows, body="*Oui*.", preview="1"))
        assert [(r["polarity"], r["text"]) for r in page.context["clauses"].initial] == rows
        assert page.context["preview"] == "<p><em>Oui</em>.</p>\n"

    def test_clauses_stop_at_their_limit(self, signed_in, address, member):
        rows = [("is", f"un {n}") for n in range(MAX_CLAUSES)]
        page = signed_in.post(address, clauses(*rows, more="1"))
        assert page.context["clauses"].total_form_count() == MAX_CLAUSES
        assert 'name="more"' not in page.text
        page = signed_in.post(address, clauses(*rows, ("is", "un de trop")))
        assert page.status_code == 422
        assert not member.posts.exists()

    @pytest.mark.parametrize(
        "damage",
        [
            {"clauses-TOTAL_FORMS": "9" * 40},
            {"clauses-TOTAL_FORMS": "-1"},
            {"clauses-TOTAL_FORMS": "x"},
            {"clauses-TOTAL_FORMS": ""},
            {"clauses-INITIAL_FORMS": "99"},
            {"key": "x"},
        ],
    )
    def test_damaged_form_is_told_not_a_failure(self, signed_in, address, damage):
        page = signed_in.post(address, clauses(("is", "un hôte")) | damage)
        assert page.status_code in (302, 422)

    def test_empty_request_is_told_not_a_failure(self, signed_in, address):
        assert signed_in.post(address).status_code == 422

    @pytest.mark.parametrize("button", ["more", "preview"])
    def test_button_alone_shows_the_blank_form(self, signed_in, address, button):
        assert signed_in.post(address, {button: "1"}).status_code == 200


class TestEditing:
    def address(self, post):
        return reverse("post_edit", args=[post.public_id])

    def test_form_holds_the_latest_version(self, term, member, signed_in):
        post = definition(member, ("is_not", "un vendeur"), body="Parce que.")
        page = signed_in.get(self.address(post))
        assert texts_in(page) == ["un vendeur", "Parce que."]
        assert hidden_values(page)["seen"] == post.version

    def test_new_version_waits_behind_the_published_one(self, member, signed_in, essay):
        post = published(reply(essay, member, "Avant."))
        page = signed_in.post(
            self.address(post), {"body": "Après.", "seen": post.version}, follow=True
        )
        assert "<p>Avant.</p>" in page.text
        assert "<p>Après.</p>" in page.text
        assert "<p>Après.</p>" not in Client().get(page.request["PATH_INFO"], follow=True).text

    def test_definition_s_clauses_change(self, term, member, signed_in):
        post = definition(member, ("is", "un hôte"))
        data = clauses(("is", "un hôte"), ("is_not", "un vendeur"), seen=post.version)
        assert signed_in.post(self.address(post), data).status_code == 302
        post.refresh_from_db()
        assert post.pending_revision.clauses.count() == 2

    def test_text_that_changed_meanwhile_is_said_and_what_was_typed_kept(self, member, signed_in):
        post = reply(author=member)
        seen = hidden_values(signed_in.get(self.address(post)))["seen"]
        edit(post, "Dans une autre fenêtre.")
        page = signed_in.post(self.address(post), {"body": "Ici.", "seen": seen})
        assert (page.status_code, texts_in(page)) == (422, ["Ici."])
        assert "This text has changed since you opened it" in page.text
        assert Revision.objects.filter(post=post).count() == 2

    @pytest.mark.parametrize("seen", [None, "", "x", "published-1-None-None"])
    def test_form_that_says_no_version_changes_nothing(self, member, signed_in, seen):
        post = reply(author=member)
        data = {"body": "Ici."} | ({} if seen is None else {"seen": seen})
        page = signed_in.post(self.address(post), data)
        assert (page.status_code, texts_in(page)) == (422, ["Ici."])
        assert post.revisions.count() == 1

    def test_preview_keeps_the_version_that_was_seen(self, member, signed_in):
        post = reply(author=member)
        seen = post.version
        edit(post, "Dans une autre fenêtre.")
        page = signed_in.post(self.address(post), {"body": "Ici.", "seen": seen, "preview": "1"})
        assert (page.status_code, hidden_values(page)["seen"]) == (200, seen)


class TestWithdrawing:
    def test_is_asked_first_and_done_by_post(self, member, signed_in, essay):
        post = published(reply(essay, member, "Avant."))
        address = reverse("post_withdraw", args=[post.public_id])
        page = signed_in.get(address)
        assert "<p>Avant.</p>" in page.text
        post.refresh_from_db()
        assert post.state == "published"
        page = signed_in.post(address, follow=True)
        assert "Your text is withdrawn." in page.text
        stranger = Client().get(reverse("essays:detail", args=[essay.slug])).text
        assert "Withdrawn by its author." in stranger
        assert "Avant." not in stranger

    def test_of_a_definition_leaves_its_place(self, term, member, signed_in):
        post = published(definition(member, ("is", "un hôte")))
        signed_in.post(reverse("post_withdraw", args=[post.public_id]))
        page = Client().get(reverse("definitions:detail", args=[post.public_id]))
        assert (page.status_code, "un hôte" in page.text) == (200, False)
        assert "Withdrawn by its author." in page.text

    def test_twice_is_not_found(self, member, signed_in):
        post = withdrawn(reply(author=member))
        assert signed_in.post(reverse("post_withdraw", args=[post.public_id])).status_code == 404


class TestPermalink:
    def test_of_a_public_reply_leads_to_its_thread(self, client, essay):
        post = published(reply(essay))
        page = client.get(reverse("post", args=[post.public_id]))
        place = reverse("essays:detail", args=[essay.slug])
        assert page.headers["Location"] == f"{place}#{post.anchor}"

    def test_of_a_definition_leads_to_its_page(self, client, term):
        post = published(definition())
        page = client.get(reverse("post", args=[post.public_id]))
        assert page.headers["Location"] == reverse("definitions:detail", args=[post.public_id])

    def test_of_a_hidden_reply_says_why(self, client):
        post = in_state("hidden")
        page = client.get(reverse("post", args=[post.public_id]))
        assert page.status_code == 200
        assert "Hidden." in page.text
        assert "Sans rapport avec le mot." in page.text

    def test_in_a_long_thread_says_where_its_page_begins(self, client, essay, monkeypatch):
        monkeypatch.setattr(threads, "BRANCH_SHOWN", 1)
        posts = [published(reply(essay, body=f"Réponse {n}.")) for n in range(3)]
        page = client.get(reverse("post", args=[posts[1].public_id]), follow=True)
        assert page.redirect_chain[0][0].endswith(f"?depuis={posts[1].public_id}#{posts[1].anchor}")
        assert ids_on(page.context["thread"]) == [post.public_id for post in posts[1:]]


class TestLostSession:
    """Signed out while writing: the text waits behind the sign-in page."""

    @pytest.fixture
    def account(self, member):
        member.set_password(PASSWORD)
        member.save()
        EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
        return {"login": member.name, "password": PASSWORD}

    def sign_in_where_it_leads(self, client, page, account):
        place = page.headers["Location"]
        assert place.startswith(reverse("account_login"))
        form = client.get(place)
        return client.post(place, account | {"next": hidden_values(form)["next"]}, follow=True)

    def test_reply_is_back_in_its_form(self, client, account, essay):
        address = reverse("essays:reply", args=[essay.slug])
        body = "Un texte\nen deux lignes, « accentué »."
        key = str(uuid4())
        page = client.post(address, {"body": body, "key": key})
        page = self.sign_in_where_it_leads(client, page, account)
        assert page.request["PATH_INFO"] == address
        assert texts_in(page) == [body]
        assert hidden_values(page)["key"] == key
        assert not Post.objects.exists()
        assert texts_in(client.get(address)) == [""]

    def test_definition_is_back_with_its_clauses(self, client, account, term):
        address = reverse("definitions:create")
        rows = [("is_not", "un vendeur"), ("is", "un hôte"), ("is", "un lien")]
        page = client.post(address, clauses(*rows, body="Parce que."))
        page = self.sign_in_where_it_leads(client, page, account)
        assert texts_in(page) == ["un vendeur", "un hôte", "un lien", "Parce que."]
        assert [r["polarity"] for r in page.context["clauses"].initial] == ["is_not", "is", "is"]

    def test_edit_is_back_with_the_version_that_was_seen(self, client, account, member):
        post = reply(author=member, body="Avant.")
        address = reverse("post_edit", args=[post.public_id])
        page = client.post(address, {"body": "Après.", "seen": post.version})
        page = self.sign_in_where_it_leads(client, page, account)
        assert texts_in(page) == ["Après."]
        assert hidden_values(page)["seen"] == post.version

    @pytest.mark.parametrize("letter", ["é", "\n", "🦆", "x"])
    def test_longest_text_is_back_whole(self, client, account, essay, letter):
        address = reverse("essays:reply", args=[essay.slug])
        body = "a" + letter * (MAX_LENGTH - 2) + "z"
        page = client.post(address, {"body": body, "key": uuid4()})
        page = self.sign_in_where_it_leads(client, page, account)
        assert texts_in(page) == [body]

    def test_address_that_sends_too_much_is_kept_nothing(self, essay, settings):
        settings.ACCOUNT_RATE_LIMITS = {"post": "2/h/ip"}
        address = reverse("essays:reply", args=[essay.slug])
        for _i in range(4):
            page = Client().post(address, {"body": "Un texte."})
            assert page.status_code == 302
        assert Session.objects.count() == 2

    def test_what_one_typed_does_not_appear_elsewhere(self, client, account, essay, term):
        client.post(reverse("essays:reply", args=[essay.slug]), {"body": "Un texte."})
        client.post(reverse("account_login"), account)
        assert texts_in(client.get(reverse("definitions:create"))) == [""]


class TestPreview:
    ADDRESS = "/apercu/"

    def test_is_what_will_be_published(self, signed_in):
        page = signed_in.post(self.ADDRESS, {"content": "Un *mot* <b>."})
        assert (page.status_code, page.text) == (200, "<p>Un <em>mot</em> &lt;b&gt;.</p>\n")

    def test_is_for_members(self, client):
        assert client.post(self.ADDRESS, {"content": "x"}).status_code == 403

    def test_of_nothing_is_refused(self, signed_in):
        assert signed_in.post(self.ADDRESS).status_code == 400

    def test_is_limited_by_address(self, signed_in, settings):
        settings.ACCOUNT_RATE_LIMITS = {"preview": "1/m/ip"}
        statuses = [signed_in.post(self.ADDRESS, {"content": "x"}).status_code for _i in range(2)]
        assert statuses == [200, 429]


@pytest.mark.parametrize("name", ["essays:reply", "definitions:create", "post_withdraw"])
def test_form_from_another_page_is_refused_and_changes_nothing(name, essay, term, member):
    post = reply(essay, member)
    args = {"essays:reply": [essay.slug], "post_withdraw": [post.public_id]}.get(name, [])
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    page = client.post(reverse(name, args=args), clauses(("is", "un hôte"), body="Un texte."))
    assert page.status_code == 403
    assert page.context["typed"] == ["un hôte", "Un texte."]
    assert (Post.objects.count(), Post.objects.get().state) == (1, "pending")


def send(client, address, data):
    """As a browser would, were it to send half of a surrogate pair."""
    body = urlencode(data, errors="surrogatepass")
    return client.generic("POST", address, body, "application/x-www-form-urlencoded")


HOSTILE = ["\0", "a\0b", "9" * 30, "-1", "²", "%", "'", "\ud800", "../..", "x" * 5000]


class TestHostileAddresses:
    """Whatever stands in an address or a form, the answer is a page."""

    @pytest.fixture
    def paths(self, essay, term, member):
        post = published(reply(essay, member))
        act("hide", OriginalCommentFactory.create(essay=essay))
        base = published(definition(member))
        return {
            "apres": reverse("essays:detail", args=[essay.slug]),
            "depuis": reverse("definitions:detail", args=[base.public_id]),
            "avant": reverse("definitions:list"),
            "jusqua": reverse("record"),
            "tag": reverse("essays:list"),
            "liste": reverse("moderation:desk"),
            "next": reverse("account_login"),
            "q": reverse("admin:discussions_post_changelist"),
            "p": reverse("admin:discussions_decision_changelist"),
            "member": reverse("member", args=[member.name]),
            "post": reverse("post", args=[post.public_id]),
        }

    @pytest.mark.parametrize("value", HOSTILE, ids=ascii)
    def test_in_a_query(self, paths, moderator, value):
        value = quote(value, errors="surrogatepass")
        client = client_of(moderator)
        for name, path in paths.items():
            name = {"member": "avant"}.get(name, name)
            status = client.get(f"{path}?{name}={value}").status_code
            assert (name, status) in [(name, good) for good in (200, 302, 404)]

    @pytest.mark.parametrize("value", ["%00", "a%00b", "9" * 30, "%ED%A0%80", "%ff", "x" * 5000])
    @pytest.mark.parametrize(
        "path",
        [
            "/en/membres/{}/", "/en/messages/{}/", "/en/messages/{}/repondre/",
            "/en/messages/{}/modifier/", "/en/definitions/{}/", "/en/definitions/{}/historique/",
            "/en/essais/{}/", "/en/essais/{}/source.txt", "/en/essais/{}/c1/",
            "/en/essais/essai/{}/repondre/", "/en/moderation/messages/{}/",
            "/en/moderation/commentaires/{}/{}/", "/en/admin/discussions/post/{}/change/",
            "/en/admin/discussions/decision/{}/change/",
            "/en/admin/essays/originalcomment/{}/change/", "/en/{}/",
        ],
    )  # fmt: skip
    def test_in_a_path(self, moderator, path, value):
        page = client_of(moderator).get(path.replace("{}", value))
        assert page.status_code in (302, 404)

    @pytest.mark.parametrize("value", HOSTILE, ids=ascii)
    def test_in_a_form(self, term, essay, member, moderator, value):
        post = reply(essay, member)
        writer, decider = client_of(member), client_of(moderator)
        names = ("body", "key", "seen", "clauses-0-text", "clauses-0-polarity")
        data = clauses(("is", "x")) | dict.fromkeys(names, value)
        for button in ({}, {"more": "1"}, {"preview": "1"}):
            for address in (
                reverse("essays:reply", args=[essay.slug]),
                reverse("definitions:create"),
                reverse("post_edit", args=[post.public_id]),
            ):
                assert send(writer, address, data | button).status_code in (200, 302, 422)
        decision = dict.fromkeys(("action", "seen", "ground", "reason"), value)
        address = reverse("moderation:post", args=[post.public_id])
        assert send(decider, address, decision).status_code == 422

    def test_text_in_another_charset(self, signed_in, essay):
        page = signed_in.generic(
            "POST",
            reverse("essays:reply", args=[essay.slug]),
            "body=é".encode("utf-16"),
            "application/x-www-form-urlencoded; charset=utf-16",
        )
        assert page.status_code == 400
        assert not Post.objects.exists()
