"""Calls: opened, stood for, voted on, closed on their day, signed."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from lxml import html

from cmdebate.models import Edition
from cmdebate.pages import own_data
from discussions import leaving, posting
from discussions.calls import acts, queries, voting
from discussions.management.commands.clock import tick
from discussions.models import (
    Approval,
    Ballot,
    Call,
    Candidacy,
    Decision,
    Follow,
    Letter,
    Notice,
    Post,
    SearchDocument,
)
from discussions.models.posts import Wording
from discussions.moderation import record
from discussions.moderation.decisions import DecisionRefused
from essays.models import Term
from tests.essays.factories import TermFactory
from tests.factories import (
    UserFactory,
    act,
    call,
    candidate,
    client_of,
    definition,
    edit,
    ended,
    person,
    published,
    reply,
    signed,
    trusted_member,
    vote,
    withdrawn,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_pace(settings, term):
    settings.POST_LIMITS = []


def get(who, address, **query):
    response = client_of(who).get(address, query)
    assert response.status_code == 200
    return response.text


def text_of(page):
    """What a page's main part says, in one line."""
    return " ".join(html.fromstring(page).get_element_by_id("content").text_content().split())


def counts(call):
    rows = call.candidacies.order_by("definition__number")
    return [(row.definition.number, row.approvals, row.earlier) for row in rows]


def is_on_page(call, post):
    return post.public_id in ticks(get(person("member"), call.get_absolute_url()))


def ticks(page):
    """The candidates that can be approved on a page, and whether they are."""
    boxes = html.fromstring(page).xpath("//input[@name='approve']")
    return {box.get("value").partition(":")[0]: box.get("checked") is not None for box in boxes}


class TestOpening:
    def test_is_published_at_once_and_entered_in_the_record(self, moderator, term):
        opened = call(moderator, "Quoi ?", body="Pour *voir*.")
        assert (opened.post.state, opened.post.signature) == ("published", "Agathe")
        assert opened.post.published_revision.title == "Quoi ?"
        (entry,) = Decision.objects.all()
        assert (entry.action, entry.by, entry.duty) == ("open", moderator, "animate")
        assert entry.reference == f"call/{opened.post.public_id}"
        assert list(record.faults_in_database()) == []

    def test_is_open_from_its_first_day_to_the_end_of_the_last(self):
        opened = call(days=2)
        begins, ends = opened.opens_at, opened.closes_at
        assert timezone.localtime(begins).time().hour == timezone.localtime(ends).time().hour == 0
        assert (opened.last_day - opened.first_day).days == 1
        moment = timedelta(microseconds=1)
        assert not opened.is_open(begins - moment) and opened.is_open(begins)
        assert opened.is_open(ends - moment) and not opened.is_open(ends)

    @pytest.mark.parametrize("role", ["member", "visitor"])
    def test_is_for_community_managers(self, role, term):
        who = person(role)
        if role == "member":
            with pytest.raises(posting.Closed):
                call(who)
        form = {"question": "Quoi ?", "term": term.slug, "key": uuid4()}
        client_of(who).post(reverse("calls:create"), form)
        assert not Call.objects.exists()

    def test_same_form_twice_opens_one(self, moderator, term):
        key, day = uuid4(), timezone.localdate()
        first, second = (
            acts.open_call(moderator, term, Wording(title="Quoi ?"), day, day, form_key=key)
            for _i in range(2)
        )
        assert first == second
        assert Decision.objects.count() == 1

    def test_is_one_at_a_time_on_a_term(self, term):
        opened = call()
        with pytest.raises(acts.AlreadyOpen):
            call()
        assert call(term=TermFactory.create()).term != term
        ended(opened)
        assert call().term == term

    def test_database_refuses_a_second_one_too(self, term):
        first, second = call(), call(term=TermFactory.create())
        with pytest.raises(IntegrityError), transaction.atomic():
            Call.objects.filter(pk=second.pk).update(term=first.term)

    def test_author_can_neither_change_nor_withdraw_it(self, moderator):
        post = call(moderator).post
        with pytest.raises(posting.Closed):
            posting.edit(post, moderator, Wording(title="Autre ?"), seen=post.version)
        with pytest.raises(posting.Closed):
            posting.withdraw(post, moderator)
        for name in ("post_edit", "post_withdraw"):
            answer = client_of(moderator).get(reverse(name, args=[post.public_id]))
            assert answer.status_code == 404


