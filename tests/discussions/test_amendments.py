"""Changes proposed to somebody else's definition: sent, read beside it, answered."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from discussions import leaving, posting
from discussions.amendments import verbs
from discussions.following import writing
from discussions.models import Amendment, Letter, Notice, Post
from tests.factories import (
    UserFactory,
    act,
    amendment,
    client_of,
    definition,
    edit,
    essay_definition,
    in_state,
    person,
    published,
    reply,
    trusted_member,
    wording,
)

pytestmark = pytest.mark.django_db

CLAUSES = (("is", "une personne qui écoute"), ("is_not", "un robot"))
CHANGED = (("is", "une personne qui écoute et répond"), ("is_not", "un robot"))


@pytest.fixture(autouse=True)
def without_limits(settings):
    settings.POST_LIMITS = []


@pytest.fixture
def owner(term):
    return trusted_member(name="Ariane", language="en")


@pytest.fixture
def base(owner):
    return definition(owner, *CLAUSES, body="Parce qu’elle est là.", tags=("écoute",))


@pytest.fixture
def proposer(db):
    return trusted_member(name="Basile", language="en")


@pytest.fixture
def open_one(base, proposer):
    return amendment(base, proposer, *CHANGED, body="Parce qu’elle est là.", tags=("écoute",))


def fresh(post):
    return Post.objects.get(pk=post.pk)


def accept(post, by, seen=None):
    return verbs.accept(fresh(post), by, seen=seen or verbs.version_of(fresh(post)))


def decline(post, by, word="Non, merci.", seen=None, key=None):
    seen = seen or verbs.version_of(fresh(post))
    return verbs.decline(fresh(post), by, word, seen=seen, form_key=key or uuid4())


def renew(post, *clauses):
    post = fresh(post)
    return verbs.edit(post, post.author, wording(*clauses), seen=verbs.version_of(post))


def said(post):
    return [clause.text for clause in fresh(post).published_revision.clauses.all()]


def outcome(post):
    return Amendment.objects.get(pk=post.pk).outcome


def told(member, kind):
    rows = Notice.objects.filter(person=member, kind=kind).order_by("pk")
    return list(rows.values_list("post", flat=True))


class TestProposing:
    def test_stands_on_the_version_that_readers_have(self, open_one, base):
        revision = fresh(open_one).published_revision
        assert revision.base == fresh(base).published_revision
        assert outcome(open_one) == "open"
        assert said(base) == [text for _polarity, text in CLAUSES]

    def test_of_a_new_member_waits(self, base):
        post = amendment(base, UserFactory.create())
        assert fresh(post).state == "pending"
        page = Client().get(base.get_absolute_url())
        assert post.public_id not in page.text
        assert len(page.context["amendments"]) == 0

    @pytest.mark.parametrize(
        "tags, body",
        [(("écoute",), "Parce qu’elle est là."), (("écoute",), "Parce qu’elle est là.\r\n")],
    )
    def test_that_changes_nothing_is_refused(self, base, proposer, tags, body):
        with pytest.raises(verbs.Unchanged):
            amendment(base, proposer, *CLAUSES, tags=tags, body=body)
        assert not Amendment.objects.exists()

    @pytest.mark.parametrize("state", ["pending", "hidden", "withdrawn", "refused"])
    def test_to_what_is_not_public_is_refused(self, state, proposer, term):
        post = in_state(state, definition())
        with pytest.raises(posting.Closed):
            verbs.propose(
                proposer, post, wording(*CHANGED), seen=verbs.base_of(post), form_key=uuid4()
            )

    def test_to_one_s_own_or_to_an_essay_s_is_refused(self, base, owner, term, proposer):
        for author, post in ((owner, base), (proposer, essay_definition())):
            with pytest.raises(posting.Closed):
                amendment(post, author)

    def test_to_a_definition_whose_author_has_left_is_refused(self, base, owner, proposer):
        leaving.leave(owner, erase=False)
        with pytest.raises(posting.Closed):
            amendment(base, proposer)

    def test_on_a_version_that_has_changed_is_refused(self, base, proposer):
        seen = verbs.base_of(base)
        edit(base, "Autre chose.", *CLAUSES)
        with pytest.raises(posting.Changed):
            verbs.propose(proposer, base, wording(*CHANGED), seen=seen, form_key=uuid4())

    def test_same_form_twice_sends_one(self, base, proposer):
        key = uuid4()
        sent = [
            verbs.propose(proposer, base, wording(*CHANGED), seen=verbs.base_of(base), form_key=key)
            for _i in range(2)
        ]
        assert sent[0] == sent[1]
        assert Amendment.objects.count() == 1


class TestAccepting:
    def test_makes_the_next_version_and_names_the_amendment(self, open_one, base, owner):
        accept(open_one, owner)
        assert said(base) == [text for _polarity, text in CHANGED]
        assert fresh(base).published_revision.adopted == open_one
        assert (outcome(open_one), fresh(base).published_revision.author) == ("accepted", owner)
        for name in ("definitions:detail", "definitions:history"):
            page = Client().get(reverse(name, args=[base.public_id]))
            assert "After the amendment by Basile" in page.text

    def test_twice_makes_one_version(self, open_one, base, owner):
        seen = verbs.version_of(open_one)
        accept(open_one, owner, seen)
        accept(open_one, owner, seen)
        assert base.revisions.count() == 2

    def test_by_somebody_else_is_refused(self, open_one, base, proposer, moderator):
        for somebody in (proposer, moderator):
            with pytest.raises(verbs.Answered):
                accept(open_one, somebody)
        assert said(base) == [text for _polarity, text in CLAUSES]

    def test_after_the_definition_has_changed_is_refused(self, open_one, base, owner):
        edit(base, "Autre chose.", *CLAUSES)
        with pytest.raises(verbs.Outdated):
            accept(open_one, owner)
        assert outcome(open_one) == "open"

    def test_of_a_version_that_was_not_seen_is_refused(self, open_one, base, owner):
        seen = verbs.version_of(open_one)
        renew(open_one, ("is", "un gourou"))
        with pytest.raises(posting.Changed):
            accept(open_one, owner, seen)
        assert said(base) == [text for _polarity, text in CLAUSES]

    def test_of_the_other_one_too_is_refused_until_it_is_renewed(self, open_one, base, owner):
        other = amendment(base, trusted_member(), ("is", "un gourou"))
        accept(open_one, owner)
        with pytest.raises(verbs.Outdated):
            accept(other, owner)
        renew(other, ("is", "un gourou"))
        accept(other, owner)
        assert said(base) == ["un gourou"]

    @pytest.mark.parametrize("state", ["hidden", "withdrawn"])
    @pytest.mark.parametrize("which", ["definition", "amendment"])
    def test_of_what_is_gone_is_refused(self, state, which, open_one, base, owner):
        in_state(state, {"definition": base, "amendment": open_one}[which])
        with pytest.raises(verbs.Answered):
            accept(open_one, owner)

    def test_keeps_how_the_definition_stands_to_another(self, owner, proposer):
        other = definition(owner)
        mine = posting.propose_definition(
            owner,
            other.definition.term,
            wording(*CLAUSES, relation="narrows", related=other),
            form_key=uuid4(),
        )
        accept(amendment(mine, proposer, *CHANGED), owner)
        assert (fresh(mine).published_revision.related, said(mine)[0]) == (other, CHANGED[0][1])

    def test_of_a_new_member_s_definition_waits_and_nobody_knows(self, proposer, term):
        owner = UserFactory.create()
        base = published(definition(owner, *CLAUSES))
        post = amendment(base, proposer, *CHANGED)
        before = Client().get(post.get_absolute_url()).text
        accept(post, owner)
        assert Client().get(post.get_absolute_url()).text == before
        assert told(proposer, "answered") == []
        assert "Your answer is sent" in client_of(owner).get(post.get_absolute_url()).text
        accept(post, owner)  # again: nothing changes
        with pytest.raises(verbs.Answered):
            decline(post, owner)
        act("approve", base)
        assert (outcome(post), said(base)) == ("accepted", [text for _p, text in CHANGED])
        assert told(proposer, "answered") == [post.pk]

    def test_that_is_refused_at_the_desk_leaves_it_open(self, proposer, term):
        owner = UserFactory.create()
        base = published(definition(owner, *CLAUSES))
        post = amendment(base, proposer, *CHANGED)
        accept(post, owner)
        act("refuse", base)
        assert outcome(post) == "open"
        accept(post, owner)
        assert fresh(base).pending_revision.adopted == post


class TestDeclining:
    def test_says_why_in_its_thread(self, open_one, owner, base):
        answer = decline(open_one, owner, "Elle ne répond pas toujours.")
        assert (outcome(open_one), answer.thread.post) == ("declined", open_one)
        assert fresh(open_one).amendment.answer == answer
        assert said(base) == [text for _polarity, text in CLAUSES]
        page = Client().get(open_one.get_absolute_url())
        assert "Elle ne répond pas toujours." in page.text
        assert "Ariane declined it" in page.text

    def test_twice_says_it_once(self, open_one, owner):
        seen, key = verbs.version_of(open_one), uuid4()
        first, second = (decline(open_one, owner, seen=seen, key=key) for _i in range(2))
        assert first == second

    def test_after_it_was_answered_is_refused(self, open_one, owner):
        seen = verbs.version_of(open_one)
        accept(open_one, owner)
        with pytest.raises(verbs.Answered):
            decline(open_one, owner, seen=seen)
        other = decline(amendment(open_one.amendment.definition, trusted_member()), owner)
        with pytest.raises(verbs.Answered):
            decline(other.thread.post, owner)

    def test_by_a_new_member_waits_with_its_word(self, proposer, term):
        owner = UserFactory.create()
        post = amendment(published(definition(owner)), proposer)
        answer = decline(post, owner, "Un mot.")
        assert (outcome(post), told(proposer, "answered")) == ("open", [])
        act("approve", answer)
        assert (outcome(post), told(proposer, "answered")) == ("declined", [answer.pk])

    @pytest.mark.parametrize("action", ["refuse", "withdraw"])
    def test_whose_word_nobody_read_may_be_said_anew(self, action, proposer, term):
        owner = UserFactory.create()
        post = amendment(published(definition(owner)), proposer)
        answer = decline(post, owner)
        in_state({"refuse": "refused", "withdraw": "dropped"}[action], answer)
        again = decline(post, owner, "Autrement dit.")
        act("approve", again)
        assert outcome(post) == "declined"


class TestChanging:
    def test_its_author_edits_and_withdraws_while_it_is_open(self, open_one):
        renew(open_one, ("is", "un gourou"))
        assert said(open_one) == ["un gourou"]
        posting.withdraw(fresh(open_one), open_one.author)
        assert fresh(open_one).state == "withdrawn"

    def test_not_once_it_is_answered(self, open_one, owner):
        accept(open_one, owner)
        with pytest.raises(posting.Closed):
            renew(open_one, ("is", "un gourou"))
        with pytest.raises(posting.Closed):
            posting.withdraw(fresh(open_one), open_one.author)

    def test_renewed_as_it_was_stands_on_the_present_version(self, open_one, base, owner):
        edit(base, "Autre chose.", *CLAUSES)
        post = fresh(open_one)
        verbs.edit(post, post.author, post.published_revision.wording, seen=verbs.version_of(post))
        assert fresh(post).published_revision.base == fresh(base).published_revision
        accept(post, owner)

    def test_renewed_by_a_new_member_the_earlier_one_still_stands_on_its_own(self, base, owner):
        post = published(amendment(base, UserFactory.create(), *CHANGED))
        edit(base, "Autre chose.", *CLAUSES)
        renew(post, ("is", "un gourou"))
        with pytest.raises(verbs.Outdated):
            accept(post, owner)
        act("approve", post)
        accept(post, owner)
        assert said(base) == ["un gourou"]


class TestWhoIsTold:
    def test_the_definition_s_author_once_it_is_published(self, base, owner):
        post = amendment(base, UserFactory.create(name="Chloé"))
        assert told(owner, "amendment") == []
        published(post)
        assert told(owner, "amendment") == [post.pk]
        page = client_of(owner).get(reverse("notices"))
        number = base.definition.number
        assert f"Chloé proposes an amendment: Definition {number} of “" in page.text

    def test_the_proposer_of_the_answer(self, open_one, base, owner, proposer):
        accept(open_one, owner)
        assert told(proposer, "answered") == [open_one.pk]
        other = amendment(base, proposer)
        answer = decline(other, owner)
        assert told(proposer, "answered") == [open_one.pk, answer.pk]
        page = client_of(proposer).get(reverse("notices"))
        assert "Ariane takes up your amendment: Definition" in page.text
        assert "Ariane declines your amendment: Definition" in page.text

    def test_opening_it_is_having_read_that(self, open_one, owner):
        client_of(owner).get(open_one.get_absolute_url())
        assert not Notice.objects.filter(person=owner, post=open_one, read_at=None).exists()

    def test_who_follows_the_definition_and_its_author_of_replies(self, base, proposer):
        from discussions.following import follows

        reader = UserFactory.create()
        follows.follow(reader, base)
        post = amendment(base, proposer)
        assert told(reader, "followed") == [post.pk]
        published(reply(post))
        assert len(told(proposer, "followed")) == 1

    def test_by_mail_in_words_that_quote_nothing(self, open_one, base, owner, proposer):
        letter = Letter.objects.get(recipient=owner, notice__post=open_one)
        place = f"Definition {base.definition.number} of “{base.definition.term}”"
        mail = writing.message(letter)
        assert mail.subject == f"Basile proposes an amendment: {place}"
        assert "une personne qui écoute et répond" in mail.body
        accept(open_one, owner)
        answer = decline(amendment(base, proposer), owner, "Non, merci.")
        accepted, declined = (
            writing.message(letter)
            for letter in Letter.objects.filter(recipient=proposer, notice__kind="answered")
        )
        assert accepted.subject == f"Ariane takes up your amendment: {place}"
        assert declined.subject == f"Ariane declines your amendment: {place}"
        assert "Non, merci." in declined.body
        assert answer.get_absolute_url() in declined.body

    def test_by_no_mail_once_the_definition_is_hidden(self, open_one, base, owner):
        act("hide", base)
        letter = Letter.objects.get(recipient=owner, notice__post=open_one)
        assert writing.message(letter) is None

    def test_nobody_of_what_is_hidden_with_its_definition(self, open_one, base, owner):
        act("hide", base)
        assert Notice.objects.shown_to(owner).filter(post=open_one).count() == 0


def clauses(*rows, **more):
    data = {"clauses-TOTAL_FORMS": len(rows), "clauses-INITIAL_FORMS": 0}
    for i, (polarity, text) in enumerate(rows):
        data |= {f"clauses-{i}-polarity": polarity, f"clauses-{i}-text": text}
    return data | {"body": "", "key": str(uuid4())} | more


def hidden_values(page):
    return dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="(.*?)"', page.text))


class TestPages:
    def amend(self, base):
        return reverse("definitions:amend", args=[base.public_id])

    def test_form_begins_with_the_present_version(self, base, proposer):
        page = client_of(proposer).get(self.amend(base))
        assert [form["text"].value() for form in page.context["clauses"]] == [
            text for _polarity, text in CLAUSES
        ]
        form = page.context["form"]
        assert (form["body"].value(), form["tags"].value()) == ("Parce qu’elle est là.", "écoute")
        assert "relation" not in form.fields

    def test_sent_it_leads_to_its_page(self, base, proposer):
        client = client_of(proposer)
        seen = hidden_values(client.get(self.amend(base)))["seen"]
        page = client.post(self.amend(base), clauses(*CHANGED, seen=seen), follow=True)
        post = Post.objects.amendments().get()
        assert page.redirect_chain == [(post.get_absolute_url(), 302)]
        assert "Your text is published." in page.text

    def test_what_changes_nothing_is_said_at_the_form(self, base, proposer):
        seen = verbs.base_of(base)
        typed = clauses(*CLAUSES, seen=seen, body="Parce qu’elle est là.", tags="écoute")
        page = client_of(proposer).post(self.amend(base), typed)
        assert page.status_code == 422
        assert "This says what the definition says already" in page.text

    def test_what_was_written_on_another_version_is_kept_and_may_be_sent_again(
        self, base, proposer
    ):
        client = client_of(proposer)
        seen = hidden_values(client.get(self.amend(base)))["seen"]
        edit(base, "Autre chose.", *CLAUSES)
        page = client.post(self.amend(base), clauses(*CHANGED, seen=seen))
        assert page.status_code == 422
        assert "This text has changed since you opened it" in page.text
        assert page.context["clauses"][0]["text"].value() == CHANGED[0][1]
        seen = hidden_values(page)["seen"]
        assert client.post(self.amend(base), clauses(*CHANGED, seen=seen)).status_code == 302

    def test_not_for_one_s_own_definition(self, base, owner):
        assert client_of(owner).get(self.amend(base)).status_code == 302

    def test_shows_both_sides_with_the_words_that_differ(self, open_one):
        page = Client().get(open_one.get_absolute_url())
        rows = [
            ([(run.kind, run.text) for run in row.left], [(r.kind, r.text) for r in row.right])
            for row in page.context["changes"]
        ]
        first, second = (text for _polarity, text in CLAUSES)
        assert rows == [
            ([("same", first)], [("same", first), ("new", " et répond")]),
            ([("same", second)], [("same", second)]),
        ]
        assert '<ins><span class="sr">[added:] </span> et répond</ins>' in page.text

    def test_only_the_definition_s_author_has_the_buttons(self, open_one, owner, moderator):
        for user, has in ((owner, True), (open_one.author, False), (moderator, False)):
            page = client_of(user).get(open_one.get_absolute_url())
            assert ("Accept the amendment" in page.text) is has

    def test_author_accepts(self, open_one, owner, base):
        address = reverse("amendment_answer", args=[open_one.public_id])
        typed = {"accept": "1", "seen": verbs.version_of(open_one)}
        page = client_of(owner).post(address, typed, follow=True)
        assert "Your definition says now what the amendment proposed." in page.text
        assert said(base)[0] == CHANGED[0][1]

    def test_refusal_shows_both_versions(self, open_one, owner, base):
        typed = {"accept": "1", "seen": verbs.version_of(open_one)}
        edit(base, "Autre chose.", ("is", "un métier"))
        address = reverse("amendment_answer", args=[open_one.public_id])
        page = client_of(owner).post(address, typed)
        assert page.status_code == 409
        assert "has changed since" in page.text
        assert "un métier" in page.text
        assert "et répond" in page.text
        typed["seen"] = hidden_values(page)["seen"]
        page = client_of(owner).post(address, typed)
        assert "Your definition has changed since this amendment was written" in page.text

    def test_declining_needs_a_word(self, open_one, owner):
        address = reverse("amendment_answer", args=[open_one.public_id])
        typed = {"body": " ", "key": uuid4(), "seen": verbs.version_of(open_one)}
        page = client_of(owner).post(address, typed)
        assert (page.status_code, list(page.context["decline"].errors)) == (422, ["body"])
        typed["body"] = "Non."
        page = client_of(owner).post(address, typed, follow=True)
        assert "The amendment is declined" in page.text

    def test_its_author_edits_it_on_its_own_page(self, open_one, proposer, base):
        client = client_of(proposer)
        edit(base, "Autre chose.", *CLAUSES)
        page = client.get(reverse("post_edit", args=[open_one.public_id]), follow=True)
        assert "What changed in the definition" in page.text
        typed = clauses(*CHANGED, seen=hidden_values(page)["seen"])
        address = reverse("amendment_edit", args=[open_one.public_id])
        assert client.post(address, typed).status_code == 302
        assert fresh(open_one).published_revision.base == fresh(base).published_revision

    def test_definition_lists_those_that_may_be_read(self, base, open_one, moderator):
        hidden = published(amendment(base, UserFactory.create(), ("is", "un gourou")))
        act("hide", hidden)
        waits = amendment(base, UserFactory.create(), ("is", "un mage"))

        def listed(client):
            return set(client.get(base.get_absolute_url()).context["amendments"])

        assert listed(Client()) == {open_one}
        assert listed(client_of(waits.author)) == {open_one, waits}
        assert listed(client_of(moderator)) == {open_one, hidden, waits}

    @pytest.mark.parametrize("state", ["hidden", "withdrawn"])
    def test_its_words_go_with_those_of_the_definition(self, state, base, open_one, owner):
        word = "écoute et répond"
        pages = [
            open_one.get_absolute_url(),
            reverse("home"),
            reverse("member", args=["Basile"]),
            reverse("feeds:member", args=["Basile"]),
            reverse("definitions:detail", args=[base.public_id]),
        ]
        client = client_of(person("member"))
        assert all("écoute" in client.get(page).text for page in pages)
        in_state(state, base)
        assert [page for page in pages if word in client.get(page).text] == []
        assert word in client_of(open_one.author).get(open_one.get_absolute_url()).text
        with pytest.raises(posting.Closed):
            reply(fresh(open_one), UserFactory.create())

    def test_message_s_address_and_profile_lead_to_it(self, open_one):
        page = Client().get(reverse("post", args=[open_one.public_id]))
        assert page.headers["Location"] == open_one.get_absolute_url()
        page = Client().get(reverse("member", args=["Basile"]) + "?genre=amendements")
        assert list(page.context["posts"]) == [open_one]


class TestLeaving:
    def test_its_words_stay_in_the_definition_that_took_them_up(self, open_one, owner, base):
        accept(open_one, owner)
        leaving.leave(open_one.author, erase=True)
        assert said(base)[0] == CHANGED[0][1]
        assert fresh(open_one).state == "withdrawn"
        page = Client().get(base.get_absolute_url())
        assert f"After the amendment by {fresh(open_one).author}" in page.text
        assert "Basile" not in page.text
        assert Client().get(open_one.get_absolute_url()).status_code == 200

    def test_without_their_texts_it_can_still_be_accepted(self, open_one, owner, base):
        leaving.leave(open_one.author, erase=False)
        accept(open_one, owner)
        assert said(base)[0] == CHANGED[0][1]

    def test_copy_of_one_s_data_has_it(self, open_one, owner, proposer, base):
        from cmdebate.pages import own_data

        accept(open_one, owner)
        row = own_data.of(proposer)["posts"][-1]
        assert (row["kind"], row["amends"], row["outcome"]) == (
            "amendment",
            base.public_id,
            "accepted",
        )
        assert row["versions"][0]["base"] == 1
        assert own_data.of(owner)["posts"][-1]["versions"][1]["adopted"] == open_one.public_id
