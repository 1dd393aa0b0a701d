"""The policy: what may be set, who sets it, what is told of it."""

import re
from uuid import uuid4

import pytest

from discussions import policies
from discussions.models import Decision, PolicyVersion, Post
from discussions.moderation import record
from discussions.moderation.decisions import Incomplete, NotYours
from discussions.moderation.policy.verbs import PolicyChanged, set_policy
from discussions.policy import Facts, Policy, Reason, judge
from tests.essays.factories import ClaimFactory, DutyFactory
from tests.factories import (
    UserFactory,
    client_of,
    in_state,
    person,
    published,
    reply,
    trusted_member,
)

pytestmark = pytest.mark.django_db

WHY = "Trop de messages attendent."
# Queries of a visitor's rules.
RULES = 5


def values(**changed):
    return policies.current().values() | changed


def new_policy(by=None, reason=WHY, seen=None, **changed):
    by = by or UserFactory.create(community_manager=True)
    number = policies.number() if seen is None else seen
    return set_policy(by, values(**changed), reason, seen=number)


class TestWords:
    @pytest.mark.parametrize(
        "word, text, found",
        [
            ("arnaq*", "Une ARNAQUEUSE, des arnaques.", ["ARNAQUEUSE", "arnaques"]),
            ("arnaque", "Des arnaques.", []),
            ("gratuit", "Gratuit ! Ingratuit.", ["Gratuit"]),
            ("élève", "Un eleve, un ÉLÈVE.", ["eleve", "ÉLÈVE"]),
            ("élève", "Un e\u0301le\u0300ve.", ["e\u0301le\u0300ve"]),
            ("argent facile", "De l’argent facile.", ["argent facile"]),
            ("l'argent", "De l’argent facile.", ["l’argent"]),
            ("strasse", "Straße", ["Straße"]),
            ("cas", "Un casino.", []),
        ],
    )  # fmt: skip
    def test_are_found_whatever_their_case_and_accents(self, word, text, found):
        policy = Policy(words=(word,))
        places = policy.places_in(text)
        assert [text[start:end] for start, end in places] == found
        assert len(policy.words_in(text)) == len(found)
        verdict = judge(Facts(9, by_community_manager=False, text=text), policy)
        assert verdict.reasons == ((Reason.WORDS,) if found else ())

    @pytest.mark.parametrize("word", ["*", "a*", "ab*", "*arnaque", "arn*que", "!", "a" * 61])
    def test_that_would_hold_nearly_everything_or_nothing_are_refused(self, word):
        assert list(Policy(words=("arnaq*", word)).faults()) == ["words"]

    @pytest.mark.parametrize("word", ["arnaq*", "argent facile", "l’argent", "porte-à-faux", "a"])
    def test_that_can_be_found_are_not(self, word):
        assert Policy(words=(word,)).faults() == {}


class TestSetting:
    def test_makes_a_version_and_an_entry(self, moderator):
        entry = new_policy(moderator, newcomer_posts=5)
        version = PolicyVersion.objects.get()
        assert (version.number, version.by, policies.current()) == (
            1,
            moderator,
            Policy(newcomer_posts=5),
        )
        assert (entry.action, entry.duty, entry.target, entry.reference, entry.by) == (
            "set",
            "moderate",
            version,
            "policy/1",
            moderator,
        )
        assert entry.payload.reason == WHY
        assert list(record.faults_in_database()) == []

    def test_holds_what_is_sent_from_then_on(self, essay):
        member = trusted_member()
        before = reply(essay, member, "Une arnaque.")
        new_policy(words=["arnaq*"])
        after = reply(essay, member, "Une arnaque.")
        assert (before.state, after.state) == ("published", "pending")
        assert after.pending_revision.held_for == ["words"]

    def test_same_values_change_nothing(self):
        assert new_policy(newcomer_posts=5) is not None
        assert new_policy(newcomer_posts=5) is None
        # The same form again, which knows nothing of the first time.
        assert new_policy(newcomer_posts=5, seen=0) is None
        assert (PolicyVersion.objects.count(), Decision.objects.count()) == (1, 1)

    def test_second_of_two_people_is_refused_aloud(self):
        new_policy(newcomer_posts=5, seen=0)
        with pytest.raises(PolicyChanged) as refused:
            new_policy(newcomer_posts=6, seen=0)
        assert "version 1 is in force" in str(refused.value.message)
        assert policies.current() == Policy(newcomer_posts=5)

    @pytest.mark.parametrize("role", ["member", "trainee"])
    def test_is_for_full_community_managers(self, role):
        with pytest.raises(NotYours):
            new_policy(UserFactory.create(role=role), newcomer_posts=5)
        assert not PolicyVersion.objects.exists()

    @pytest.mark.parametrize(
        "changed, at",
        [
            ({"newcomer_posts": 51}, "newcomer_posts"),
            ({"newcomer_posts": -1}, "newcomer_posts"),
            ({"most_links": 101}, "most_links"),
            ({"most_posts": 0}, "most_posts"),
            ({"appeal_days": 182}, "appeal_days"),
            ({"slow_minutes": 0}, "slow_minutes"),
            ({"slow_after": 0}, "slow_after"),
            ({"words": ["*"]}, "words"),
            ({"words": [f"mot{n}" for n in range(501)]}, "words"),
        ],
    )
    def test_values_have_bounds(self, changed, at):
        with pytest.raises(Incomplete) as refused:
            new_policy(**changed)
        assert list(refused.value.fields) == [at]

    def test_owes_a_reason(self):
        with pytest.raises(Incomplete) as refused:
            new_policy(reason="", newcomer_posts=5)
        assert list(refused.value.fields) == ["reason"]
        assert not PolicyVersion.objects.exists()