class TestForm:
    def fill(self, by, **fields):
        day = timezone.localdate()
        form = {
            "term": Term.objects.site_term().slug,
            "question": "Que fait-il ?",
            "body": "Dites-le.",
            "first": day.isoformat(),
            "last": (day + timedelta(days=6)).isoformat(),
            "key": uuid4(),
        }
        return client_of(by).post(reverse("calls:create"), form | fields)

    def test_opens_a_call(self, moderator):
        response = self.fill(moderator)
        (opened,) = Call.objects.all()
        assert response.headers["Location"] == opened.get_absolute_url()
        assert (opened.last_day - opened.first_day).days == 6
        assert opened.post.published_revision.body == "Dites-le."

    @pytest.mark.parametrize(
        "fields, said",
        [
            ({"question": ""}, "This field is required."),
            ({"question": "x" * 201}, "at most 200"),
            ({"first": "2020-01-01"}, "That day is past."),
            ({"last": "2020-01-01"}, "That day comes before the first one."),
            ({"first": "hier"}, "Enter a valid date."),
            ({"term": "aucun"}, "Select a valid choice."),
        ],
    )
    def test_says_at_the_field_what_is_wrong_and_keeps_the_rest(self, moderator, fields, said):
        response = self.fill(moderator, **fields)
        assert response.status_code == 422
        assert said in response.text and "Dites-le." in response.text
        assert not Call.objects.exists()

    def test_says_that_one_is_open(self, moderator):
        call()
        response = self.fill(moderator)
        assert response.status_code == 422
        assert "A call is open on this term already, until" in response.text

    def test_asks_for_the_term_where_there_are_several(self, moderator, term):
        assert "<select" not in get(moderator, reverse("calls:create"))
        other = TermFactory.create(headword="brand")
        assert "brand</option>" in get(moderator, reverse("calls:create"))
        self.fill(moderator, term=other.slug)
        assert Call.objects.get().term == other


class TestCandidacies:
    def test_author_enters_one_of_their_own(self):
        opened = call()
        post = published(definition())
        voting.enter(post.author, opened, post)
        assert is_on_page(opened, post)
        assert Follow.objects.filter(member=post.author, post=opened.post).exists()

    def test_another_takes_its_place_and_its_approvals_are_lost(self):
        opened = call()
        author = trusted_member()
        first = candidate(opened, author=author)
        voter = vote(opened, first)
        second = candidate(opened, author=author)
        assert [row.definition_id for row in opened.candidacies.all()] == [second.pk]
        assert not Approval.objects.exists()
        assert Ballot.objects.get().member == voter

    def test_entering_it_again_changes_nothing(self):
        opened = call()
        post = candidate(opened)
        vote(opened, post)
        voting.enter(post.author, opened, post)
        assert Approval.objects.count() == 1

    def test_taken_back(self):
        opened = call()
        post = candidate(opened)
        vote(opened, post)
        voting.take_back(post.author, opened)
        assert not Candidacy.objects.exists() and not is_on_page(opened, post)

    def test_nobody_else_s_no_reply_and_no_other_term_s(self, member):
        opened = call()
        others = published(definition())
        elsewhere = published(definition(member, term=TermFactory.create()))
        gone = withdrawn(published(definition(member)))
        for post in (others, elsewhere, gone, published(reply(author=member))):
            with pytest.raises(voting.CannotStand):
                voting.enter(member, opened, post)

    def test_definition_of_an_essay_has_no_author_to_enter_it(self, member):
        opened, post = call(), published(definition(member))
        Post.objects.filter(pk=post.pk).update(author=None)
        with pytest.raises(voting.CannotStand):
            voting.enter(member, opened, post)
        assert post not in voting.definitions_of(member, opened)

    @pytest.mark.parametrize("begins_in", [1, 30])
    def test_not_before_the_first_day(self, begins_in):
        opened, post = call(begins_in=begins_in), published(definition())
        with pytest.raises(voting.NotOpen):
            voting.enter(post.author, opened, post)

    def test_one_that_waits_is_on_the_ballot_once_published(self, member):
        opened = call()
        post = definition(member)
        voting.enter(member, opened, post)
        assert not is_on_page(opened, post)
        assert "On the ballot as soon as it is published." in get(member, opened.get_absolute_url())
        act("approve", post)
        assert is_on_page(opened, post)

    @pytest.mark.parametrize("become", ["hidden", "withdrawn"])
    def test_one_that_is_gone_leaves_the_ballot_and_its_place(self, become):
        opened = call()
        post = candidate(opened, ("is", "un secret"))
        if become == "hidden":
            act("hide", post)
        else:
            withdrawn(post)
        page = get(person("visitor"), opened.get_absolute_url())
        assert "un secret" not in page
        said = {"hidden": "Ground: off topic.", "withdrawn": "Withdrawn by its author."}
        assert said[become] in page
        assert not is_on_page(opened, post)
        vote(opened, post)
        assert not Approval.objects.exists()

    def test_from_the_page_of_the_call(self, member):
        opened = call()
        mine, other = published(definition(member)), published(definition())
        address = reverse("calls:candidacy", args=[opened.post.public_id])
        client = client_of(member)
        assert f'value="{mine.public_id}"' in get(member, opened.get_absolute_url())
        assert client.post(address, {"definition": other.public_id}).status_code == 404
        client.post(address, {"definition": mine.public_id})
        assert opened.candidacies.get().definition_id == mine.pk
        client.post(address, {"take_back": "1"})
        assert not opened.candidacies.exists()

    def test_written_for_the_call(self, member):
        opened = call(term=TermFactory.create(headword="brand"))
        address = reverse("definitions:create") + f"?appel={opened.post.public_id}"
        assert "is entered for" in get(member, address)
        form = {
            "clauses-TOTAL_FORMS": "1",
            "clauses-INITIAL_FORMS": "0",
            "clauses-0-polarity": "is",
            "clauses-0-text": "une promesse",
            "key": uuid4(),
        }
        client_of(member).post(address, form)
        post = Post.objects.get(author=member)
        assert (post.state, post.definition.term.headword) == ("pending", "brand")
        assert opened.candidacies.get().definition_id == post.pk

    def test_page_of_the_definition_says_where_it_stands(self, moderator):
        opened = call()
        post, other = candidate(opened), candidate(opened)
        assert "A candidate in the call of" in text_of(get(person("visitor"), address_of(post)))
        vote(opened, post)
        opened = ended(opened)
        page = text_of(get(person("visitor"), address_of(post)))
        assert "Retained on" in page and "Approvals: 1; ballots: 1." in page
        assert "Was a candidate in" in text_of(get(person("visitor"), address_of(other)))
        listed = html.fromstring(get(person("visitor"), reverse("definitions:list")))
        kept = listed.xpath("//*[contains(@class, 'entry__state--kept')]")
        assert [state.text for state in kept] == ["Retained"]


