"""The desk, as community managers use it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from discussions import complaints
from discussions.models import (
    Action,
    Case,
    Complaint,
    Decision,
    Note,
    Post,
    ReadyReason,
    Suggestion,
)
from discussions.moderation import queue
from discussions.moderation.decisions import version_of
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
    return queue.address_of(target)


def decision(action, target, **more):
    return {
        "action": action,
        "seen": version_of(target),
        "ground": GROUND,
        "facts": FACTS,
        "reason": REASON,
    } | more


def report(target, kind="rules", **more: Any):
    sent: dict[str, Any] = {"by": UserFactory.create(), "ground": GROUND, "words": "Voyez."} | more
    complaint = complaints.report(target, kind, form_key=uuid4(), **sent)
    target.refresh_from_db()
    return complaint


def law_report(target):
    return report(
        target, "law", by=None, ground="", rule="une loi", name="N", email="n@example.org"
    )


def appeal(entry, by):
    return complaints.appeal(entry, by, "Je ne suis pas d’accord.", form_key=uuid4())


def in_queue(page):
    return [item.target for item in page.context["items"]]


class TestQueue:
    def test_shows_the_oldest_first_and_opens_it(self, desk):
        first, second = reply(), reply()
        edited = in_state("edited")
        in_state("hidden")
        page = desk.get(reverse("moderation:desk"))
        assert in_queue(page) == [first, second, edited]
        assert page.context["target"] == first
        assert page.context["waiting_count"] == 3

    def test_shows_the_gravest_first_whatever_it_is_about(self, desk, moderator):
        newcomer = reply()
        reported, comment = published(reply()), OriginalCommentFactory.create()
        member = UserFactory.create()
        thread = published(reply()).thread
        for by in (UserFactory.create(), UserFactory.create()):
            report(reported, by=by)
        law_report(comment)
        appeal(act("warn", member), member)
        appeal(act("slow", thread), UserFactory.create())
        page = desk.get(reverse("moderation:desk"))
        assert in_queue(page) == [comment, reported, member, thread, newcomer]
        assert [item.level for item in page.context["items"]] == [4, 3, 3, 2, 1]
        assert [item.why for item in page.context["items"]] == [
            ["reported as unlawful"],
            ["reported, 2 times"],
            ["appeal"],
            ["a second look is asked for"],
            ["the first posts of a new member"],
        ]

    def test_is_filtered_by_the_gravest_reason(self, desk):
        newcomer, reported = reply(), published(reply())
        report(reported)
        page = desk.get(reverse("moderation:desk"), {"raison": "report"})
        assert in_queue(page) == [reported]
        assert [code for code, _label, _query in page.context["reasons"]] == ["report", "newcomer"]
        page = desk.get(reverse("moderation:desk"), {"raison": "newcomer"})
        assert in_queue(page) == [newcomer]
        page = desk.get(reverse("moderation:desk"), {"raison": "appeal"})
        assert "Nothing waits for that reason." in page.text

    def test_goes_on_a_page_at_a_time(self, desk, monkeypatch):
        monkeypatch.setattr(queue, "LENGTH", 2)
        posts = [reply() for _i in range(3)]
        first = desk.get(reverse("moderation:desk"))
        assert (in_queue(first), first.context["waiting_count"]) == (posts[:2], 3)
        assert 'href="/en/moderation/?page=2"' in first.text
        assert in_queue(desk.get(reverse("moderation:desk"), {"page": 2})) == posts[2:]

    @pytest.mark.parametrize("page", ["9", "0", "x", "²", "-1"])
    def test_begins_again_where_there_is_no_such_page(self, desk, page):
        post = reply()
        assert in_queue(desk.get(reverse("moderation:desk"), {"page": page})) == [post]

    def test_shows_what_is_hidden_the_latest_first(self, desk):
        hidden, refused = in_state("hidden"), in_state("refused")
        reply()
        page = desk.get(reverse("moderation:desk"), {"liste": "masques"})
        assert in_queue(page) == [refused, hidden]

    def test_is_clear_when_nothing_waits(self, desk):
        published(reply())
        page = desk.get(reverse("moderation:desk"))
        assert in_queue(page) == []
        assert "Nothing waits. The desk is clear." in page.text

    def test_opens_nothing_that_somebody_else_decides_or_looks_at(self, desk, moderator):
        other = UserFactory.create(community_manager=True)
        own, looked_at, free = reply(author=UserFactory.create()), reply(), reply()
        Post.objects.filter(pk=own.pk).update(author=moderator)
        client_of(other).get(case(looked_at))
        assert desk.get(reverse("moderation:desk")).context["target"] == free


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
        opened = following if state == "pending" else post  # what waited in no queue stays open
        assert page.redirect_chain == [(case(opened) + "#case", 302)]
        assert page.context["target"] == opened
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


class TestNext:
    """What opens by itself after a decision."""

    def after(self, desk, target, query=""):
        page = desk.post(case(target) + query, decision("approve", target), follow=True)
        return page.context["target"]

    def test_is_the_one_that_came_after_in_the_queue(self, desk):
        _first, second, third = reply(), reply(), reply()
        assert self.after(desk, second) == third

    def test_is_the_first_again_after_the_last(self, desk):
        first, _second, third = reply(), reply(), reply()
        assert self.after(desk, third) == first

    def test_is_none_that_somebody_else_looks_at(self, desk):
        first, second, third = reply(), reply(), reply()
        client_of(UserFactory.create(community_manager=True)).get(case(second))
        assert self.after(desk, first) == third

    def test_is_none_that_one_may_not_decide_on(self, desk, moderator):
        UserFactory.create(community_manager=True)
        first, second, third = reply(), reply(), reply()
        Post.objects.filter(pk=second.pk).update(author=moderator)
        assert self.after(desk, first) == third

    def test_stays_within_the_filter(self, desk):
        post, reported = reply(), published(reply())
        report(reported)
        assert self.after(desk, post, "?raison=newcomer") is None

    def test_is_nothing_when_the_queue_is_clear(self, desk):
        page = desk.post(case(post := reply()), decision("approve", post), follow=True)
        assert (page.context["target"], "The desk is clear." in page.text) == (None, True)


class TestUndo:
    def test_is_offered_after_an_act_and_takes_it_back(self, desk, moderator):
        post, following = reply(), reply()
        page = desk.post(case(post), decision("refuse", post), follow=True)
        entry = page.context["last_act"]
        assert (entry.post, page.context["target"]) == (post, following)
        address = reverse("moderation:undo", args=[entry.number])
        assert f'action="{address}"' in page.text
        page = desk.post(address, follow=True)
        post.refresh_from_db()
        assert (post.state, page.context["target"]) == ("pending", post)
        assert "Undone: entry 1 is taken back by" in page.text
        assert [e.action for e in Decision.objects.order_by("number")] == ["refuse", "undo"]
        assert page.context["last_act"] is None

    def test_is_not_offered_when_it_would_be_refused(self, desk, moderator):
        post = reply(body="Avant.")
        act("approve", post, by=moderator)
        edit(post, "Après.")
        assert desk.get(reverse("moderation:desk")).context["last_act"] is None

    def test_of_somebody_else_s_act_is_refused_aloud(self, desk):
        entry = act("refuse", reply())
        page = desk.post(reverse("moderation:undo", args=[entry.number]), follow=True)
        assert "A decision is taken back within minutes" in page.text
        assert Decision.objects.count() == 1

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_is_not_for_members(self, member, method):
        entry = act("refuse", reply())
        answer = getattr(client_of(member), method)(reverse("moderation:undo", args=[entry.number]))
        assert (answer.status_code, Decision.objects.count()) == (403, 1)

    def test_of_an_unknown_entry_is_not_found(self, desk):
        assert desk.post(reverse("moderation:undo", args=[9])).status_code == 404


class TestChanges:
    """What changed since the last look."""

    def runs(self, page):
        return [(run.kind, run.text) for run in page.context["changes"].get("runs", [])]

    def test_of_a_new_version_are_those_since_the_published_one(self, desk):
        post = edit(published(reply(body="Un vieux mot.")), "Un autre mot.")
        page = desk.get(case(post))
        assert self.runs(page) == [
            ("same", "Un "),
            ("gone", "vieux"),
            ("new", "autre"),
            ("same", " mot."),
        ]
        assert "What it changes in the version that readers see now" in page.text

    def test_of_a_rewritten_text_are_those_since_the_judged_one(self, desk):
        post = reply(body="Sale mot.")
        act("rewrite", post, marked="Sale")
        edit(post, "Joli mot.")
        page = desk.get(case(post))
        assert self.runs(page) == [("gone", "Sale"), ("new", "Joli"), ("same", " mot.")]
        assert "What it changes in version 1, judged before" in page.text
        assert "<q>Sale</q>" in page.text

    def test_of_a_first_version_are_none(self, desk):
        assert desk.get(case(reply())).context["changes"] == {}

    def test_after_a_refusal_are_those_since_it_was_opened(self, desk):
        post = reply(body="Avant cela.")
        late = decision("approve", post)
        edit(post, "Après cela.")
        page = desk.post(case(post), late)
        assert self.runs(page) == [("gone", "Avant"), ("new", "Après"), ("same", " cela.")]
        assert "What has changed since you opened it (version 1)" in page.text


class TestComplaints:
    def test_are_shown_with_who_asks_and_how_often_they_were_right(self, desk):
        by = UserFactory.create(name="Rachid")
        for action in ("hide", "hide", "keep"):
            post = published(reply())
            report(post, by=by)
            act(action, post)
        post = published(reply())
        report(post, by=by, words="Il s’en prend à elle.")
        law_report(post)
        page = desk.get(case(post))
        first, second = page.context["complaints"]
        assert (first.complaint.by, first.right, first.wrong) == (by, 2, 1)
        assert (second.complaint.who, second.complaint.rule) == ("N", "une loi")
        assert "Il s’en prend à elle." in page.text
        assert "2 reports of theirs were right, 1 was not." in page.text

    def test_are_answered_by_leaving_the_text_as_it_is(self, desk):
        post = published(reply())
        complaint = report(post)
        desk.post(case(post), decision("keep", post))
        complaint.refresh_from_db()
        assert (complaint.state, Case.objects.count()) == (Complaint.State.DECLINED, 0)

    def test_and_notes_on_one_s_own_text_are_not_for_oneself(self, desk, moderator):
        other = UserFactory.create(community_manager=True)
        post = reply(author=moderator)  # whose texts do not wait
        report(post, words="Mot du signalement.")
        Note.objects.create(post=post, by=other, body="Mot de la note.")
        own, theirs = (client.get(case(post)).text for client in (desk, client_of(other)))
        words = ("Mot du signalement.", "Mot de la note.")
        assert [word in own for word in words] == [False, False]
        assert [word in theirs for word in words] == [True, True]

    def test_against_an_entry_name_it(self, desk, member):
        entry = act("silence", member)
        appeal(entry, member)
        page = desk.get(case(member))
        assert f'href="{entry.get_absolute_url()}"' in page.text
        assert "Je ne suis pas d’accord." in page.text


class TestNotes:
    def test_are_kept_for_other_moderators(self, desk, moderator):
        post = reply()
        page = desk.post(case(post), {"note": "  Je connais cet auteur. "}, follow=True)
        note = Note.objects.get()
        assert (note.target, note.by, note.body) == (post, moderator, "Je connais cet auteur.")
        other = client_of(UserFactory.create(community_manager=True))
        assert "Je connais cet auteur." in other.get(case(post)).text
        assert not Decision.objects.exists()
        assert "Your note is kept" in page.text

    def test_that_say_nothing_are_not_kept(self, desk):
        desk.post(case(reply()), {"note": "  "})
        assert not Note.objects.exists()

    def test_are_on_every_kind_of_case(self, desk, member):
        targets = [OriginalCommentFactory.create(), member, published(reply()).thread]
        for target in targets:
            desk.post(case(target), {"note": "Un mot."})
        assert [note.target for note in Note.objects.all()] == targets


@pytest.fixture
def trainee():
    return UserFactory.create(name="Stella", role="trainee")


class TestTrainee:
    def propose(self, trainee, post, action="refuse", **more):
        return client_of(trainee).post(case(post), decision(action, post, **more), follow=True)

    def test_proposes_and_decides_nothing(self, trainee):
        post = reply()
        page = self.propose(trainee, post)
        suggestion = Suggestion.objects.get()
        assert (suggestion.target, suggestion.by, suggestion.action) == (post, trainee, "refuse")
        assert suggestion.said == {"ground": GROUND, "facts": FACTS, "reason": REASON}
        assert (Decision.objects.count(), "Proposed:" in page.text) == (0, True)
        assert Case.objects.get().reasons == [["newcomer", 1], ["suggested", 1]]

    def test_may_change_their_proposal(self, trainee):
        post = reply()
        self.propose(trainee, post)
        self.propose(trainee, post, "approve", ground="", facts="", reason="")
        assert Suggestion.objects.get().action == "approve"

    def test_does_not_replace_somebody_else_s(self, trainee):
        post = reply()
        self.propose(UserFactory.create(role="trainee"), post)
        page = self.propose(trainee, post, "approve")
        assert "Somebody else has proposed a decision here" in page.text
        assert Suggestion.objects.get().action == "refuse"

    @pytest.mark.parametrize("missing", ["ground", "reason"])
    def test_owes_the_same_statement(self, trainee, missing):
        page = self.propose(trainee, reply(), **{missing: ""})
        assert (page.status_code, list(page.context["form"].errors)) == (422, [missing])
        assert not Suggestion.objects.exists()

    def test_proposes_on_what_they_saw_only(self, trainee):
        post = reply(body="Avant.")
        late = decision("refuse", post)
        edit(post, "Après.")
        page = client_of(trainee).post(case(post), late)
        assert "has changed since you opened it" in page.text
        assert not Suggestion.objects.exists()

    def test_proposes_nothing_on_their_own_exchange(self, trainee):
        post = reply(author=trainee)
        page = self.propose(trainee, post, "hide")
        assert (page.status_code, Suggestion.objects.count()) == (422, 0)

    def test_is_named_by_the_entry_that_confirms(self, trainee, desk, moderator):
        post = reply()
        self.propose(trainee, post)
        page = desk.get(case(post))
        assert "Stella proposes: Refuse" in page.text
        form = page.context["form"]
        said = {name: form[name].value() for name in ("ground", "facts", "reason")}
        assert said == {"ground": GROUND, "facts": FACTS, "reason": REASON}
        suggestion = Suggestion.objects.get()
        desk.post(case(post), decision("refuse", post, suggestion=suggestion.pk))
        entry = Decision.objects.get()
        suggestion.refresh_from_db()
        assert (entry.by, entry.payload.proposer_name) == (moderator, "Stella")
        assert suggestion.decision == entry

    def test_is_not_named_by_another_act(self, trainee, desk):
        post = reply()
        self.propose(trainee, post)
        desk.post(case(post), decision("approve", post, suggestion=1))
        assert Decision.objects.get().payload.proposer_name == ""

    def test_has_the_length_of_a_silence_kept(self, trainee, desk, member):
        self.propose(trainee, member, "silence", days=14)
        assert desk.get(case(member)).context["form"]["days"].value() == 14

    def test_decides_on_several_no_more_than_on_one(self, trainee):
        client, post = client_of(trainee), reply()
        assert 'id="several"' not in client.get(reverse("moderation:desk")).text
        client.post(reverse("moderation:several"), TestSeveral.form("approve", post))
        assert not Decision.objects.exists()


class TestReadyReason:
    @pytest.fixture
    def ready(self):
        return ReadyReason.objects.create(
            name="Publicité", ground="advertising", facts="Un lien.", reason="Il vend."
        )

    def test_fills_the_statement_without_script(self, desk, ready):
        page = desk.get(case(reply()), {"motif": ready.pk})
        form = page.context["form"]
        said = [form[name].value() for name in ("ground", "facts", "reason")]
        assert said == ["advertising", "Un lien.", "Il vend."]
        assert page.context["statement_open"]

    @pytest.mark.parametrize("wanted", ["", "99", "x"])
    def test_that_is_unknown_fills_nothing(self, desk, ready, wanted):
        page = desk.get(case(reply()), {"motif": wanted})
        assert page.context["form"]["reason"].value() is None

    def test_is_not_offered_where_nothing_is_restricted(self, desk, ready):
        comment = OriginalCommentFactory.create()
        act("hide", comment)
        assert desk.get(case(comment)).context["ready"] == []


class TestAlone:
    def test_one_may_decide_and_is_told_that_the_entry_says_so(self, desk, moderator):
        post = reply(author=moderator)
        page = desk.get(case(post))
        assert "There is nobody else: you may decide, and the statement says so." in page.text
        desk.post(case(post), decision("hide", post))
        assert Decision.objects.get().alone

    def test_rival_of_one_s_own_definition_is_not_for_oneself_to_hide(self, desk, moderator):
        UserFactory.create(community_manager=True)
        own = definition(moderator)
        rival = published(definition(relation="contradicts", related=own))
        page = desk.get(case(rival))
        assert "It contradicts a definition of yours" in page.text
        assert [act.action for act in page.context["acts"]] == ["rewrite"]


class TestMember:
    @pytest.mark.parametrize("action", ["warn", "silence", "exclude"])
    def test_is_sanctioned_and_the_case_says_so(self, desk, member, action):
        more = {"days": 7} if action == "silence" else {}
        page = desk.post(case(member), decision(action, member, **more), follow=True)
        entry = Decision.objects.get()
        assert (entry.action, entry.member) == (action, member)
        assert [e.number for e in page.context["sanctions"]] == [1] * (action != "warn")
        if action == "silence":
            assert (entry.until - entry.at + timedelta(minutes=1)).days == 7

    def test_is_silenced_for_a_time_only(self, desk, member):
        page = desk.post(case(member), decision("silence", member))
        assert (page.status_code, list(page.context["form"].errors)) == (422, ["days"])

    def test_gets_their_voice_back(self, desk, member):
        act("silence", member)
        desk.post(case(member), decision("lift", member))
        assert desk.get(case(member)).context["sanctions"].count() == 0

    def test_who_moderates_is_not_decided_on(self, desk):
        other = UserFactory.create(community_manager=True)
        assert desk.get(case(other)).context["acts"] == []

    def test_has_their_history_with_each_of_their_texts(self, desk, member):
        refused, post = in_state("refused", reply(author=member)), reply(author=member)
        act("warn", member)
        page = desk.get(case(post))
        assert [entry.action for entry in page.context["on_person"]] == ["warn", "refuse"]
        assert page.context["figures"] == {"hidden": 1, "pending": 1}
        assert in_texts(desk.get(case(member))) == [post, refused]

    def test_page_leads_moderators_there(self, desk, member):
        link = f'href="{case(member)}"'
        page = member.get_absolute_url()
        assert [link in client.get(page).text for client in (desk, Client())] == [True, False]

    @pytest.mark.parametrize("name", ["Personne", "a%00b"])
    def test_who_is_nobody_is_not_found(self, desk, name):
        assert desk.get(f"/en/moderation/membres/{name}/").status_code == 404


def in_texts(page):
    return page.context["texts"]


class TestThread:
    def test_is_slowed_closed_and_opened_again(self, desk, essay):
        thread = published(reply(essay)).thread
        for action, left in (
            ("slow", ["reopen", "shut"]),
            ("shut", ["reopen"]),
            ("reopen", ["slow", "shut"]),
        ):
            page = desk.post(case(thread), decision(action, thread), follow=True)
            thread.refresh_from_db()
            assert [act.action for act in page.context["acts"]] == left

    def test_has_its_latest_texts_and_what_waits_there(self, desk, essay):
        first, second = published(reply(essay)), published(reply(essay))
        reply(essay)
        report(first)
        page = desk.get(case(first.thread))
        assert in_texts(page) == [second, first]
        assert page.context["target"].report_count == 1

    def test_page_leads_moderators_there(self, desk, essay):
        thread = published(reply(essay)).thread
        link, page = f'href="{case(thread)}"', essay.get_absolute_url()
        assert [link in client.get(page).text for client in (desk, Client())] == [True, False]

    def test_of_nothing_is_not_found(self, desk):
        assert desk.get("/en/moderation/fils/99/").status_code == 404


class TestPresence:
    @pytest.fixture
    def other(self):
        return client_of(UserFactory.create(name="Driss", community_manager=True))

    def looker(self, client, post):
        return client.get(case(post)).context["looker"]

    def test_of_who_opened_it_is_shown_to_the_other(self, desk, other):
        post = reply()
        other.get(case(post))
        assert self.looker(desk, post).name == "Driss"
        assert "Driss has it open." in desk.get(reverse("moderation:desk")).text
        assert self.looker(other, post) is None

    def test_ends_when_they_open_another(self, desk, other):
        post = reply()
        other.get(case(post))
        other.get(case(reply()))
        assert self.looker(desk, post) is None

    def test_ends_by_itself(self, desk, other):
        post = reply()
        other.get(case(post))
        Case.objects.update(looked_at=timezone.now() - queue.LOOKED_FOR)
        assert self.looker(desk, post) is None

    def test_is_told_to_pages_that_stay_open(self, desk, other):
        post = reply()
        row = Case.objects.get()
        address = reverse("moderation:presence")
        assert other.post(address, {"case": row.pk}).json() == {"lookers": {}}
        assert desk.post(address, {"case": row.pk}).json() == {"lookers": {str(row.pk): "Driss"}}
        assert self.looker(desk, post).name == "Driss"

    @pytest.mark.parametrize("key", ["", "x", "²", "999999999999999999999"])
    def test_of_nothing_is_nobody_s(self, desk, key):
        answer = desk.post(reverse("moderation:presence"), {"case": key})
        assert answer.json() == {"lookers": {}}

    def test_is_not_said_by_looking_at_the_queue(self, desk):
        reply()
        desk.get(reverse("moderation:desk"))
        assert Case.objects.get().looked_by is None


class TestSeveral:
    @staticmethod
    def form(together, *posts, **more):
        ticks = [f"{Case.objects.get(post=post).pk}:{version_of(post)}" for post in posts]
        said = {"ground": GROUND, "facts": FACTS, "reason": REASON} | more
        return {"together": together, "case": ticks} | {
            f"several-{name}": value for name, value in said.items()
        }

    def send(self, desk, *form, **more):
        address = reverse("moderation:several")
        return desk.post(address, self.form(*form, **more), follow=True)

    def test_are_approved_with_an_entry_each(self, desk):
        posts, left = [reply(), reply()], reply()
        page = self.send(desk, "approve", *posts, ground="", facts="", reason="")
        assert [(e.action, e.post) for e in Decision.objects.order_by("number")] == [
            ("approve", posts[0]),
            ("approve", posts[1]),
        ]
        assert in_queue(page) == [left]
        assert "Done: 2 decisions, entries 1 to 2 of the record." in page.text

    def test_are_taken_away_by_the_act_that_each_allows(self, desk):
        waiting, reported = reply(), published(reply())
        report(reported)
        self.send(desk, "hide", waiting, reported)
        entries = {e.post: (e.action, e.payload.reason) for e in Decision.objects.all()[:2]}
        assert entries == {waiting: ("refuse", REASON), reported: ("hide", REASON)}

    def test_owe_one_reason(self, desk):
        posts = [reply(), reply()]
        page = self.send(desk, "hide", *posts, reason="")
        assert page.status_code == 422
        assert list(page.context["several"].errors) == ["reason"]
        assert page.context["ticked"] == {item.tick for item in page.context["items"]}
        assert page.text.count(" checked") == 2
        assert FACTS in page.text
        assert not Decision.objects.exists()

    def test_are_refused_each_on_its_own(self, desk, moderator):
        UserFactory.create(community_manager=True)
        changed, own, good = reply(body="Avant."), reply(), reply()
        Post.objects.filter(pk=own.pk).update(author=moderator)
        own.refresh_from_db()
        form = self.form("approve", changed, own, good)
        edit(changed, "Après.")
        page = desk.post(reverse("moderation:several"), form)
        assert page.status_code == 422
        assert [e.post for e in Decision.objects.all()] == [good]
        told = [str(message) for message in page.context["messages"]]
        assert [text.partition(":")[0] for text in told] == [
            f"{moderator}, reply",
            f"{changed.author}, reply",  # since its new version waits
            "Done",
        ]

    def test_that_were_decided_on_meanwhile_are_told(self, desk):
        post, good = reply(), reply()
        form = self.form("approve", post, good)
        act("refuse", post)
        page = desk.post(reverse("moderation:several"), form, follow=True)
        assert "Some of the cases that you ticked were decided on meanwhile." in page.text
        assert Decision.objects.first().post == good

    @pytest.mark.parametrize(
        "form", [{}, {"together": "approve"}, {"together": "x", "case": "1:a"}, {"case": "x:y"}]
    )
    def test_damaged_form_decides_nothing(self, desk, form):
        reply()
        assert desk.post(reverse("moderation:several"), form).status_code == 422
        assert not Decision.objects.exists()

    def test_is_not_for_members(self, member):
        form = self.form("approve", reply())
        assert client_of(member).post(reverse("moderation:several"), form).status_code == 403
        assert not Decision.objects.exists()