def hidden_in(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page.text)[1]


class TestForm:
    url = "/en/moderation/politique/"

    @pytest.fixture
    def client(self, moderator):
        return client_of(moderator)

    def filled(self, **changed):
        told = values() | {"reason": WHY, "seen": policies.number()} | changed
        told["words"] = "\n".join(told["words"])
        if not told["validation"]:
            del told["validation"]
        return told

    def try_on(self, client, **changed):
        page = client.post(self.url, self.filled(**changed))
        assert page.status_code == 200
        return page

    def set(self, client, **changed):
        """Tried, then set, as the page asks for."""
        tried = hidden_in(self.try_on(client, **changed), "tried")
        return client.post(self.url, self.filled(**changed) | {"tried": tried, "set": "1"})

    def test_shows_the_values_in_force(self, client):
        new_policy(words=["arnaq*", "casino"], most_links=7)
        form = client.get(self.url).context["form"]
        assert (form["words"].value(), form["most_links"].value(), form["seen"].value()) == (
            "arnaq*\ncasino",
            7,
            1,
        )

    def test_trying_sets_nothing(self, client):
        self.try_on(client, newcomer_posts=5)
        assert not PolicyVersion.objects.exists()

    def test_what_was_tried_is_set(self, client, moderator):
        answer = self.set(client, newcomer_posts=5, validation=False, words=["arnaq*"])
        assert answer.url == "/en/regles/#v1"
        assert policies.current() == Policy(newcomer_posts=5, validation=False, words=("arnaq*",))
        assert Decision.objects.get().by == moderator

    def test_other_values_than_those_tried_are_tried_first(self, client):
        tried = hidden_in(self.try_on(client, newcomer_posts=5), "tried")
        again = self.filled(newcomer_posts=6) | {"tried": tried, "set": "1"}
        page = client.post(self.url, again)
        assert (page.status_code, PolicyVersion.objects.exists()) == (422, False)
        assert "You have changed the values since you tried them" in page.text
        assert client.post(self.url, again | {"tried": hidden_in(page, "tried")}).status_code == 302
        assert policies.current().newcomer_posts == 6

    def test_sent_twice_sets_once(self, client):
        tried = hidden_in(self.try_on(client, newcomer_posts=5), "tried")
        form = self.filled(newcomer_posts=5) | {"tried": tried, "set": "1"}
        answers = [client.post(self.url, form) for _i in range(2)]
        assert [answer.status_code for answer in answers] == [302, 302]
        assert "nothing has changed" in client.get(answers[1].url).text
        assert PolicyVersion.objects.count() == 1

    def test_second_of_two_people_sees_what_is_in_force_now(self, client):
        tried = hidden_in(self.try_on(client, newcomer_posts=5), "tried")
        form = self.filled(newcomer_posts=5) | {"tried": tried, "set": "1"}
        new_policy(newcomer_posts=9)
        page = client.post(self.url, form)
        assert (page.status_code, policies.current().newcomer_posts) == (422, 9)
        assert "version 1 is in force" in page.text
        assert "<b>9</b>; you have written <b>5</b>" in page.text
        # What was typed is kept, to be tried against the new version.
        assert (page.context["form"]["newcomer_posts"].value(), hidden_in(page, "seen")) == (
            "5",
            "1",
        )
        page = self.set(client, newcomer_posts=5)
        assert (page.status_code, policies.current().newcomer_posts) == (302, 5)

    @pytest.mark.parametrize(
        "name, value, message",
        [
            ("newcomer_posts", "51", "Ensure this value is less than or equal to 50."),
            ("appeal_days", "30", "Ensure this value is greater than or equal to 183."),
            ("words", ["a*"], "“a*” cannot be found"),
            ("most_links", "beaucoup", "Enter a whole number."),
            ("slow_after", "", "This field is required."),
        ],
    )
    def test_error_stands_at_the_field_with_what_was_typed(self, client, name, value, message):
        page = client.post(self.url, self.filled(**{name: value}))
        form = page.context["form"]
        assert (page.status_code, list(form.errors)) == (422, [name])
        assert message in form.errors[name][0]
        assert form[name].value() == (value[0] if name == "words" else value)

    def test_reason_is_asked_for_where_it_is_missing(self, client):
        page = self.set(client, newcomer_posts=5, reason=" ")
        assert (page.status_code, list(page.context["form"].errors)) == (422, ["reason"])
        assert "1 more text" not in page.text and not PolicyVersion.objects.exists()

    def test_trainee_tries_and_does_not_set(self):
        trainee = client_of(UserFactory.create(role="trainee"))
        page = self.try_on(trainee, newcomer_posts=5)
        assert 'name="set"' not in page.text
        assert self.set(trainee, newcomer_posts=5).status_code == 422
        assert not PolicyVersion.objects.exists()

    def test_preview_says_what_would_have_waited_and_what_became_of_it(
        self, client, essay, settings
    ):
        settings.POST_LIMITS = []
        member = trusted_member(name="Zoé")
        for state in ("published", "hidden", "withdrawn"):
            in_state(state, reply(essay, member, "Un casino."))
        page = self.try_on(client, words=["casino*", "loto"])
        told = " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
        assert "3 more texts would have waited, of which 1 was published in the end" in told
        assert "0 texts would not have waited" in told
        assert "Published in the end 1" in told and "Hidden since 1" in told
        assert "Withdrawn by its author 1" in told
        assert "3 texts have words of the list" in told
        assert "casino* 3 loto 0" in told
        assert page.text.count("Un <mark>casino</mark>.") == 3

    def test_text_that_would_no_longer_wait_is_told_too(self, client):
        published(reply())
        page = self.try_on(client, newcomer_posts=0)
        told = " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
        assert "1 text would not have waited, of which 1 was published in the end" in told

    def test_essays_are_quoted_on_having_it_read(self, client, term):
        duty = DutyFactory.create(term=term, slug="faire-valider")
        pro, contra = ClaimFactory.create(duty=duty), ClaimFactory.create(duty=duty)
        pro.claims_for.add(duty)
        contra.claims_against.add(duty)
        for url in (self.url, "/en/regles/"):
            sides = client.get(url).context["sides"]
            assert (sides.claiming, sides.refusing) == ([pro], [contra])


