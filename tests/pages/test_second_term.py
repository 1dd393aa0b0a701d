"""A second word with essays of its own, brought in by the import: one whole round of it, through
the pages that its members use, and nothing of it on the first one's pages."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from discussions.models import Call, Post
from essays.models import Essay, Term
from tests.essays.conftest import DebateFolder
from tests.factories import UserFactory, client_of, definition, published, reply

pytestmark = pytest.mark.django_db

TEXT = """\
Qui garde la porte ?

Le modérateur est un portier courtois.
Il balaie le seuil avant la fête.
Il n’est jamais un bourreau.
  1. Un arbitre sans sifflet, plutôt."""

MANIFEST = """\
[[terms]]
slug = "moderateur"
headword = "modérateur"

[[essays]]
number = "701"
file = "porte.txt"
sha256 = "SHA256"
slug = "qui-garde-la-porte"
title = "Qui garde la porte ?"
title_line = 1
language = "fr"
terms = ["moderateur"]
segments = [
  { first = 1, last = 2, kind = "title" },
  { first = 3, last = 5, kind = "body" },
  { first = 6, last = 6, kind = "comment", id = "c1", marker = "1." },
]
"""

DEBATE = """\
[[duties]]
slug = "balayer"
name = "balayer"
line = "Tenir le seuil propre."

[[claims]]
id = "a1"
essay = "qui-garde-la-porte"
line = 4
words = "Il balaie le seuil"
polarity = "should"
duty = "balayer"
for = ["balayer"]
who = "l’essai"
gist = "Il balaie."

[[claims]]
id = "a2"
essay = "qui-garde-la-porte"
line = 6
words = "Un arbitre sans sifflet"
polarity = "should_not"
duty = "balayer"
against = ["balayer"]
who = "un commentaire"
gist = "Il arbitre."
contradicts = ["a1"]