def address_of(post):
    return Post.objects.get(pk=post.pk).get_absolute_url()


class TestBallots:
    def test_is_one_a_member_and_can_be_changed(self, member):
        opened = call()
        first, second, third = (candidate(opened) for _i in range(3))
        vote(opened, first, second, by=member)
        vote(opened, second, third, by=member)
        (ballot,) = Ballot.objects.all()
        given = {each.candidacy.definition_id for each in ballot.approvals.all()}
        assert given == {second.pk, third.pk}

    def test_may_approve_nothing_and_one_s_own(self, member):
        opened = call()
        vote(opened, by=member)
        mine = candidate(opened)
        vote(opened, mine, by=mine.author)
        assert Ballot.objects.count() == 2
        assert ended(opened).ballots == 2

    def test_two_members_vote_for_themselves(self):
        opened = call()
        post, other = candidate(opened), candidate(opened)
        one, two = vote(opened, post), vote(opened, other)
        vote(opened, post, other, by=one)
        assert ticks(get(two, opened.get_absolute_url()))[post.public_id] is False
        assert counts(ended(opened)) == [(1, 1, 0), (2, 2, 0)]

    @pytest.mark.parametrize("late", [timedelta(0), timedelta(days=1)])
    def test_none_at_the_end_or_after_it_even_if_the_clock_is_late(self, late, member):
        opened = call()
        post = candidate(opened)
        Call.objects.filter(pk=opened.pk).update(
            opens_at=timezone.now() - timedelta(days=2), closes_at=timezone.now() - late
        )
        for attempt in (
            lambda: vote(opened, post, by=member),
            lambda: voting.take_back(post.author, opened),
        ):
            with pytest.raises(voting.NotOpen):
                attempt()
        answer = self.cast(member, opened, f"{post.public_id}:1")
        assert "This call takes no candidates and no ballots now" in answer.text
        assert not Ballot.objects.exists()
        assert ticks(get(member, opened.get_absolute_url())) == {}

    def test_none_of_a_call_that_is_hidden_until_it_is_back(self, member):
        opened = call()
        post = candidate(opened)
        act("hide", opened.post)
        with pytest.raises(voting.NotOpen):
            vote(opened, post, by=member)
        act("restore", opened.post)
        vote(opened, post, by=member)

    def test_none_by_who_is_no_member_any_more(self, member):
        opened = call()
        vote(opened, candidate(opened), by=member)
        member.is_active = False
        member.save()
        with pytest.raises(posting.Closed):
            vote(opened, by=member)
        assert ended(opened).ballots == 0

    def cast(self, who, opened, *tickets):
        address = reverse("calls:ballot", args=[opened.post.public_id])
        return client_of(who).post(address, {"approve": tickets}, follow=True)

    def test_stands_on_the_page_as_it_was_cast(self, member):
        opened = call()
        first, second = candidate(opened), candidate(opened)
        page = get(member, opened.get_absolute_url())
        assert ticks(page) == {first.public_id: False, second.public_id: False}
        page = self.cast(member, opened, f"{second.public_id}:1").text
        assert "Your ballot is cast." in page
        assert ticks(page) == {first.public_id: False, second.public_id: True}

    def test_is_of_the_version_that_was_shown(self, member):
        opened = call()
        post = candidate(opened, ("is", "un hôte"), author=trusted_member())
        edit(post, "", ("is", "un flic"))
        self.cast(member, opened, f"{post.public_id}:1")
        assert Approval.objects.get().revision.number == 1
        page = text_of(get(member, opened.get_absolute_url()))
        assert "You approved version 1. The text has changed since: this is version 2." in page
        self.cast(member, opened, f"{post.public_id}:2")
        assert Approval.objects.get().revision.number == 2
        assert "You approved version" not in get(member, opened.get_absolute_url())

    def test_tells_who_has_approved_that_the_text_has_changed(self, member):
        opened = call()
        post = candidate(opened, author=trusted_member())
        vote(opened, post, by=member)
        edit(post, "", ("is", "un flic"))
        assert "You approved version 1." in get(member, opened.get_absolute_url())
        assert "You approved" not in get(person("member"), opened.get_absolute_url())

    @pytest.mark.parametrize(
        "ticket",
        ["", "x", "{id}", "{id}:", "{id}:9", "{id}:x", "{id}:²", "\0:1", "zzz:1", ":" * 99],
    )
    def test_passes_over_what_names_no_version(self, member, ticket):
        opened = call()
        post = candidate(opened)
        answer = self.cast(member, opened, ticket.replace("{id}", post.public_id))
        assert answer.status_code == 200
        assert not Approval.objects.exists()

    def test_passes_over_a_version_that_was_never_published(self, member):
        opened = call()
        post = candidate(opened)
        edit(post, "", ("is", "un brouillon"))  # waits
        self.cast(member, opened, f"{post.public_id}:2")
        assert not Approval.objects.exists()

    def test_says_that_what_has_left_is_not_counted(self, member):
        opened = call()
        post = candidate(opened)
        act("hide", post)
        page = self.cast(member, opened, f"{post.public_id}:1").text
        assert "What has left the ballot since you opened the page was not counted." in page

    def test_waits_behind_the_sign_in_page(self, member):
        opened = call()
        post, other = candidate(opened), candidate(opened)
        client = client_of(person("visitor"))
        address = reverse("calls:ballot", args=[opened.post.public_id])
        answer = client.post(address, {"approve": [f"{post.public_id}:1"]})
        assert answer.headers["Location"].startswith(reverse("account_login"))
        client.force_login(member)
        page = client.get(address).text
        assert ticks(page) == {post.public_id: True, other.public_id: False}
        assert not Ballot.objects.exists()


