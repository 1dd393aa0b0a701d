"""The page of one entry of the record, and the same under the names of the European form."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from discussions.models import Action, Case
from tests.essays.factories import OriginalCommentFactory
from tests.factories import (
    FACTS,
    REASON,
    UserFactory,
    act,
    answer,
    client_of,
    complaint,
    definition,
    in_state,
    published,
    reply,
    text_of,
)

pytestmark = pytest.mark.django_db

WORD = "abracadabra"


@pytest.fixture
def post(essay):
    return published(reply(essay, UserFactory.create(name="Basile"), f"Un {WORD}."))


def parts(entry):
    page = Client().get(entry.get_absolute_url())
    return {part.name: part.text for part in page.context["parts"]}


def test_entry_is_a_complete_statement(post):
    complaint(post)
    Case.objects.update(since=timezone.now() - timedelta(hours=3))
    entry = act("hide", post, UserFactory.create(name="Zoé", community_manager=True))
    said = parts(entry)
    assert said.pop("appeal").startswith("Whom it concerns may appeal it once, until ")
    assert said == {
        "delay": "3\xa0hours",
        "measure": "The text is hidden, everywhere on the site. Its place and the replies to it "
        "stay; its author and the community managers still read it.",
        "facts": FACTS,
        "ground": "the rules of the house: off topic",
        "reason": REASON,
        "origin": "a report",
        "machine": "No machine found it, and none decided: a person did both.",
        "duration": "Without a date: until it is decided otherwise.",
        "by": "Zoé",
    }


def test_entry_names_the_law_the_end_and_who_was_alone(post, member):
    entry = act("hide", post, ground="unlawful", rule="loi de 1881")
    assert parts(entry)["ground"] == "the law: loi de 1881"
    assert parts(act("silence", member))["duration"].endswith("it then ends by itself.")
    alone = UserFactory.create(name="Seule", community_manager=True)
    for other in type(alone).objects.exclude(pk=alone.pk):
        other.role = "member"
        other.save()
    own = published(reply(author=alone))
    assert parts(act("hide", own, alone))["by"].startswith("Seule, alone: ")


def test_entry_says_where_a_machine_had_set_the_text_aside():
    links = " ".join(f"https://example.org/{n}" for n in range(9))
    entry = act("refuse", reply(body=links))
    assert parts(entry)["machine"] == (
        "A machine had set the text aside (many links); a person decided."
    )


@pytest.mark.parametrize("kind", ["reply", "definition", "answer"])
@pytest.mark.parametrize("action", ["hide", "rewrite", "refuse"])
def test_text_is_read_by_its_author_and_moderators_alone(kind, action, moderator, member):
    made = {
        "reply": lambda: reply(body=WORD),
        "definition": lambda: definition(None, ("is", WORD)),
        "answer": lambda: text_of(answer(text=WORD)),
    }[kind]()
    if (kind, action) == ("answer", "rewrite"):
        return  # nobody is there to be asked
    if action != "refuse":
        published(made)
    entry = act(action, made, marked=WORD)
    readers = [moderator, *([made.author] if made.author else [])]
    for reader in readers:
        page = client_of(reader).get(entry.get_absolute_url())
        assert WORD in page.text and "The words at fault" in page.text
    for stranger in (Client(), client_of(member)):
        page = stranger.get(entry.get_absolute_url())
        assert page.status_code == 200 and WORD not in page.text


def test_hidden_comment_is_read_by_moderators_alone(moderator, member):
    comment = OriginalCommentFactory.create()
    words = comment.text_for_moderators().split("\n")[0]
    entry = act("hide", comment)
    assert words in client_of(moderator).get(entry.get_absolute_url()).text
    for stranger in (Client(), client_of(member)):
        assert words not in stranger.get(entry.get_absolute_url()).text


def test_entry_leads_to_what_it_answers_and_what_answers_it(post):
    hidden = act("hide", post)
    restored = act("restore", post)
    page = Client().get(restored.get_absolute_url()).text
    assert "It answers:" in page and f'"{hidden.get_absolute_url()}"' in page
    page = Client().get(hidden.get_absolute_url()).text
    assert "Answered by:" in page and f'"{restored.get_absolute_url()}"' in page
    assert hidden.digest in page and hidden.previous in page
    assert f"{reverse('record')}?jusqua={hidden.number}#e{hidden.number}" in page


def test_entry_of_every_kind_of_target_has_a_page(post, member):
    comment = OriginalCommentFactory.create()
    for action, target in (
        *(("hide", comment), ("restore", comment), ("slow", post.thread), ("shut", post.thread)),
        *(("reopen", post.thread), ("warn", member), ("silence", member), ("lift", member)),
        *(("rewrite", post), ("hide", post), ("erase", post)),
    ):
        page = Client().get(act(action, target).get_absolute_url())
        assert page.status_code == 200 and str(Action(action).label) in page.text


def test_entry_that_is_none_is_no_page():
    assert Client().get("/en/journal/999999999/").status_code == 404


def test_entry_costs_the_same_whatever_was_answered(post, django_assert_num_queries):
    hidden = act("hide", post)
    client = Client()
    for _i in range(2):
        with django_assert_num_queries(3):
            client.get(hidden.get_absolute_url())
        complaint(hidden, UserFactory.create())
        act("restore" if post.state == "hidden" else "keep", post)


class TestEuropean:
    def of(self, entry):
        response = Client().get(reverse("record_statement", args=[entry.number]))
        assert response.status_code == 200
        return response.json()

    def test_says_what_is_known_and_no_more(self, post):
        complaint(post, kind="law", rule="loi de 1881", ground="unlawful")
        entry = act("hide", post, ground="unlawful", rule="loi de 1881, article 33")
        said = self.of(entry)
        assert len(said.pop("territorial_scope")) == 30
        today = timezone.localdate().isoformat()
        assert said == {
            "decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED"],
            "decision_facts": FACTS,
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": "loi de 1881, article 33",
            "illegal_content_explanation": REASON,
            "content_type": ["CONTENT_TYPE_TEXT"],
            "content_date": today,
            "category": "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE",
            "application_date": today,
            "source_type": "SOURCE_ARTICLE_16",
            "automated_detection": "No",
            "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
            "puid": str(entry.number),
        }

    def test_of_the_rules_names_the_rule(self, post):
        said = self.of(act("hide", post, ground="advertising"))
        assert said["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"
        assert said["incompatible_content_ground"] == "disguised advertising"
        assert said["incompatible_content_explanation"] == REASON
        assert said["category"] == "STATEMENT_CATEGORY_CONSUMER_INFORMATION"
        assert said["category_specification"] == ["KEYWORD_HIDDEN_ADVERTISEMENT"]
        assert said["source_type"] == "SOURCE_VOLUNTARY"

    def test_of_a_sanction_says_what_becomes_of_the_account(self, member):
        until = datetime(2040, 1, 31, 12, tzinfo=UTC)
        said = self.of(act("silence", member, until=until))
        assert said["decision_provision"] == "DECISION_PROVISION_PARTIAL_SUSPENSION"
        assert said["end_date_service_restriction"] == "2040-01-31"
        assert "decision_visibility" not in said
        said = self.of(act("exclude", member))
        assert said["decision_account"] == "DECISION_ACCOUNT_TERMINATED"

    def test_of_a_rewrite_says_which_other_measure(self, post):
        said = self.of(act("rewrite", post))
        assert said["decision_visibility"] == ["DECISION_VISIBILITY_OTHER"]
        assert said["decision_visibility_other"]

    def test_is_none_where_nothing_was_restricted(self, post, member):
        entries = [act("hide", post), act("restore", post), act("warn", member)]
        address = reverse("record_statement", args=[entries[0].number])
        assert address in Client().get(entries[0].get_absolute_url()).text
        for entry in entries[1:]:
            address = reverse("record_statement", args=[entry.number])
            assert Client().get(address).status_code == 404
            assert address not in Client().get(entry.get_absolute_url()).text

    def test_shows_no_text_and_no_name(self, post, moderator):
        entry = act("hide", post, moderator, marked=WORD)
        text = Client().get(reverse("record_statement", args=[entry.number])).text
        for word in (WORD, "Basile", moderator.name):
            assert word not in text


def test_refused_text_leaves_no_trace_of_its_author():
    refused = in_state("refused", reply(author=UserFactory.create(name="Inconnu"), body=WORD))
    page = Client().get(refused.restriction.get_absolute_url()).text
    assert "Inconnu" not in page and refused.public_id not in page
    assert reverse("appeal", args=[refused.restriction.number]) not in page
