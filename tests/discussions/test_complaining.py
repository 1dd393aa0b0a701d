"""The pages on which one reports, appeals and reads what came of it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from discussions import complaints
from discussions.leaving import leave
from discussions.models import Complaint, Decision, Letter
from tests.discussions.test_mail import html_of, post_office, sent_to
from tests.essays.factories import OriginalCommentFactory
from tests.factories import (
    REASON,
    UserFactory,
    act,
    answer,
    client_of,
    complaint,
    definition,
    edit,
    essay_definition,
    in_state,
    published,
    reply,
    text_of,
)

pytestmark = pytest.mark.django_db

WORD = "abracadabra"
RULES = {"kind": "rules", "ground": "attack", "words": "Il insulte."}
LAW = {
    "kind": "law",
    "rule": "loi de 1881, article 33",
    "words": "C’est une injure.",
    "good_faith": "on",
}
WHO = {"name": "Ada", "email": "ada@example.net"}


def form(**fields):
    return {"key": uuid4()} | fields


def send(client, post, said, **more):
    return client.post(reverse("report", args=[post.public_id]), form(**said | more))


def errors(page):
    assert page.status_code == 422
    return {name: list(said) for name, said in page.context["form"].errors.items()}


@pytest.fixture
def post(essay):
    return published(reply(essay, UserFactory.create(name="Basile", language="en"), f"Un {WORD}."))


class TestReport:
    @pytest.mark.parametrize("signed_in", [True, False])
    def test_against_the_rules_asks_nobody_who_they_are(self, signed_in, post, member):
        client = client_of(member) if signed_in else Client()
        page = client.get(reverse("report", args=[post.public_id]))
        assert WORD in page.text
        response = send(client, post, RULES)
        kept = Complaint.objects.get()
        assert response.headers["Location"] == kept.get_absolute_url()
        assert (kept.post, kept.kind, kept.ground, kept.rule, kept.words) == (
            *(post, "rules", "attack", "", "Il insulte."),
        )
        assert (kept.by, kept.name, kept.email) == (member if signed_in else None, "", "")
        assert post.cases.get().reasons == [["report", 1]]

    def test_against_the_law_asks_a_visitor_for_all_that_the_law_does(self, post):
        client = Client()
        assert errors(send(client, post, {"kind": "law"})) == {
            "rule": ["Name the law that it breaks."],
            "words": ["Say what in the text is unlawful, and why."],
            "good_faith": ["The law asks that you tick this."],
            "name": ["The law asks for your name."],
            "email": ["The law asks for your e-mail address."],
        }
        send(client, post, LAW | WHO)
        kept = Complaint.objects.get()
        assert (kept.kind, kept.ground, kept.rule, kept.name, kept.email) == (
            *("law", "unlawful", LAW["rule"], "Ada", "ada@example.net"),
        )

    def test_of_an_offence_against_a_minor_needs_no_name(self, post):
        send(Client(), post, LAW, minors="on")
        assert Complaint.objects.get().email == ""

    def test_against_the_law_by_a_member_asks_for_no_name(self, post, member):
        client = client_of(member)
        assert "name" not in client.get(reverse("report", args=[post.public_id])).context["form"]
        send(client, post, LAW | WHO)
        assert (Complaint.objects.get().by, Complaint.objects.get().name) == (member, "")

    def test_keeps_no_name_where_only_the_rules_are_broken(self, post):
        send(Client(), post, RULES | WHO)
        assert (Complaint.objects.get().name, Complaint.objects.get().email) == ("", "")

    def test_says_what_is_wrong_and_keeps_what_was_typed(self, post):
        page = send(Client(), post, {"kind": "rules", "words": "Voici pourquoi."})
        assert errors(page) == {"ground": ["Choose the rule that it breaks."]}
        assert "Voici pourquoi." in page.text
        assert errors(send(Client(), post, {})) == {"kind": ["This field is required."]}

    def test_names_a_ground_that_a_text_of_today_can_have(self, post):
        for ground in ("unlawful", "request", "nonsense"):
            assert "ground" in errors(send(Client(), post, RULES, ground=ground))

    def test_sent_twice_complains_once(self, post, member):
        key = uuid4()
        places = {
            send(client_of(member), post, RULES, key=key).headers["Location"] for _i in range(2)
        }
        assert places == {Complaint.objects.get().get_absolute_url()}
        assert Letter.objects.filter(complaint__isnull=False).count() == 1

    def test_is_refused_in_the_words_of_the_verb(self, post, member):
        client = client_of(member)
        send(client, post, RULES)
        assert errors(send(client, post, RULES))["__all__"] == [
            str(complaints.ReportedAlready.message)
        ]
        other = published(reply(post, post.author))
        published(reply(other, member))
        assert errors(send(client, other, RULES))["__all__"] == [str(complaints.InExchange.message)]
        send(client, other, LAW)
        assert Complaint.objects.filter(kind="law").count() == 1

    def test_of_one_s_own_text_is_no_form(self, post):
        client = client_of(post.author)
        page = client.get(reverse("report", args=[post.public_id]))
        assert str(complaints.OwnText.message) in page.text and "<textarea" not in page.text
        assert "__all__" in errors(send(client, post, RULES))
        place = client.get(post.thread.get_absolute_url())
        assert reverse("report", args=[post.public_id]) not in place.text

    @pytest.mark.parametrize("state", ["hidden", "withdrawn"])
    def test_of_a_text_that_is_gone_shows_not_a_word_of_it(self, state, essay):
        gone = in_state(state, reply(essay, body=f"Un {WORD}."))
        page = Client().get(reverse("report", args=[gone.public_id]))
        assert page.status_code == 200 and WORD not in page.text
        assert "nothing left to report" in page.text
        assert errors(send(Client(), gone, RULES))["__all__"] == [str(complaints.Gone.message)]
        assert not Complaint.objects.exists()

    def test_of_an_original_comment_by_who_is_named_in_it(self):
        comment = OriginalCommentFactory.create()
        address = reverse("report_comment", args=[comment.essay.slug, comment.ref])
        assert address in Client().get(comment.get_absolute_url().partition("#")[0]).text
        response = Client().post(address, form(kind="rules", ground="request"))
        assert response.headers["Location"] == Complaint.objects.get().get_absolute_url()
        assert Complaint.objects.get().original_comment == comment

    def test_of_a_hidden_original_comment_shows_not_a_word_of_it(self):
        comment = OriginalCommentFactory.create()
        text = comment.text_for_moderators()
        address = reverse("report_comment", args=[comment.essay.slug, comment.ref])
        assert text.split("\n")[0] in Client().get(address).text
        act("hide", comment)
        page = Client().get(address)
        assert text.split("\n")[0] not in page.text and "<textarea" not in page.text

    def test_begins_at_every_text_that_readers_see(self, post, term):
        definitions = published(definition()), essay_definition()
        texts = [
            (post.thread.get_absolute_url(), post),
            *((each.get_absolute_url(), each) for each in definitions),
            (reverse("survey"), published(text_of(answer(text="Une oreille.")))),
        ]
        for address, text in texts:
            link = f'<a href="{reverse("report", args=[text.public_id])}" rel="nofollow">'
            assert link in Client().get(address).text

    def test_page_sets_a_cookie_where_its_form_is_and_nowhere_else(self, post):
        client = Client()
        client.get(post.thread.get_absolute_url())
        assert not client.cookies
        page = client.get(reverse("report", args=[post.public_id]))
        assert client.cookies and "no-store" in page.headers["Cache-Control"]
        assert 'name="robots" content="noindex"' in page.text

    def test_comes_so_often_from_one_address_and_no_more(self, post, settings):
        cache.clear()
        settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"report": "1/h/ip"}
        send(Client(), post, RULES)
        assert errors(send(Client(), post, RULES))["__all__"] == [
            "Many reports have come from you within the hour. Try again later."
        ]
        cache.clear()

    def test_comes_so_often_from_one_member_and_no_more(self, post, member, settings):
        cache.clear()
        settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"member_report": "1/h/user"}
        send(client_of(member), post, RULES)
        other = published(reply(post.thread.essay))
        assert "__all__" in errors(send(client_of(member), other, RULES))
        send(Client(), other, RULES)
        assert Complaint.objects.count() == 2
        cache.clear()


class TestSeveral:
    @pytest.fixture
    def others(self, post):
        """Another text of the same author, and an answer in the same exchange."""
        return [published(reply(author=post.author, body="Encore.")), published(reply(post))]

    def test_of_the_same_author_or_exchange_go_with_it(self, post, others, member):
        client = client_of(member)
        page = client.get(reverse("report", args=[post.public_id]))
        assert set(page.context["form"].offered) == {each.public_id for each in others}
        send(client, post, RULES, also=[each.public_id for each in others])
        found = Complaint.objects.order_by("pk")
        assert {each.post for each in found} == {post, *others}
        assert len({each.form_key for each in found}) == 1

    def test_that_are_not_offered_are_not_taken(self, post, others, member):
        strange = published(reply(post.thread.essay))
        response = send(client_of(member), post, RULES, also=[strange.public_id])
        assert list(errors(response)) == ["also"]

    def test_are_acknowledged_by_one_letter_and_one_page(self, post, others, member):
        post_office()
        response = send(client_of(member), post, RULES, also=[each.public_id for each in others])
        (letter,) = sent_to(member)
        assert Complaint.objects.get(post=post).public_id in letter.body
        page = Client().get(response.headers["Location"])
        links = [each.get_absolute_url() for each in Complaint.objects.exclude(post=post)]
        assert len(links) == 2 and all(link in page.text for link in links)

    def test_never_offer_what_readers_do_not_see(self, post, others, member):
        act("hide", others[0])
        in_state("pending", reply(post, post.author))
        page = client_of(member).get(reverse("report", args=[post.public_id]))
        assert set(page.context["form"].offered) == {others[1].public_id}

    def test_are_kept_together_or_not_at_all(self, post, others, member):
        complaint(others[0], member)
        response = send(
            client_of(member), post, RULES, also=[others[0].public_id, others[1].public_id]
        )
        assert "also" in errors(response)
        assert Complaint.objects.count() == 1


class TestOutcome:
    def test_waits_then_says_what_was_decided_and_why(self, post, member):
        mine = complaint(post, member)
        page = Client().get(mine.get_absolute_url())
        assert "Your report is received" in page.text and "Received on" in page.text
        entry = act("hide", post)
        page = Client().get(mine.get_absolute_url())
        assert "Your report has led to a decision" in page.text
        assert REASON in page.text and entry.get_absolute_url() in page.text

    @pytest.mark.parametrize("action", ["hide", "keep"])
    def test_shows_not_a_word_of_the_text(self, action, post, member):
        mine = complaint(post, member)
        act(action, post)
        for client in (Client(), client_of(member)):
            assert WORD not in client.get(mine.get_absolute_url()).text

    def test_names_nobody_who_complained(self, post):
        send(Client(), post, LAW | WHO)
        page = Client().get(Complaint.objects.get().get_absolute_url())
        assert "Ada" not in page.text and "ada@" not in page.text

    def test_tells_who_left_no_address_to_keep_that_of_the_page(self, post):
        assert "Keep the address" in Client().get(complaint(post).get_absolute_url()).text
        other = published(reply())
        known = complaint(other, email="ada@example.net", kind="law")
        assert "Keep the address" not in Client().get(known.get_absolute_url()).text

    def test_of_a_text_that_its_author_takes_away_says_so(self, post, member):
        mine = complaint(post, member)
        client_of(post.author).post(reverse("post_withdraw", args=[post.public_id]))
        page = Client().get(mine.get_absolute_url())
        assert "The text that you reported is gone" in page.text and WORD not in page.text

    def test_of_nobody_is_no_page(self):
        assert Client().get(reverse("complaint", args=["unknown"])).status_code == 404

    def test_own_ones_stand_on_a_page_with_figures(self, post, member):
        client = client_of(member)
        assert "You have reported nothing" in client.get(reverse("complaints")).text
        complaint(post, member)
        act("hide", post)
        for _i in range(2):
            other = published(reply())
            complaint(other, member)
            act("keep", other)
        complaint(published(reply()), UserFactory.create())
        page = client.get(reverse("complaints"))
        assert [each.state for each in page.context["complaints"]] == [
            *("declined", "declined", "granted"),
        ]
        assert "1 report of yours against the rules led to a decision" in page.text
        assert "in 2 cases the text stayed" in page.text

    def test_own_ones_cost_the_same_however_many(self, django_assert_num_queries, member):
        client = client_of(member)
        client.get(reverse("complaints"))

        def more():
            for _i in range(3):
                text = published(reply())
                complaint(text, member)
                act("hide", text)
            comment = OriginalCommentFactory.create()
            complaint(comment, member)

        for _i in range(2):
            more()
            with django_assert_num_queries(5):
                client.get(reverse("complaints"))

    def test_is_never_in_the_record_nor_in_a_feed(self, post, member, essay):
        secret = "xylophone"
        complaint(post, member, secret)
        hidden = act("hide", post)
        complaint(hidden, post.author, secret)
        act("restore", post)
        for address in (
            reverse("record"),
            reverse("feeds:record"),
            reverse("record_export"),
            hidden.get_absolute_url(),
            Decision.objects.first().get_absolute_url(),
            reverse("feeds:essay", args=[essay.slug]),
        ):
            response = Client().get(address)
            text = b"".join(response).decode() if response.streaming else response.text
            assert secret not in text


class TestAppeal:
    @pytest.fixture
    def entry(self, post):
        return act("hide", post)

    def ask(self, person, entry, words="Relisez.", **more):
        address = reverse("appeal", args=[entry.number])
        return client_of(person).post(address, form(words=words, **more))

    def test_of_the_author_is_one_and_of_a_reader_a_second_look(self, post, entry, member):
        for person, kind in ((post.author, "appeal"), (member, "review")):
            response = self.ask(person, entry)
            kept = Complaint.objects.get(by=person)
            assert response.headers["Location"] == kept.get_absolute_url()
            assert (kept.kind, kept.entry, kept.words) == (kind, entry, "Relisez.")

    def test_wants_words(self, post, entry):
        assert errors(self.ask(post.author, entry, "")) == {"words": ["This field is required."]}

    def test_comes_once(self, post, entry, member):
        for person in (post.author, member):
            self.ask(person, entry)
            assert errors(self.ask(person, entry, "Encore."))["__all__"] == [
                str(complaints.NotAppealable.message)
            ]
            page = client_of(person).get(reverse("appeal", args=[entry.number]))
            assert str(complaints.NotAppealable.message) in page.text
            assert "<textarea" not in page.text
        assert Complaint.objects.count() == 2

    def test_sent_twice_is_kept_once(self, post, entry):
        key = uuid4()
        first, second = (self.ask(post.author, entry, key=key) for _i in range(2))
        assert first.headers["Location"] == second.headers["Location"]

    def test_ends(self, post, entry, monkeypatch):
        later = timezone.now() + timedelta(days=400)
        monkeypatch.setattr(timezone, "now", lambda: later)
        client = Client()
        client.force_login(post.author)
        page = client.post(reverse("appeal", args=[entry.number]), form(words="Trop tard."))
        assert "__all__" in errors(page)

    def test_of_a_text_refused_before_anybody_saw_it_is_its_author_s(self, member):
        refused = in_state("refused")
        assert "__all__" in errors(self.ask(member, refused.restriction))
        self.ask(refused.author, refused.restriction)
        page = Client().get(Complaint.objects.get().get_absolute_url())
        assert "never published" in page.text and refused.public_id not in page.text

    def test_of_who_is_silenced_or_excluded_comes_through(self, member):
        for action in ("silence", "exclude"):
            entry = act(action, member)
            page = client_of(member).get(member.get_absolute_url())
            assert entry.get_absolute_url() in page.text
            assert reverse("appeal", args=[entry.number]) in page.text
            assert self.ask(member, entry).status_code == 302

    def test_begins_where_the_author_reads_of_the_decision(self, post, entry):
        link = reverse("appeal", args=[entry.number])
        client = client_of(post.author)
        places = (
            post.get_absolute_url(),
            post.thread.get_absolute_url(),
            reverse("notices"),
            entry.get_absolute_url(),
        )
        for address in places:
            assert link in client.get(address).text
        letter = sent_to(post.author)[-1]
        assert link in letter.body and link in html_of(letter)

    def test_is_answered_by_another_person_in_the_record(self, post, entry, member):
        self.ask(post.author, entry)
        answered = act("restore", post, reason="C’était une erreur.")
        assert answered.answers == entry
        page = Client().get(entry.get_absolute_url())
        assert answered.get_absolute_url() in page.text and "C’était une erreur." in page.text
        mine = Complaint.objects.get()
        assert "Your appeal is granted" in client_of(post.author).get(mine.get_absolute_url()).text


class TestRewrite:
    def test_is_asked_with_the_reason_the_words_and_the_way_to_write_it(self, post, member):
        entry = act("rewrite", post, marked=WORD)
        client = client_of(post.author)
        for address in (post.get_absolute_url(), reverse("post_edit", args=[post.public_id])):
            page = client.get(address, follow=True).text
            assert "You are asked for another version" in page
            assert REASON in page and f"{WORD}</blockquote>" in page
        assert reverse("appeal", args=[entry.number]) in client.get(entry.get_absolute_url()).text
        for client in (Client(), client_of(member)):
            assert (
                "asked for another version" not in client.get(post.thread.get_absolute_url()).text
            )

    def test_is_over_once_it_is_written(self, post):
        act("rewrite", post)
        edit(post, "Un autre texte.")
        page = client_of(post.author).get(post.get_absolute_url(), follow=True)
        assert "You are asked for another version" not in page.text


class TestLetters:
    def test_to_a_visitor_says_why_it_came_and_mentions_no_account(self, post):
        post_office()
        send(Client(), post, LAW | WHO)
        (received,) = post_office()
        assert received.to == ["ada@example.net"]
        act("hide", post)
        outcome = next(each for each in post_office() if each.to == ["ada@example.net"])
        for letter in (received, outcome):
            for text in (letter.body, html_of(letter)):
                assert "This address was given with a report" in text
                assert "whatever you follow" not in text and WORD not in text
                assert Complaint.objects.get().get_absolute_url() in text
        assert f"Why: {REASON}" in outcome.body and "may appeal" not in outcome.body

    def test_of_a_restriction_is_the_complete_statement_with_the_text(self, post):
        post_office()
        complaint(post)
        entry = act("hide", post, marked=WORD)
        (letter,) = sent_to(post.author)
        for text in (letter.body, html_of(letter)):
            for said in (
                "The text is hidden, everywhere on the site.",
                entry.payload.facts,
                "the rules of the house: off topic",
                REASON,
                "a report",
                "No machine found it, and none decided",
                "Without a date",
                entry.payload.by_name,
                "may appeal it once, until",
                f"/journal/{entry.number}/recours/",
                f"Un {WORD}.",
                "The words at fault:",
            ):
                assert said in text

    def test_of_a_sanction_is_about_a_person(self):
        member = UserFactory.create(language="en")
        entry = act("silence", member)
        (letter,) = sent_to(member)
        assert "This letter is about you" in letter.body
        assert f"/journal/{entry.number}/recours/" in letter.body
        assert "it then ends by itself" in letter.body

    def test_speaks_the_language_of_the_form(self, post):
        response = Client().post(
            reverse("report", args=[post.public_id]).removeprefix("/en"), form(**LAW | WHO)
        )
        assert response.headers["Location"].startswith("/demandes/")
        assert Complaint.objects.get().language == "fr"


class TestLeaving:
    @pytest.mark.parametrize("answered", [True, False])
    def test_empties_the_words_once_they_are_answered(self, answered, post, member):
        mine = complaint(post, member, "Mes mots.")
        if answered:
            act("keep", post)
        leave(member, erase=True)
        mine.refresh_from_db()
        assert mine.words == ("" if answered else "Mes mots.")
        if not answered:
            act("keep", post)
        mine.refresh_from_db()
        assert (mine.words, mine.state, str(mine.by)) == ("", "declined", "former member")

    def test_export_holds_what_one_asked(self, post, member):
        mine = complaint(post, member, "Mes mots.")
        complaint(post, UserFactory.create(), "Ceux d’autrui.")
        copy = client_of(member).get(reverse("own_data_json"))
        (row,) = copy.json()["complaints"]
        assert (row["id"], row["body"], row["kind"]) == (mine.public_id, "Mes mots.", "rules")
        assert "Ceux d’autrui." not in copy.text