class TestEnd:
    def test_clock_closes_what_is_due_and_does_it_once(self, moderator):
        opened = call(moderator)
        post = candidate(opened)
        vote(opened, post)
        tick(opened.closes_at - timedelta(seconds=1))
        assert not Call.objects.get().closed_at
        tick(opened.closes_at)
        closed = Call.objects.get()
        assert (closed.ballots, closed.retained.definition_id) == (1, post.pk)
        tick(opened.closes_at + timedelta(minutes=1))
        assert Call.objects.get().closed_at == closed.closed_at
        assert Decision.objects.filter(action="close").count() == 1

    def test_entry_says_what_was_counted_and_that_nobody_did_it(self, moderator):
        opened = call(moderator)
        first, second = candidate(opened), candidate(opened)
        vote(opened, first), vote(opened, first, second)
        ended(opened)
        entry = Decision.objects.first()
        assert (entry.action, entry.by) == ("close", None)
        assert entry.by_shown == "the clock, on the date set"
        # Ballots; each definition’s approvals; the one retained.
        assert re.findall(r"\d+", entry.payload.reason) == ["2", "1", "2", "2", "1", "1"]
        assert list(record.faults_in_database()) == []
        page = text_of(get(person("visitor"), reverse("record")))
        assert "By the clock, on the date set, exercising the duty of animating." in page

    def test_counts_are_those_of_the_table(self):
        opened = call()
        a, b, c = (candidate(opened) for _i in range(3))
        for ballot in ((a, b), (b,), (b, c), (), (c,)):
            vote(opened, *ballot)
        closed = ended(opened)
        assert counts(closed) == [(1, 1, 0), (2, 3, 0), (3, 2, 0)]
        assert (closed.ballots, closed.retained.definition_id) == (5, b.pk)

    def test_tie_is_said_and_nothing_retained(self):
        opened = call()
        a, b, _c = (candidate(opened) for _i in range(3))
        vote(opened, a, b), vote(opened, b), vote(opened, a)
        closed = ended(opened)
        assert closed.retained is None
        page = text_of(get(person("visitor"), closed.get_absolute_url()))
        assert "Level, with 2 approvals each: definition 1, definition 2. None is retained." in page
        assert "Latest definition" in get(person("visitor"), reverse("home"))

    @pytest.mark.parametrize(
        "candidates, ballots, said",
        [
            (0, 0, "No candidate stood at the end: nothing is retained."),
            (0, 1, "No candidate stood at the end: nothing is retained."),
            (1, 0, "Nobody voted: nothing is retained."),
            (1, 1, "No candidate got an approval: nothing is retained."),
        ],
    )
    def test_nothing_is_retained_where_nobody_approved(self, candidates, ballots, said):
        opened = call()
        for _i in range(candidates):
            candidate(opened)
        for _i in range(ballots):
            vote(opened)
        closed = ended(opened)
        assert closed.retained is None
        assert said in text_of(get(person("visitor"), closed.get_absolute_url()))

    @pytest.mark.parametrize("become", ["hidden", "withdrawn"])
    def test_what_has_left_the_ballot_is_not_counted(self, become):
        opened = call()
        kept, gone = candidate(opened), candidate(opened)
        vote(opened, gone), vote(opened, gone, kept)
        if become == "hidden":
            act("hide", gone)
        else:
            withdrawn(gone)
        closed = ended(opened)
        assert counts(closed) == [(1, 1, 0), (2, None, None)]
        assert (closed.retained.definition_id, closed.ballots) == (kept.pk, 2)
        page = text_of(get(person("visitor"), closed.get_absolute_url()))
        assert "Hidden or withdrawn before the end: not counted." in page
        assert "not counted: definition 2" in signed(closed).published_revision.body

    def test_what_waited_until_the_end_was_no_candidate(self, member):
        opened = call()
        post = definition(member, ("is", "un retardataire"))
        voting.enter(member, opened, post)
        closed = ended(opened)
        act("approve", post)
        assert "un retardataire" not in get(person("visitor"), closed.get_absolute_url())
        assert "candidate" not in text_of(get(person("visitor"), address_of(post)))

    def test_approvals_of_an_earlier_version_are_told(self):
        opened = call()
        post = candidate(opened, author=trusted_member())
        vote(opened, post)
        edit(post, "", ("is", "un flic"))
        vote(opened, post)
        assert counts(ended(opened)) == [(1, 2, 1)]

    def test_past_call_stays_as_it_was(self):
        opened = call()
        post = candidate(opened, ("is", "un hôte"), author=trusted_member())
        voter = vote(opened, post)
        closed = ended(opened)
        before = text_of(get(person("visitor"), closed.get_absolute_url()))
        edit(post, "", ("is", "un flic"))
        vote_again = pytest.raises(voting.NotOpen)
        with vote_again:
            vote(closed, by=voter)
        after = text_of(get(person("visitor"), closed.get_absolute_url()))
        assert "un hôte" in after and "un flic" not in after
        assert "Its author has changed it since; this is the text that was counted." in after
        assert "1 ballot" in before and "1 ballot" in after

    def test_call_that_was_hidden_is_counted_but_stands_nowhere_until_it_is_back(self):
        opened = call(question="Un piège ?")
        post = candidate(opened)
        vote(opened, post)
        act("hide", opened.post)
        closed = ended(opened)
        assert list(record.faults_in_database()) == []
        visitor = person("visitor")
        page = get(visitor, closed.get_absolute_url())
        assert "Un piège" not in page and ">Result<" not in page
        assert "Retained" not in text_of(get(visitor, reverse("home")))
        assert "Retained" not in text_of(get(visitor, address_of(post)))
        act("restore", opened.post)
        assert ">Result<" in get(visitor, closed.get_absolute_url())
        assert "Retained definition" in text_of(get(visitor, reverse("home")))

    def test_call_cannot_be_decided_on_by_acts_of_the_role(self):
        post = call().post
        for action in ("open", "close", "sign", "approve"):
            with pytest.raises(DecisionRefused):
                act(action, post)


