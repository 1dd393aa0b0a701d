"""Every list costs the same number of queries, whatever it holds: a literal one."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from discussions.agreement.verbs import react
from discussions.amendments import verbs
from discussions.complaints import appeal, report
from discussions.models import Case, Complaint, Note, Passage
from discussions.passages.places import passage_at
from discussions.survey import surveys
from discussions.views import DefinitionOrder
from essays.models import Contradiction
from tests.essays.factories import (
    ClaimFactory,
    DutyFactory,
    EssayFactory,
    OriginalCommentFactory,
    TermFactory,
)
from tests.factories import (
    UserFactory,
    act,
    amendment,
    answer,
    answer_again,
    call,
    candidate,
    client_of,
    definition,
    edit,
    ended,
    essay_definition,
    in_state,
    person,
    prompt,
    published,
    reply,
    signed,
    survey,
    text_of,
    vote,
)

pytestmark = pytest.mark.django_db


class Lists:
    """Pages that list, with a handful of rows of each kind added at a time."""

    def __init__(self):
        self.term = TermFactory.create()
        self.essay = EssayFactory.create()
        self.comment = OriginalCommentFactory.create(essay=self.essay)
        self.author = UserFactory.create(name="Marthe", community_manager=True)
        self.base = definition(self.author, body="Parce que.")
        self.survey = survey()
        self.essay.terms.add(self.term)
        self.taken_up = definition(self.author)
        self.duty = DutyFactory.create(term=self.term, slug="moderer")
        self.reported = published(reply())
        self.reporter = UserFactory.create(name="Rachid")

    def add(self, settings):
        settings.POST_LIMITS = []
        adopted_so_far = self.taken_up.revisions.count()
        EssayFactory.create().tags.add("métier")
        self.essay.tags.add(f"mot-{self.essay.tags.count()}")
        for state in ("hidden", "refused"):
            in_state(state, text_of(answer(text="Une oreille.")))
        comment = OriginalCommentFactory.create(essay=self.essay)
        published(reply(comment))
        act("hide", comment)
        for state in ("published", "hidden", "pending", "edited", "withdrawn"):
            in_state(state, definition(body="Parce que.", tags=("écoute", "mot-0")))
            in_state(state, reply(self.essay))
            in_state(state, reply(self.base))
        published(reply(published(reply(self.essay))))
        number = self.essay.passages.count()
        for text in (self.essay.paragraphs[0], self.comment.paragraphs[0]):
            published(reply(passage_at(self.essay, text.start, text.end - number)))
        published(reply(Passage.objects.earliest("pk")))
        published(reply(self.comment))
        for state in ("published", "pending"):
            in_state(state, text_of(answer(text="Une oreille.")))
        key = f"browser {self.survey.answers.count()}"
        for generation in ("young", "senior", "between"):
            first = answer(generation, key=key + generation)
            second = answer_again(first, key + generation, text="Deux.", essay=self.essay)
            published(text_of(second))
        reply(self.essay, self.author)
        definition(self.author)
        duty = DutyFactory.create(term=self.term)
        one, other = ClaimFactory.create_batch(2, duty=duty)
        one.claims_for.add(duty, self.duty)
        other.claims_against.add(duty, self.duty)
        Contradiction.objects.create(claim=one, other=other, kind="frontal")
        edit(self.base, "", ("is", f"un mot {self.base.revisions.count()}"), ("is_not", "deux"))
        for state in ("published", "hidden", "pending"):
            above = in_state(state, definition(related=self.base, relation="narrows"))
            if state == "published":
                published(definition(related=above, relation="contradicts"))
            self.amendment = in_state("published", amendment(self.base))
            in_state(state, amendment(self.base, None, ("is", "un mot"), ("is_not", "trois")))
            in_state(state, reply(self.amendment))
        self.complain()
        adopted = published(amendment(self.taken_up, None, ("is", f"mot {adopted_so_far}")))
        verbs.accept(adopted, self.author, seen=verbs.version_of(adopted))
        essay_definition(f"Un mot {adopted_so_far}")
        self.prompt = published(prompt(term=self.term, essay=self.essay, pinned=True))
        published(reply(self.prompt))

    def complain(self):
        """At the desk: what is reported and appealed, of every kind, and notes on it."""
        by, moderator = UserFactory.create(), UserFactory.create(community_manager=True)
        for post in (self.reported, published(reply(None, self.reporter))):
            report(post, Complaint.Kind.RULES, "Voyez.", by=by, ground="spam", form_key=uuid4())
            Note.objects.create(post=post, by=moderator, body="Un mot.")
        comment = OriginalCommentFactory.create()
        report(comment, Complaint.Kind.LAW, "Voyez.", by=by, rule="une loi", form_key=uuid4())
        for member in (UserFactory.create(), self.reporter):
            entry = act("warn", member)
            appeal(entry, member, "Non.", form_key=uuid4())
            Note.objects.create(member=member, by=moderator, body="Un mot.")
        thread = published(reply(OriginalCommentFactory.create())).thread
        for slowed in (thread, self.reported.thread):
            act("slow", slowed)
            appeal(act("reopen", slowed), by, "Non.", form_key=uuid4())
            Note.objects.create(thread=slowed, by=moderator, body="Un mot.")
        act("slow", thread)

    def address(self, page):
        return {
            "home": lambda: reverse("home"),
            "shelf": lambda: reverse("essays:list"),
            "essay": lambda: reverse("essays:detail", args=[self.essay.slug]),
            "passage": lambda: Passage.objects.earliest("pk").get_absolute_url(),
            "comment": lambda: reverse("essays:comment", args=[self.essay.slug, "c1"]),
            "role": lambda: reverse("role"),
            "claims": lambda: reverse("claims"),
            "definitions": lambda: reverse("definitions:list"),
            "definition": lambda: reverse("definitions:detail", args=[self.base.public_id]),
            "opinions": lambda: reverse("definitions:opinions", args=[self.base.public_id]),
            "amendment": lambda: self.amendment.get_absolute_url(),
            "prompt": lambda: self.prompt.get_absolute_url(),
            "prompts": lambda: reverse("prompts"),
            "comparison": lambda: (
                f"{reverse('definitions:compare')}?d={self.base.public_id}&d={self.taken_up.public_id}"
            ),
            "words": lambda: reverse("definitions:words"),
            "history taken up": lambda: reverse(
                "definitions:history", args=[self.taken_up.public_id]
            ),
            "history": lambda: reverse("definitions:history", args=[self.base.public_id]),
            "member": lambda: reverse("member", args=[self.author.name]),
            "survey": lambda: reverse("survey"),
            "journal": lambda: reverse("record"),
            "months": lambda: reverse("moderation:months"),
            "month": lambda: reverse("moderation:monthly", args=[f"{timezone.localdate():%Y-%m}"]),
            "month as JSON": lambda: reverse(
                "moderation:monthly_json", args=[f"{timezone.localdate():%Y-%m}"]
            ),
            "journal of a thread": lambda: (
                f"{reverse('record')}?fil={self.essay.thread.pk}&moderateur={self.author}"
            ),
            "download": lambda: reverse("record_export"),
            "feed of an essay": lambda: reverse("feeds:essay", args=[self.essay.slug]),
            "feed of definitions": lambda: reverse("feeds:definitions"),
            "feed of a member": lambda: reverse("feeds:member", args=[self.author.name]),
            "feed of a tag": lambda: reverse("feeds:tag", args=["mot-0"]),
            "feed of the record": lambda: reverse("feeds:record"),
            "desk": lambda: reverse("moderation:desk"),
            "animate": lambda: reverse("moderation:animate"),
            "watch": lambda: reverse("moderation:watch"),
            "hidden": lambda: reverse("moderation:desk") + "?liste=masques",
            "case": lambda: reverse("moderation:post", args=[self.reported.public_id]),
            "case of a member": lambda: reverse("moderation:member", args=[self.reporter.name]),
            "case of a thread": lambda: reverse(
                "moderation:thread", args=[self.reported.thread.pk]
            ),
            "admin posts": lambda: reverse("admin:discussions_post_changelist"),
            "admin comments": lambda: reverse("admin:essays_originalcomment_changelist"),
            "admin decisions": lambda: reverse("admin:discussions_decision_changelist"),
        }[page]()


@pytest.fixture
def lists():
    return Lists()


# Who is signed in costs three more: the session, the member and their unread notices. Whether
# they follow what the page is about comes with the latter on a thread's page, where the mark
# of their visit is written, and is one more elsewhere.
QUERIES = [
    ("home", "visitor", 14),
    ("home", "member", 18),
    ("home", "community_manager", 18),
    ("shelf", "visitor", 2),
    ("shelf", "member", 5),
    ("shelf", "community_manager", 5),
    ("essay", "visitor", 9),
    ("essay", "member", 12),
    ("essay", "community_manager", 12),
    ("passage", "visitor", 7),
    ("passage", "member", 10),
    ("passage", "community_manager", 10),
    ("comment", "visitor", 5),
    ("comment", "member", 8),
    ("comment", "community_manager", 8),
    ("role", "visitor", 5),
    ("role", "member", 8),
    ("role", "community_manager", 8),
    ("claims", "visitor", 4),
    ("claims", "member", 7),
    ("claims", "community_manager", 7),
    ("definitions", "visitor", 11),
    ("definitions", "member", 16),
    ("definitions", "community_manager", 16),
    ("definition", "visitor", 15),
    ("definition", "member", 19),
    ("definition", "community_manager", 19),
    ("opinions", "visitor", 6),
    ("opinions", "member", 11),
    ("opinions", "community_manager", 11),
    ("amendment", "visitor", 9),
    ("amendment", "member", 12),
    ("amendment", "community_manager", 12),
    ("prompt", "visitor", 10),
    ("prompt", "member", 13),
    ("prompt", "community_manager", 13),
    ("prompts", "visitor", 2),
    ("prompts", "member", 5),
    ("prompts", "community_manager", 5),
    ("comparison", "visitor", 7),
    ("comparison", "member", 10),
    ("words", "visitor", 5),
    ("words", "member", 8),
    ("history taken up", "visitor", 7),
    ("history", "visitor", 5),
    ("history", "member", 8),
    ("history", "community_manager", 8),
    ("member", "visitor", 5),
    ("member", "member", 9),
    ("member", "community_manager", 10),
    ("survey", "visitor", 6),
    ("survey", "member", 9),
    ("survey", "community_manager", 9),
    ("journal", "visitor", 9),
    ("journal", "member", 12),
    ("journal", "community_manager", 12),
    ("months", "visitor", 2),
    ("months", "member", 5),
    ("month", "visitor", 3),
    ("month", "member", 6),
    ("month as JSON", "visitor", 3),
    ("journal of a thread", "visitor", 9),
    ("download", "visitor", 1),
    ("feed of an essay", "visitor", 5),
    ("feed of definitions", "visitor", 6),
    ("feed of a member", "visitor", 5),
    ("feed of a tag", "visitor", 5),
    ("feed of the record", "visitor", 1),
    ("case", "community_manager", 37),
    ("case of a member", "community_manager", 33),
    ("case of a thread", "community_manager", 28),
    ("feed of definitions", "member", 8),
    ("desk", "community_manager", 28),
    ("animate", "community_manager", 26),
    ("watch", "community_manager", 18),
    ("hidden", "community_manager", 32),
    ("admin posts", "community_manager", 9),
    ("admin comments", "community_manager", 6),
    ("admin decisions", "community_manager", 5),
]


def test_pages_cost_the_same_with_more_rows(lists, settings):
    """All of them in one scene, which takes longer to make than they take to draw."""
    expected = {(page, role): queries for page, role, queries in QUERIES}
    for more in (1, 2):
        for _time in range(more):
            lists.add(settings)
        assert {row: cost(lists.address(row[0]), row[1]) for row in expected} == expected


def cost(address: str, role: str) -> int:
    Case.objects.update(looked_by=None, looked_at=None)  # nobody is at the desk from earlier
    client = Client()
    if role != "visitor":
        client.force_login(UserFactory.create(role=role))
    client.get(address).getvalue()  # what everybody sees alike is drawn once
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
        response.getvalue()
    assert response.status_code == 200, address
    return len(queries)


@pytest.mark.parametrize(
    "page, role, queries",
    [
        ("definitions:list", "visitor", 14),
        ("definitions:list", "member", 19),
        ("definitions:words", "visitor", 4),
        ("calls:list", "visitor", 4),
        ("feeds:definitions", "visitor", 4),
        ("role", "visitor", 5),
        ("claims", "visitor", 4),
        ("survey", "visitor", 6),
    ],
)
def test_page_of_another_term_costs_the_same_with_more_rows(
    page, role, queries, settings, django_assert_num_queries
):
    settings.POST_LIMITS = []
    _first, term = TermFactory.create_batch(2)
    essay = EssayFactory.create()
    essay.terms.add(term)
    surveys.make_missing()
    client = client_of(person(role))
    for more in (1, 2):
        for _time in range(more):
            TermFactory.create()
            duty = DutyFactory.create(term=term)
            one, other = ClaimFactory.create_batch(2, duty=duty, essay=essay)
            one.claims_for.add(duty)
            other.claims_against.add(duty)
            Contradiction.objects.create(claim=one, other=other, kind="frontal")
            for generation in ("young", "senior") * 3:
                published(text_of(answer(generation, text="Une oreille.", on=term.survey)))
            opened = call(term=term)
            entered = candidate(opened)
            vote(opened, entered)
            signed(ended(opened))
        address = term.address(page)
        client.get(address)
        with django_assert_num_queries(queries):
            assert client.get(address).status_code == 200


@pytest.mark.parametrize("count", [3, 30])
@pytest.mark.parametrize("role, queries", [("visitor", 8), ("member", 13)])
def test_list_of_definitions_costs_the_same_with_thirty(
    count, role, queries, settings, django_assert_num_queries
):
    settings.POST_LIMITS = []
    author = UserFactory.create(community_manager=True)  # whose texts never wait
    for number in range(count):
        post = definition(author, ("is", f"un mot {number}"), ("is_not", "deux"))
        clause = post.published_revision.clauses.get(position=1)
        react(UserFactory.create(), post, clause, "agree")
    client = client_of(person(role))
    for order in DefinitionOrder:
        address = f"{reverse('definitions:list')}?tri={order}"
        client.get(address)
        with django_assert_num_queries(queries):
            assert client.get(address).context["count"] == count