class TestRules:
    url = "/en/regles/"

    def test_tell_what_each_version_changed_by_whom_and_why(self, client, moderator):
        first = new_policy(moderator, newcomer_posts=5, words=["arnaq*"])
        new_policy(
            UserFactory.create(owner=True, name="Odile"), "Il en manquait.", words=["casino"]
        )
        page = client.get(self.url)
        told = [
            (
                version.number,
                [(str(each.label), each.before, each.after) for each in version.changes],
            )
            for version in page.context["versions"]
        ]
        posts, words = (str(policies.LABELS[name]) for name in ("newcomer_posts", "words"))
        assert told == [
            (2, [(words, "1 word", "1 word")]),
            (1, [(posts, "3", "5"), (words, "0 words", "1 word")]),
            (0, []),
        ]
        assert first.get_absolute_url() in page.text
        assert [said in page.text for said in (WHY, "Il en manquait.", "Agathe", "Odile")] == (
            [True] * 4
        )

    @pytest.mark.parametrize("role", ["visitor", "member", "community_manager"])
    def test_words_themselves_are_not_told(self, role):
        new_policy(words=["arnaq*", "casino"])
        page = client_of(person(role)).get(self.url)
        assert "a word of a list of 2" in page.text
        assert [word in page.text for word in ("arnaq", "casino")] == [False, False]

    def test_cost_the_same_with_one_version_and_three(self, client, django_assert_num_queries):
        for number in (4, 5, 6):
            new_policy(newcomer_posts=number)
            if number != 5:
                with django_assert_num_queries(RULES):
                    client.get(self.url)


class TestWaiting:
    @pytest.mark.parametrize(
        "changed, text, why",
        [
            ({}, "Bonjour.", Reason.NEWCOMER),
            ({"newcomer_posts": 0, "most_links": 0}, "https://exemple.fr", Reason.LINKS),
            ({"newcomer_posts": 0, "words": ["arnaq*"]}, "Une arnaque.", Reason.WORDS),
        ],
    )
    def test_author_is_told_why_at_once_and_on_the_text_s_page(
        self, client, essay, member, changed, text, why
    ):
        if changed:
            new_policy(**changed)
        client.force_login(member)
        sent = {"body": text, "key": str(uuid4())}
        page = client.post(f"/en/essais/{essay.slug}/repondre/", sent, follow=True)
        others = [reason.sentence for reason in Reason if reason != why]
        post = Post.objects.get()
        for told in (page.text, client.get(f"/en/messages/{post.public_id}/", follow=True).text):
            assert str(why.sentence) in told
            assert [sentence for sentence in others if str(sentence) in told] == []
            assert "arnaq*" not in told