class TestMinute:
    def test_is_a_reply_in_the_call_s_thread_and_entered_in_the_record(self, moderator):
        closed = ended(call())
        day = timezone.localdate() + timedelta(days=30)
        post = signed(closed, moderator, agreed="Qu’il écoute.", review_on=day)
        closed.refresh_from_db()
        assert (post.kind, post.thread.post) == ("reply", closed.post)
        assert (closed.minute, closed.review_on) == (post.published_revision, day)
        assert closed.minute.body.startswith(
            "**What is agreed**\n\nQu’il écoute.\n\n**What is not**"
        )
        entry = Decision.objects.first()
        assert (entry.action, entry.by, entry.post) == ("sign", moderator, post)
        assert (entry.duty, entry.revision) == ("report", closed.minute)
        assert list(record.faults_in_database()) == []
        page = get(person("visitor"), closed.get_absolute_url())
        assert "Qu’il écoute." in page and "Signed by Agathe" in page

    def test_is_signed_once_by_a_community_manager_after_the_end(self, member, moderator):
        opened = call()
        with pytest.raises(acts.NotNow):
            signed(opened, moderator)
        closed = ended(opened)
        with pytest.raises(posting.Closed):
            signed(closed, member)
        signed(closed, moderator)
        with pytest.raises(acts.NotNow):
            signed(closed, moderator)

    def test_same_form_twice_signs_once(self, moderator):
        closed = ended(call())
        key, day = uuid4(), timezone.localdate() + timedelta(days=1)
        first, second = (
            acts.sign(moderator, closed, "Oui.", "Non.", day, form_key=key) for _i in range(2)
        )
        assert first == second

    def test_cannot_be_changed_or_withdrawn_by_its_author_but_hidden(self, moderator):
        closed = ended(call())
        post = signed(closed, moderator, agreed="Un faux.")
        with pytest.raises(posting.Closed):
            posting.edit(post, moderator, Wording("Autre."), seen=post.version)
        with pytest.raises(posting.Closed):
            posting.withdraw(post, moderator)
        thread = html.fromstring(get(moderator, closed.get_absolute_url()))
        assert (
            thread.xpath(f"//*[@id='{post.anchor}']//a[text()='Edit' or text()='Withdraw']") == []
        )
        act("hide", post)
        page = get(person("visitor"), closed.get_absolute_url())
        assert "Un faux." not in page
        assert "A minute was signed, and is no longer shown." in page
        assert list(record.faults_in_database()) == []

    def test_form(self, moderator):
        closed = ended(call())
        address = reverse("calls:minute", args=[closed.post.public_id])
        assert address in get(moderator, closed.get_absolute_url())
        day = timezone.localdate()
        form = {"agreed": "Oui.", "disputed": "", "review_on": day.isoformat(), "key": uuid4()}
        response = client_of(moderator).post(address, form)
        assert response.status_code == 422
        assert "Choose a day to come." in response.text and "Oui." in response.text
        later = (day + timedelta(days=1)).isoformat()
        client_of(moderator).post(address, form | {"disputed": "Non.", "review_on": later})
        closed.refresh_from_db()
        assert closed.minute.author == moderator
        assert client_of(moderator).get(address).headers["Location"] == closed.get_absolute_url()