[[definitions]]
id = "d1"
essay = "qui-garde-la-porte"
line = 5
words = "un bourreau"
polarity = "is_not"
who = "l’essai"
"""

QUESTION = "Qui garde la porte d’un forum ?"
DEFINITIONS = {
    "Adèle": ("celui qui accueille", "un portier courtois"),
    "Bastien": ("celui qui range", "balaie le seuil"),
    "Camille": ("celui qui patiente", "avant la fête"),
}
AMENDED = "celui qui accueille, et qui raccompagne"
SAID_IN_THE_STREET = "Un monsieur à casquette."
# Words that are said of the second term only, and of the first only.
ITS_WORDS = (
    *("courtois", "balaie", "bourreau", "sifflet", "balayer", "raccompagne"),
    *("range", "patiente", "casquette"),
)
OF_THE_FIRST = "un souffleur de braises"
PAGES = (
    *("definitions:list", "definitions:words", "definitions:compare", "role", "claims"),
    *("survey", "feeds:definitions"),
)


class Folder(DebateFolder):
    debate = DEBATE

    def __init__(self, path):
        self.path, self.manifest = path, MANIFEST
        self.write_text(TEXT.encode(), "porte.txt")


@pytest.fixture
def first(settings) -> Term:
    settings.POST_LIMITS = []
    call_command("import_essays", stdout=StringIO())
    return Term.objects.get()


@pytest.fixture
def second(first, tmp_path) -> Term:
    call_command("import_essays", Folder(tmp_path).path, stdout=StringIO())
    return Term.objects.get(slug="moderateur")


def see(address: str, client: Client | None = None) -> Any:
    response = (client or Client()).get(address)
    assert response.status_code == 200, address
    return html.fromstring(response.content)


def words_of(node: Any) -> str:
    return " ".join(node.text_content().split())


def links(node: Any) -> set[str]:
    return {link.get("href") for link in node.iter("a")}


def send(client: Client, address: str, button: str = "", **typed: Any) -> Any:
    """Fills in the form of that page which has such a field or button, and sends it."""
    page = see(address, client)
    wanted = button or next(iter(typed))
    form = next(form for form in page.forms if form.xpath(".//*[@name=$name]", name=wanted))
    fields: dict[str, Any] = {}
    for name, value in form.form_values():
        fields.setdefault(name, []).append(value)
    response = client.post(form.action or address, fields | typed, follow=True)
    assert response.status_code == 200, response.text
    return response


def member_named(name: str, position: str, essay: Essay | None = None) -> Client:
    """A member who has declared a position; with an essay, one whose texts no longer wait."""
    member = UserFactory.create(name=name)
    for _time in range(3 if essay else 0):
        published(reply(essay, member))
    client = client_of(member)
    send(client, reverse("position"), position=position)
    return client


def post_of(name: str) -> Post:
    return Post.objects.definitions().get(author__name=name)


def test_one_whole_round_of_a_second_term(first, second):
    essay = second.essays.get()
    published(definition(None, ("is", OF_THE_FIRST), term=first))
    answer_the_survey(second)

    manager = client_of(UserFactory.create(name="Agathe", community_manager=True))
    opened = open_a_call(manager, second)
    authors = {
        name: member_named(name, "agency" if name == "Adèle" else "brand", essay)
        for name in DEFINITIONS
    }
    for name, client in authors.items():
        enter(client, opened, *DEFINITIONS[name], essay)
    amend(authors["Bastien"], authors["Adèle"])

    voters = {
        position: [member_named(f"{position}{n}", position) for n in range(5)]
        for position in ("blogger", "researcher")
    }
    react(voters)
    for position, clients in voters.items():
        chosen = ["Adèle", "Camille"] if position == "blogger" else ["Adèle"]
        for client in clients:
            approve(client, opened, chosen)
    assert not see(opened).xpath("//main//table")  # nothing is told before the end

    call_command("clock", at=Call.objects.get().closes_at)
    sign(manager, opened)
    check_what_is_retained(second, opened)
    check_the_role_and_the_claims(second)
    check_nothing_strays(first, second)
    assert call_command_says("verify_record").startswith("The record holds")


def call_command_says(name: str) -> str:
    said = StringIO()
    call_command(name, stdout=said)
    return said.getvalue()


def answer_the_survey(term: Term) -> None:
    address = term.address("survey")
    assert address in links(see(term.get_absolute_url()))
    page = see(address)
    assert term.headword in words_of(page.find(".//h1"))
    form = term.address("survey_answer")
    assert form in links(page)
    for generation, choice in (("young", "no"), ("senior", "precisely")):
        for n in range(5):
            text = SAID_IN_THE_STREET if (generation, n) == ("young", 0) else ""
            said = send(Client(), form, choice=choice, generation=generation, text=text)
            assert said.redirect_chain == [(form, 302)]
            assert address in links(html.fromstring(said.content))
    results = Client().get(address).context["results"]
    assert (results.count, results.generations) == (10, {"young", "senior"})
    (post,) = published_texts_of_the_survey()
    assert SAID_IN_THE_STREET in words_of(see(address))
    permalink = Client().get(post.get_absolute_url())
    assert permalink.headers["Location"] == f"{address}#{post.anchor}"


def published_texts_of_the_survey() -> list[Post]:
    waiting = Post.objects.filter(kind=Post.Kind.ANSWER)
    return [published(post) for post in waiting]


def open_a_call(manager: Client, term: Term) -> str:
    listed = term.address("calls:list")
    form = term.address("calls:create")
    assert form in links(see(listed, manager))
    assert listed not in links(see(term.get_absolute_url()))  # there is none yet
    last = timezone.localdate() + timedelta(days=1)
    page = send(manager, form, question=QUESTION, last=last.isoformat())
    (address, _status) = page.redirect_chain[-1]
    assert Call.objects.get().term == term  # which the form proposed
    assert address in links(see(listed))
    home = see(term.get_absolute_url())
    assert {listed, address} <= links(home)
    assert term.get_absolute_url() in links(see(address))
    return str(address)


def enter(client: Client, call: str, text: str, passage: str, essay: Essay) -> None:
    (form,) = (link for link in links(see(call, client)) if "?appel=" in link)
    typed = {"clauses-0-text": text, "clauses-0-words": passage}
    page = send(client, form, **typed)
    (address, _status) = page.redirect_chain[-1]
    post = Post.objects.definitions().latest("pk")
    assert (post.get_absolute_url(), post.term, post.state) == (
        *(address, Call.objects.get().term, "published"),
    )
    clause = post.published_revision.clauses.get()
    assert (clause.passage.essay, clause.passage.exact) == (essay, passage)
    assert text in words_of(see(call))


def amend(proposer: Client, author: Client) -> None:
    post = post_of("Adèle")
    form = reverse("definitions:amend", args=[post.public_id])
    assert form in links(see(post.term.get_absolute_url(), proposer))
    page = send(proposer, form, **{"clauses-0-text": AMENDED})
    (address, _status) = page.redirect_chain[-1]
    send(author, address, "accept", accept="1")
    said = words_of(see(post.get_absolute_url()))
    assert AMENDED in said and "Bastien" in said


def react(voters: dict[str, list[Client]]) -> None:
    """Bloggers agree, researchers do not."""
    post = post_of("Adèle")
    address = reverse("definitions:opinions", args=[post.public_id])
    clause = post.published_revision.clauses.get()
    for position, name in (("blogger", "agree"), ("researcher", "disagree")):
        for client in voters[position]:
            assert address in links(see(post.term.get_absolute_url(), client))
            client.post(address, {name: clause.pk})
    rows = see(address).xpath("//main//tbody/tr")
    counts = [[words_of(cell) for cell in row.xpath("./td")] for row in rows]
    assert sorted(counts) == [["0", "5", "0"], ["5", "0", "0"], ["5", "5", "0"]]


def approve(client: Client, call: str, names: list[str]) -> None:
    tickets = {
        ticket.partition(":")[0]: ticket
        for ticket in see(call, client).xpath("//input[@name='approve']/@value")
    }
    assert len(tickets) == len(DEFINITIONS)
    page = send(client, call, approve=[tickets[post_of(name).public_id] for name in names])
    assert page.redirect_chain == [(call, 302)]


def sign(manager: Client, call: str) -> None:
    form = f"{call}compte-rendu/"
    assert form in links(see(call, manager))
    later = timezone.localdate() + timedelta(days=90)
    said = {"agreed": "Il accueille.", "disputed": "Nul ne sait qui le paie."}
    send(manager, form, **said, review_on=later.isoformat())
    assert said["disputed"] in words_of(see(call))


def check_what_is_retained(term: Term, call: str) -> None:
    page = see(term.get_absolute_url())
    (retained,) = page.xpath("//section[@aria-labelledby='retained']")
    assert {call, post_of("Adèle").get_absolute_url()} <= links(retained)
    assert AMENDED in words_of(retained) and "Adèle" in words_of(retained)
    (entry,) = page.xpath("//li[@id=$id]", id=post_of("Adèle").anchor)
    assert entry.xpath(".//*[@class='entry__state entry__state--kept']")
    result = Client().get(call).context["result"]
    assert [(e.post.author.name, e.approvals, e.ballots) for e in result.entries] == [
        ("Adèle", 10, 10),
        ("Camille", 5, 10),
        ("Bastien", 0, 10),
    ]


def check_the_role_and_the_claims(term: Term) -> None:
    role, claims = term.address("role"), term.address("claims")
    assert {role, claims} <= links(see(term.get_absolute_url()))
    (side,) = Client().get(role).context["sides"]
    assert (
        side.duty.slug,
        [claim.exact for claim in side.claiming],
        [claim.exact for claim in side.refusing],
    ) == ("balayer", ["Il balaie le seuil"], ["Un arbitre sans sifflet"])
    (group,) = Client().get(claims).context["groups"]
    assert [(row.claim.ref, [a.claim.ref for a in row.against]) for row in group.rows] == [
        ("a1", ["a2"]),
        ("a2", ["a1"]),
    ]
    for page, other in ((role, claims), (claims, role)):
        assert {other, term.get_absolute_url()} <= links(see(page))
        assert reverse("claims") not in links(see(page))


def check_nothing_strays(first: Term, second: Term) -> None:
    strange = {
        (term.slug, page): [word for word in theirs if word in words_of(see(term.address(page)))]
        for term, theirs in ((first, ITS_WORDS), (second, strangers_to(second)))
        for page in PAGES
    }
    assert {place: words for place, words in strange.items() if words} == {}
    # Both lists are not empty for nothing.
    assert "courtois" in words_of(see(second.get_absolute_url()))
    assert OF_THE_FIRST in words_of(see(first.get_absolute_url()))
    home = Client().get(reverse("home"))
    assert [essay.number for essay in home.context["essays"]] == [
        *("000", "001", "002", "003", "004"),
    ]
    assert home.context["standing"].result is home.context["standing"].open_call is None
    assert home.context["definition"].term == first
    assert second.get_absolute_url() in links(html.fromstring(home.content))
    # What is of the whole site says which word it is about.
    (call,) = see(reverse("calls:list")).xpath("//ol[@class='entries__list']/li")
    assert second.headword in words_of(call)
    news = see(reverse("home")).xpath("//ol[@class='news']/li")
    assert [second.headword in words_of(row) for row in news] == [
        post.term == second for post in home.context["latest"]
    ]
    assert any(post.term == second for post in home.context["latest"])
    (hit,) = Client().get(reverse("search"), {"q": "raccompagne"}).context["found"].hits[:1]
    assert "modérateur" in hit.title


def strangers_to(term: Term) -> list[str]:
    """Words of the first term's debate: its members', and its essays' at their longest."""
    others = Term.objects.exclude(pk=term.pk).get()
    quoted = [proposal.exact for proposal in others.proposals.all()]
    return [OF_THE_FIRST, *quoted, *(duty.line for duty in others.duties.all())]
