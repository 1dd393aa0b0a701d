"""The record's page and what threads say of it, as readers see them."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from discussions import complaints
from discussions.hiding import hidden_in
from discussions.models import Action, Month, Post, Thread
from discussions.models.decisions import Duty
from discussions.moderation import journal, record
from discussions.moderation.undoing import undo
from tests.essays.factories import (
    ClaimFactory,
    DutyFactory,
    TermFactory,
)
from tests.factories import (
    FACTS,
    REASON,
    SAID,
    UserFactory,
    act,
    client_of,
    edit,
    in_state,
    published,
    reply,
    withdrawn,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_pace(settings):
    settings.POST_LIMITS = []


def numbers(client, **query):
    """The entries that the page shows."""
    page = client.get(reverse("record"), query)
    return [entry.number for entry in page.context["entries"]]


def text_of_page(client, **query):
    return " ".join(client.get(reverse("record"), query).text.split())


class TestJournal:
    def test_shows_entries_the_latest_first_to_everyone(self, client):
        post = in_state("hidden")
        page = client.get(reverse("record"))
        assert [entry.number for entry in page.context["entries"]] == [2, 1]
        assert REASON in page.text
        assert post.author.name in page.text

    def test_goes_on_a_page_at_a_time(self, client, monkeypatch):
        monkeypatch.setattr(journal, "ENTRIES_PER_PAGE", 2)
        for _i in range(5):
            published(reply())
        seen, address = [], reverse("record")
        while True:
            page = client.get(address)
            seen += [entry.number for entry in page.context["entries"]]
            if page.context["next"] is None:
                break
            address = f"{reverse('record')}?jusqua={page.context['next']}"
        assert seen == [5, 4, 3, 2, 1]

    def test_entry_s_address_leads_to_it(self, client):
        entry = act("approve", reply())
        published(reply())
        link = f"{reverse('record')}?jusqua=1#e1"
        assert f'href="{link}"' in client.get(entry.get_absolute_url()).text
        page = client.get(link)
        assert [e.number for e in page.context["entries"]] == [1]
        assert 'id="e1"' in page.text

    @pytest.mark.parametrize("until", ["x", "-1", "²", "", "1.5"])
    def test_what_is_no_number_begins_at_the_end(self, client, until):
        published(reply())
        page = client.get(reverse("record"), {"jusqua": until})
        assert [entry.number for entry in page.context["entries"]] == [1]

    def test_of_nothing_says_so(self, client):
        assert "No decision yet." in client.get(reverse("record")).text

    def test_download_holds_every_entry_oldest_first(self, client):
        in_state("hidden")
        response = client.get(reverse("record_export"))
        entries = [json.loads(line) for line in response.getvalue().splitlines()]
        assert [entry["number"] for entry in entries] == [1, 2]
        assert response.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
        assert entries[1]["reason"] == [FACTS, REASON]

    def test_emptied_names_leave_who_decided_to_be_named_by_their_account(self, client):
        post = reply()
        entry = act("approve", post)
        type(entry.payload).objects.update(by_name="", author_name="", names_salt="")
        page = client.get(reverse("record"))
        assert post.author.name not in page.text
        assert entry.by.name in page.text


class TestEntry:
    """What the page says of an act, whatever it was on."""

    def test_says_what_led_to_it_how_long_it_waited_and_until_when(self, client):
        member = UserFactory.create(name="Marthe")
        until = timezone.now() + timedelta(days=7)
        act("silence", member, until=until)
        page = text_of_page(client)
        assert f'<a href="{member.get_absolute_url()}">Marthe</a>' in page
        assert FACTS in page and REASON in page
        assert "Led to by: own initiative." in page and "Until " in page
        act("approve", reply())
        assert "at the desk." in text_of_page(client)

    def test_of_the_clock_is_called_automatic(self, client, essay):
        record.enter(Action.CLOSE, None, reply(essay).thread)
        page = text_of_page(client)
        assert "By <b>the clock, on the date set</b>" in page and "Automatic." in page

    def test_of_a_single_moderator_says_so(self, client, essay):
        record.enter(Action.SHUT, UserFactory.create(), reply(essay).thread, said=SAID, alone=True)
        assert "there was nobody else" in text_of_page(client)

    def test_names_each_kind_of_target(self, client, essay):
        thread = published(reply(essay)).thread
        month = Month.objects.create(first="2026-10-01", figures={})
        for target in (thread, month, UserFactory.create(name="Marthe")):
            target.refresh_from_db()
            record.enter(Action.COUNT, UserFactory.create(), target, duty=Duty.REPORT)
        page = text_of_page(client)
        assert f"discussion of essay {essay.number}" in page
        assert "October 2026" in page and "Marthe" in page
        assert client.get(reverse("feeds:record")).status_code == 200

    def test_leads_to_what_it_undoes_and_to_what_undid_it(self, client):
        moderator = UserFactory.create(community_manager=True)
        entry = act("approve", reply(), moderator)
        undo(entry, moderator)
        page = text_of_page(client)
        assert f'Undoes <a href="{entry.get_absolute_url()}">entry 1</a>.' in page
        assert "Undone by <a" in page

    def test_says_what_came_of_an_appeal_and_nothing_of_its_words(self, client):
        post = in_state("hidden")
        complaints.appeal(post.restriction, post.author, "SECRET", form_key=uuid4())
        assert "Appeal under way." in text_of_page(client)
        act("restore", post)
        page = text_of_page(client)
        assert "Appeal granted by <a" in page and "Led to by: an appeal." in page
        assert "Appeal under way." not in page and "SECRET" not in page

    def test_says_that_a_reader_s_second_look_was_declined(self, client):
        entry = act("approve", reply())
        reader = UserFactory.create()
        complaints.appeal(entry, reader, "SECRET", form_key=uuid4())
        assert "A reader has asked for a second look." in text_of_page(client)
        act("keep", entry.post)
        page = text_of_page(client)
        assert "second look was declined by <a" in page
        assert "SECRET" not in page and reader.name not in page

    def test_never_tells_the_words_at_fault(self, client):
        post = published(reply(body="Un mot interdit."))
        act("hide", post, marked="interdit")
        assert "interdit" not in text_of_page(client)
        assert "interdit" not in client.get(reverse("feeds:record")).text

    def test_links_its_duty_to_where_the_essays_argue_about_it(self, client):
        duty = DutyFactory.create(slug="moderer", name="modérer", term=TermFactory.create())
        one, again, other = ClaimFactory.create_batch(3)
        for claim in (one, again):
            claim.claims_for.add(duty)
        other.claims_against.add(duty)
        act("approve", reply())
        page = text_of_page(client)
        assert f'href="{reverse("role")}#moderer"' in page
        for claim in (one, other):
            assert f'href="{claim.address}"' in page

    def test_gives_the_duty_s_name_alone_where_the_essays_know_none(self, client):
        act("approve", reply())
        page = text_of_page(client)
        assert "exercising the duty of moderating" in page and "claimed by" not in page


class TestFilters:
    @pytest.fixture
    def entries(self, essay):
        """1 approve, 2 hide (both in the essay's thread), 3 approve, 4 silence, 5 restore."""
        agathe = UserFactory.create(name="Agathe", community_manager=True)
        hidden = reply(essay)
        act("approve", hidden, agathe)
        act("hide", hidden, ground="attack")
        published(reply())
        act("silence", UserFactory.create(), agathe)
        complaints.appeal(hidden.restriction, hidden.author, "Non.", form_key=uuid4())
        act("restore", hidden)

    @pytest.mark.parametrize(
        "query, found",
        [
            ({"acte": "approve"}, [3, 1]),
            ({"acte": "approve", "jusqua": "2"}, [1]),
            ({"motif": "attack"}, [2]),
            ({"devoir": "moderate"}, [5, 4, 3, 2, 1]),
            ({"devoir": "report"}, []),
            ({"moderateur": "agathe"}, [4, 1]),
            ({"moderateur": "Agathe", "acte": "silence"}, [4]),
            ({"origine": "appeal"}, [5]),
            ({"origine": "own"}, [4, 3, 2, 1]),
            ({"recours": "on"}, [2]),
            ({"mois": f"{timezone.localdate():%Y-%m}"}, [5, 4, 3, 2, 1]),
        ],
    )
    def test_narrows_to(self, entries, client, query, found):
        assert numbers(client, **query) == found

    def test_narrows_to_a_thread(self, entries, client, essay):
        page = client.get(reverse("record"), {"fil": essay.thread.pk})
        assert [entry.number for entry in page.context["entries"]] == [5, 2, 1]
        assert "Only what concerns this thread:" in page.text

    def test_does_not_tell_in_which_thread_a_text_stands_that_nobody_saw(self, client, essay):
        in_state("refused", reply(essay))
        assert numbers(client) == [1]
        assert numbers(client, fil=essay.thread.pk) == []

    @pytest.mark.parametrize(
        "query",
        [
            *({"acte": "x"}, {"motif": "x"}, {"mois": "2026-13"}, {"moderateur": "Personne"}),
            *({"fil": "x"}, {"fil": "9" * 40}, {"moderateur": "a\0"}),
        ],
        ids=str,
    )
    def test_value_that_means_nothing_is_passed_over(self, entries, client, query):
        assert numbers(client, **query) == [5, 4, 3, 2, 1]

    def test_unknown_name_is_said_at_its_field_and_kept(self, entries, client):
        page = client.get(reverse("record"), {"moderateur": "Personne"})
        assert "Nobody has that name here." in page.text and 'value="Personne"' in page.text

    def test_finding_nothing_says_so_and_leads_back(self, entries, client):
        assert "No entry of the record answers to that." in text_of_page(client, acte="exclude")

    def test_goes_on_a_page_at_a_time_within_the_same(self, entries, client, monkeypatch):
        monkeypatch.setattr(journal, "ENTRIES_PER_PAGE", 1)
        page = client.get(reverse("record"), {"acte": "approve"})
        assert 'href="?acte=approve&amp;jusqua=1"' in page.text


class TestThreadAgainstRecord:
    """Each thread counts its hidden texts, and the entries that hide them, from both sides."""

    def counts(self, essay):
        return hidden_in(Thread.objects.get(essay=essay))

    def page(self, essay):
        return " ".join(Client().get(essay.get_absolute_url()).text.split())

    def test_nothing_is_hidden(self, essay):
        published(reply(essay))
        in_state("refused", reply(essay))
        assert self.counts(essay) == (0, 0)
        assert "No message is hidden here." in self.page(essay)

    def test_as_many_are_hidden_as_entries_say(self, essay):
        for _i in range(2):
            in_state("hidden", reply(essay))
        in_state("hidden")
        page = self.page(essay)
        assert self.counts(essay) == (2, 2)
        assert "<b>2 hidden messages = 2 entries of the record</b>" in page
        assert f'href="{reverse("record")}?fil={essay.thread.pk}"' in page

    @pytest.mark.parametrize("acts, count", [
        (["hide", "restore"], 0), (["hide", "restore", "hide"], 1), (["hide", "erase"], 1),
        (["hide", "undo"], 0), (["hide", "restore", "undo"], 1), (["undo"], 1),
        (["undo", "restore"], 0), (["undo", "hide", "restore"], 0), (["rewrite", "hide"], 1),
        (["edit", "refuse", "hide"], 1), (["edit", "approve", "undo"], 0),
        (["edit", "refuse", "undo"], 0), (["hide", "restore", "edit", "approve", "undo"], 0),
    ])  # fmt: skip
    def test_agree_after(self, essay, acts, count):
        moderator = UserFactory.create(community_manager=True)
        post = reply(essay)
        last = act("approve", post, moderator)
        for what in acts:
            if what == "undo":
                last = undo(last, moderator)
            elif what == "edit":
                edit(post, f"Version {len(acts)} {last.number}.")
            else:
                last = act(what, post, moderator)
            post.refresh_from_db()
        assert self.counts(essay) == (count, count)

    def test_withdrawn_text_is_not_counted(self, essay):
        withdrawn(published(reply(essay)))
        assert self.counts(essay) == (0, 0)

    def test_differ_where_a_text_was_hidden_past_the_record(self, essay):
        other = in_state("hidden").restriction
        post = published(reply(essay))
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE discussions_post SET state = 'hidden', restriction_id = %s WHERE id = %s",
                [other.pk, post.pk],
            )
        page = self.page(essay)
        assert self.counts(essay) == (1, 0)
        assert "<b>1 hidden message ≠ 0 entries of the record</b>" in page
        assert "The two should be equal" in page and "hidden-check--not" in page

    def test_differ_where_a_text_was_brought_back_past_the_record(self, essay):
        post = in_state("hidden", reply(essay))
        Post.objects.filter(pk=post.pk).update(state="published", restriction=None)
        assert self.counts(essay) == (0, 1)
        assert "<b>0 hidden messages ≠ 1 entry of the record</b>" in self.page(essay)

    def test_is_told_to_members_too(self, essay):
        in_state("hidden", reply(essay))
        page = client_of(UserFactory.create()).get(essay.get_absolute_url()).text
        assert "1 hidden message" in page and "1 entry of the record" in page