class TestWhoHears:
    def test_followers_of_the_term_hear_of_a_call(self, moderator, member, term):
        Follow.objects.create(member=member, term=term)
        post = call(moderator, "Une question entière ?").post
        (notice,) = Notice.objects.filter(person=member)
        assert (notice.post, notice.kind) == (post, "followed")
        page = text_of(get(member, reverse("notices")))
        assert "Agathe opens a call: Call for definitions of “community manager”," in page
        assert "Une question entière ?" in page
        act("hide", post)
        assert "Une question entière ?" not in get(member, reverse("notices"))

    def test_question_is_in_the_mail(self, moderator, member, term, mailoutbox):
        from discussions.following import letters

        Follow.objects.create(member=member, term=term)
        call(moderator, "Une question entière ?")
        letters.deliver()
        (mail,) = (mail for mail in mailoutbox if mail.to == [member.email])
        assert "Agathe opens a call" in mail.subject or "appel" in mail.subject
        assert "Une question entière ?" in mail.body

    def test_its_community_manager_hears_that_it_is_closed(self, moderator, mailoutbox):
        from discussions.following import letters

        ended(call(moderator))
        page = text_of(get(moderator, reverse("notices")))
        assert "The ballots are counted, and the minute is to be signed" in page
        moderator.language = "en"
        moderator.save()
        letters.deliver()
        (mail,) = mailoutbox
        assert "Done by the clock, on the date that a person had set." in mail.body
        assert "Decided by" not in mail.body

    def test_who_stands_hears_of_the_minute(self):
        opened = call()
        post = candidate(opened)
        minute = signed(ended(opened))
        assert Notice.objects.filter(person=post.author, post=minute).exists()

    def test_can_be_followed_from_its_page(self, member):
        opened = call()
        form = {"what": "call", "key": opened.post.public_id, "do": "follow"}
        client_of(member).post(reverse("following"), form)
        assert Follow.objects.get(member=member).post == opened.post
        page = text_of(get(member, reverse("following")))
        assert "Call for definitions of “community manager”" in page


