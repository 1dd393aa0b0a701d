"""The desk and the record, as community managers and readers use them."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from discussions.models import Action, Decision, Post
from discussions.moderation import views
from tests.essays.factories import OriginalCommentFactory
from tests.factories import (
    FACTS,
    GROUND,
    REASON,
    UserFactory,
    act,
    client_of,
    definition,
    edit,
    in_state,
    published,
    reply,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(moderator):
    return client_of(moderator)


def case(target):
    if isinstance(target, Post):
        return reverse("moderation:post", args=[target.public_id])
    return reverse("moderation:comment", args=[target.essay.slug, target.ref])


def decision(action, target, **more):
    return {
        "action": action,
        "seen": target.version,
        "ground": GROUND,
        "facts": FACTS,
        "reason": REASON,
    } | more


class TestQueue:
    def test_shows_the_oldest_first_and_opens_it(self, desk):
        first, second = reply(), reply()
        edited = in_state("edited")
        in_state("hidden")
        page = desk.get(reverse("moderation:desk"))
        assert list(page.context["queue"]) == [first, second, edited]
        assert page.context["target"] == first
        assert page.context["waiting_count"] == 3

    def test_shows_what_is_hidden_the_latest_first(self, desk):
        hidden, refused = in_state("hidden"), in_state("refused")
        reply()
        page = desk.get(reverse("moderation:desk"), {"liste": "masques"})
        assert list(page.context["queue"]) == [refused, hidden]

    def test_is_clear_when_nothing_waits(self, desk):
        published(reply())
        page = desk.get(reverse("moderation:desk"))
        assert list(page.context["queue"]) == []
        assert "Nothing waits. The desk is clear." in page.text

    def test_counts_all_where_it_shows_the_first(self, desk, monkeypatch):
        monkeypatch.setattr(views, "QUEUE_LENGTH", 2)
        for _i in range(3):
            reply()
        page = desk.get(reverse("moderation:desk"))
        assert (len(page.context["queue"]), page.context["waiting_count"]) == (2, 3)


class TestCase:
    @pytest.mark.parametrize(
        "state, acts",
        [
            ("pending", ["approve", "refuse", "rewrite"]),
            ("published", ["hide", "rewrite"]),
            ("edited", ["approve", "refuse", "hide", "rewrite"]),
            ("hidden", ["restore", "erase"]),
            ("refused", ["restore", "erase"]),
            ("withdrawn", []),
            ("dropped", []),
        ],
    )
    @pytest.mark.parametrize("kind", [reply, definition])
    def test_offers_what_the_state_allows(self, desk, state, acts, kind):
        page = desk.get(case(in_state(state, kind())))
        assert [a for a in Action.values if f'name="action" value="{a}"' in page.text] == acts

    @pytest.mark.parametrize(
        "state, action, outcome",
        [
            ("pending", "approve", "published"),
            ("pending", "refuse", "hidden"),
            ("published", "hide", "hidden"),
            ("hidden", "restore", "published"),
        ],
    )
    def test_is_decided_and_the_next_one_is_opened(self, desk, state, action, outcome, moderator):
        post = in_state(state)
        following = reply()
        page = desk.post(case(post), decision(action, post), follow=True)
        post.refresh_from_db()
        entry = Decision.objects.first()
        assert (post.state, entry.action, entry.by) == (outcome, action, moderator)
        assert page.redirect_chain == [(reverse("moderation:desk"), 302)]
        assert page.context["target"] == following
        assert f'href="{entry.get_absolute_url()}"' in page.text

    def test_of_an_original_comment_is_decided(self, desk):
        comment = OriginalCommentFactory.create()
        assert desk.post(case(comment), decision("hide", comment)).status_code == 302
        comment.refresh_from_db()
        assert (comment.state, comment.withheld_by) == ("hidden", 1)
        assert comment.text_for_moderators() in desk.get(case(comment)).text

    def test_of_one_s_own_text_is_somebody_else_s(self, moderator, desk):
        post = reply(author=moderator)
        UserFactory.create(community_manager=True)
        page = desk.get(case(post))
        assert "Nobody decides on their own text" in page.text
        assert 'name="action"' not in page.text
        page = desk.post(case(post), decision("hide", post))
        assert (page.status_code, Decision.objects.count()) == (422, 0)
        assert "Nobody decides on their own text" in page.text

    @pytest.mark.parametrize(
        "state, action, missing",
        [
            ("pending", "refuse", "ground"),
            ("pending", "refuse", "reason"),
            ("published", "hide", "ground"),
            ("published", "hide", "reason"),
            ("hidden", "restore", "reason"),
        ],
    )
    def test_restriction_without_ground_or_reason_is_said_at_the_field(
        self, desk, state, action, missing
    ):
        post = in_state(state)
        entries = Decision.objects.count()
        page = desk.post(case(post), decision(action, post, **{missing: ""}))
        assert page.status_code == 422
        form = page.context["form"]
        assert list(form.errors) == [missing]
        kept = {"ground": GROUND, "facts": FACTS, "reason": REASON} | {missing: ""}
        assert {name: form[name].value() for name in kept} == kept
        assert REASON in page.text or missing == "reason"
        assert Decision.objects.count() == entries

    def test_second_moderator_is_told_and_overwrites_nothing(self, desk):
        post = reply()
        late = decision("refuse", post)
        first = act("approve", post)
        page = desk.post(case(post), late)
        assert page.status_code == 422
        assert "This text, or its state, has changed since you opened it." in page.text
        assert REASON in page.text
        post.refresh_from_db()
        assert (post.state, Decision.objects.first()) == ("published", first)

    def test_form_shows_the_text_as_it_is_now(self, desk):
        post = reply(body="Avant.")
        late = decision("approve", post)
        edit(post, "Après.")
        page = desk.post(case(post), late)
        assert (page.status_code, "<p>Après.</p>" in page.text) == (422, True)
        post.refresh_from_db()
        assert page.context["version"] == post.version

    def test_text_that_was_withdrawn_meanwhile_is_told(self, desk):
        post = reply()
        late = decision("refuse", post)
        in_state("dropped", post)
        page = desk.post(case(post), late)
        assert (page.status_code, Decision.objects.count()) == (422, 0)
        assert "This text, or its state, has changed since you opened it." in page.text

    @pytest.mark.parametrize("more", [{"action": ""}, {"action": "erase"}, {"seen": ""}])
    def test_damaged_form_decides_nothing(self, desk, more):
        post = reply()
        assert desk.post(case(post), decision("approve", post) | more).status_code == 422
        assert not Decision.objects.exists()

    def test_shows_the_thread_around_it(self, desk, essay):
        above = published(reply(essay, body="Au-dessus."))
        post = published(reply(above, body="Jugé."))
        published(reply(post, body="Au-dessous."))
        page = desk.get(case(post))
        assert ["Au-dessus." in page.text, "Au-dessous." in page.text] == [True, True]

    def test_is_not_open_to_members(self, member):
        post = reply()
        client = client_of(member)
        assert client.post(case(post), decision("approve", post)).status_code == 403
        assert not Decision.objects.exists()

    def test_of_nothing_is_not_found(self, desk):
        for address in ("/moderation/messages/zzz/", "/moderation/commentaires/a/c1/"):
            assert desk.get(address).status_code == 404


class TestJournal:
    def test_shows_entries_the_latest_first_to_everyone(self, client):
        post = in_state("hidden")
        page = client.get(reverse("record"))
        assert [entry.number for entry in page.context["entries"]] == [2, 1]
        assert REASON in page.text
        assert post.author.name in page.text

    def test_goes_on_a_page_at_a_time(self, client, monkeypatch):
        monkeypatch.setattr(views, "ENTRIES_PER_PAGE", 2)
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
        page = client.get(entry.get_absolute_url())
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


def test_thread_says_how_many_are_hidden_and_where_to_check(essay):
    in_state("hidden", reply(essay))
    page = Client().get(reverse("essays:detail", args=[essay.slug]))
    assert "1 message is hidden; its reason stands in its place." in page.text