class TestPages:
    def test_home_announces_the_call_and_then_what_it_retained(self, member):
        opened = call(question="Une question entière ?")
        post, other = candidate(opened, ("is", "un hôte")), candidate(opened)
        visitor = person("visitor")
        page = text_of(get(visitor, reverse("home")))
        assert "Une question entière ?" in page and "Latest definition" in page
        for approved in ((post,), (post, other), (post,), ()):
            vote(opened, *approved)
        closed = ended(opened)
        signed(closed)
        page = text_of(get(visitor, reverse("home")))
        assert "Retained definition" in page and "Latest definition" not in page
        assert "4 ballots: 3 approve it, 1 (25 %) do not." in page
        assert "Next: definition 2, with 1 approval." in page
        assert "The result and the minute" in page

    @pytest.mark.parametrize("become", ["hidden", "withdrawn"])
    @pytest.mark.parametrize("role", ["visitor", "community_manager"])
    def test_home_shows_no_text_of_what_is_gone(self, become, role):
        opened = call()
        post = candidate(opened, ("is", "un secret"))
        vote(opened, post)
        ended(opened)
        if become == "hidden":
            act("hide", post)
        else:
            withdrawn(post)
        page = get(person(role), reverse("home"))
        assert "un secret" not in page
        assert "The text that was retained is no longer shown." in page

    def test_home_shows_the_text_that_was_counted(self):
        opened = call()
        post = candidate(opened, ("is", "un hôte"), author=trusted_member())
        vote(opened, post)
        ended(opened)
        edit(post, "", ("is", "un flic"))
        section = html.fromstring(get(person("visitor"), reverse("home"))).xpath(
            "//section[@aria-labelledby='retained']"
        )[0]
        assert "un hôte" in section.text_content() and "un flic" not in section.text_content()

    def test_list_names_the_term_where_there_are_several(self):
        call(question="La première ?")
        visitor = person("visitor")
        assert "On “" not in get(visitor, reverse("calls:list"))
        other = TermFactory.create(headword="brand")
        call(question="La seconde ?", term=other)
        page = text_of(get(visitor, reverse("calls:list")))
        assert "On “brand”. La seconde ?" in page
        assert "On “community manager”. La première ?" in page

    def test_list_goes_on(self, monkeypatch):
        monkeypatch.setattr("discussions.calls.views.PER_PAGE", 1)
        first = call(question="La première ?")
        ended(first)
        second = call(question="La seconde ?")
        page = get(person("visitor"), reverse("calls:list"))
        assert "La seconde ?" in page and "La première ?" not in page
        page = get(person("visitor"), reverse("calls:list"), avant=second.post.public_id)
        assert "La première ?" in page and "La seconde ?" not in page

    def test_has_a_thread_and_a_permalink(self, member):
        opened = call(question="Une question entière ?")
        answer = published(reply(opened.post, member, "Une réponse à l’appel."))
        assert "Une réponse à l’appel." in get(person("visitor"), opened.get_absolute_url())
        client = client_of(member)
        link = client.get(reverse("post", args=[opened.post.public_id]))
        assert link.headers["Location"] == opened.get_absolute_url()
        link = client.get(reverse("post", args=[answer.public_id]))
        assert link.headers["Location"] == f"{opened.get_absolute_url()}#{answer.anchor}"
        page = get(member, reverse("post_reply", args=[opened.post.public_id]))
        assert "Une question entière ?" in page

    def test_is_found_and_so_are_the_replies_to_it(self, member):
        opened = call(question="Quel paratonnerre ?", body="Un mot rare : girouette.")
        published(reply(opened.post, member, "Une girouette, oui."))
        page = text_of(get(person("visitor"), reverse("search"), q="girouette"))
        assert "Call for definitions" in page and "Quel paratonnerre ?" in page
        assert "On a call for definitions of “community manager”" in page
        narrowed = text_of(get(person("visitor"), reverse("search"), q="girouette", genre="call"))
        assert "1 text" in narrowed
        act("hide", opened.post)
        assert not SearchDocument.objects.filter(post=opened.post).exists()
        assert "paratonnerre" not in get(person("visitor"), reverse("search"), q="girouette")

    def test_feed_of_definitions_has_none(self):
        opened = call(question="Une question entière ?")
        candidate(opened, ("is", "un hôte"))
        feed = client_of(person("visitor")).get(reverse("feeds:definitions")).text
        assert "un hôte" in feed and "Une question entière ?" not in feed

    def test_desk_shows_the_question(self, moderator):
        post = call(question="Une question entière ?").post
        assert "Une question entière ?" in get(
            moderator, reverse("moderation:post", args=[post.public_id])
        )

    def test_other_kinds_have_no_such_page(self, member):
        post = published(definition(member))
        for name in ("calls:detail", "calls:ballot", "calls:candidacy"):
            answer = client_of(member).post if name != "calls:detail" else client_of(member).get
            assert answer(reverse(name, args=[post.public_id])).status_code == 404


CHANGING = re.compile(
    r'name="(csrfmiddlewaretoken|key)" value="[\w-]+"'
    r'|"(taken_at|last_login|read_at|last_seen_at)": "[^"]+"'
)


class TestSecrecy:
    def test_no_total_is_told_before_the_end(self, moderator, settings):
        """Pages are the same whoever approved what: only the number of ballots is public."""
        opened = call(moderator)
        first, second = candidate(opened), candidate(opened)
        voters = [vote(opened) for _i in range(3)]

        def told(role):
            who = client_of({"owner": owner, "moderator": moderator}.get(role) or nobody)
            addresses = [
                *(reverse("home"), reverse("calls:list"), opened.get_absolute_url()),
                *(reverse("definitions:list"), reverse("record"), reverse("record_export")),
                *(address_of(first), address_of(second)),
                *(reverse("member", args=[p.author.name]) for p in (first, second)),
            ]
            if role != "visitor":
                addresses += [
                    reverse("moderation:post", args=[opened.post.public_id]),
                    reverse("admin:discussions_post_change", args=[opened.post.pk]),
                    reverse("own_data_json"),
                ]
            pages = {}
            for address in addresses:
                response = who.get(address)
                body = b"".join(response).decode()
                pages[address] = CHANGING.sub("", body)
            return pages

        owner, nobody = UserFactory.create(owner=True), person("visitor")
        roles = ("visitor", "moderator", "owner")
        for role in roles:
            told(role)  # marks that they came
        before = {role: told(role) for role in roles}
        for voter in voters:
            vote(opened, first, by=voter)
        after = {role: told(role) for role in roles}
        assert after == before

    def test_nobody_s_ballot_is_in_another_s_data(self, member):
        opened = call()
        post = candidate(opened)
        vote(opened, post, by=member)
        (row,) = own_data.of(member)["ballots"]
        assert (row["id"], row["approved"]) == (
            opened.post.public_id,
            [{"id": post.public_id, "version": 1}],
        )
        copy = json.dumps(own_data.of(post.author), default=str)
        assert own_data.of(post.author)["ballots"] == []
        assert f'"{opened.post.public_id}"' in copy  # their candidacy
        assert "approved" not in copy

    def test_candidate_that_waits_is_told_to_nobody(self, member):
        opened = call()
        candidate(opened)
        visitor = person("visitor")
        pages = [get(visitor, opened.get_absolute_url())]
        voting.enter(member, opened, definition(member, ("is", "un secret")))
        pages.append(get(visitor, opened.get_absolute_url()))
        assert pages[0] == pages[1]
        assert "un secret" not in get(person("community_manager"), opened.get_absolute_url())

    def test_hidden_call_shows_its_question_nowhere(self):
        opened = call(question="Un piège ?")
        published(reply(opened.post))
        act("hide", opened.post)
        for address in (reverse("home"), reverse("calls:list"), opened.get_absolute_url()):
            assert "Un piège" not in get(person("visitor"), address)


class TestLeaving:
    def test_takes_the_ballot_along_and_leaves_a_past_count(self, member):
        opened = call()
        post = candidate(opened)
        vote(opened, post, by=member)
        leaving.leave(member, erase=False)
        assert not Ballot.objects.exists()
        assert queries.ballots_cast(opened) == 0
        voter = vote(opened, post)
        closed = ended(opened)
        leaving.leave(voter, erase=True)
        assert counts(Call.objects.get(pk=closed.pk)) == [(1, 1, 0)]

    def test_of_a_community_manager_empties_question_and_minute_but_not_the_result(self, moderator):
        opened = call(moderator, "Une question entière ?")
        post = candidate(opened, ("is", "un hôte"))
        vote(opened, post)
        closed = ended(opened)
        signed(closed, moderator, agreed="Qu’il écoute.")
        leaving.leave(moderator, erase=True)
        page = get(person("visitor"), closed.get_absolute_url())
        assert "Une question" not in page and "Qu’il écoute." not in page
        assert "un hôte" in page and "is retained." in page
        assert closed.post.revisions.get().title == ""
        assert list(record.faults_in_database()) == []
        call_command("verify_record")

    def test_of_a_candidate(self):
        opened = call()
        kept, erased = candidate(opened, ("is", "un hôte")), candidate(opened, ("is", "un flic"))
        vote(opened, kept, erased)
        leaving.leave(kept.author, erase=False)
        leaving.leave(erased.author, erase=True)
        closed = ended(opened)
        assert counts(closed) == [(1, 1, 0), (2, None, None)]
        page = get(person("visitor"), closed.get_absolute_url())
        assert "un hôte" in page and "un flic" not in page


# Who is signed in costs three more: the session, the member, and whom they follow with the
# mark of their visit; on an open call, what is theirs there too.
COSTS = [
    ("list", "visitor", 4),
    ("list", "member", 7),
    ("open", "visitor", 7),
    ("open", "member", 17),
    ("open", "community_manager", 17),
    ("past", "visitor", 12),
    ("past", "member", 15),
    ("home", "visitor", 16),
]


@pytest.mark.parametrize("page, role, queries", COSTS)
def test_page_costs_the_same_with_3_candidates_and_with_30(
    page, role, queries, django_assert_num_queries, member
):
    past = call()
    first = candidate(past)
    vote(past, first)
    past = ended(past)
    signed(past)
    opened = call()
    who = member if role == "member" else person(role)
    client = client_of(who)
    for more in (3, 27):
        for _i in range(more):
            post = candidate(opened)
            if who.is_authenticated:
                published(definition(who))
                vote(opened, post, by=who)
            Candidacy.objects.create(
                call=past,
                definition=post.definition,
                author=post.author,
                revision=post.published_revision,
                approvals=0,
                earlier=0,
            )
        other = call(term=TermFactory.create())
        vote(other, candidate(other))
        ended(other)
        address = {
            "list": reverse("calls:list"),
            "open": opened.get_absolute_url(),
            "past": past.get_absolute_url(),
            "home": reverse("home"),
        }[page]
        client.get(address)  # what everybody sees alike is drawn once, and who comes is marked
        with django_assert_num_queries(queries):
            assert client.get(address).status_code == 200


def test_edition_turns_with_what_visitors_see_of_a_call(member):
    def turns(act):
        before = Edition.objects.get().number
        act()
        return Edition.objects.get().number > before

    opened = call()
    post, waiting = published(definition()), definition(member)
    voter = UserFactory.create()
    assert not turns(lambda: voting.enter(member, opened, waiting))
    assert not turns(lambda: voting.take_back(member, opened))
    assert turns(lambda: voting.enter(post.author, opened, post))
    assert turns(lambda: vote(opened, by=voter))
    assert not turns(lambda: vote(opened, post, by=voter))
    assert turns(lambda: voting.take_back(post.author, opened))
    assert turns(lambda: ended(opened))


def test_whole_round_on_a_second_term(moderator):
    brand = TermFactory.create(headword="brand")
    opened = call(moderator, "Qu’est-ce qu’une marque ?", term=brand)
    first, second = candidate(opened, ("is", "une promesse")), candidate(opened)
    assert first.definition.term == brand
    vote(opened, first), vote(opened, first, second)
    tick(opened.closes_at)
    closed = Call.objects.get()
    signed(closed, moderator)
    page = text_of(get(person("visitor"), closed.get_absolute_url()))
    assert "On “brand”." in page and "une promesse" in page and "Signed by Agathe" in page
    assert "Retained definition" not in text_of(get(person("visitor"), reverse("home")))
    assert Letter.objects.filter(recipient=first.author).exists()
    assert list(record.faults_in_database()) == []
