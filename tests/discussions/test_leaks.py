"""Nobody learns of a text that is not theirs to read: not from any page, count or file."""

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from discussions.calls import voting
from discussions.models import Passage, Post
from discussions.passages.places import passage_at
from essays.models import Term
from tests.essays.factories import EssayFactory, OriginalCommentFactory
from tests.factories import (
    NEVER_PUBLIC,
    READABLE,
    STATES,
    UserFactory,
    act,
    amendment,
    answer,
    call,
    client_of,
    definition,
    in_state,
    person,
    prompt,
    published,
    reply,
    survey,
    text_of,
)

pytestmark = pytest.mark.django_db

LINK = re.compile(r'<a [^>]*href="([^"]+)"')
# One language is enough; accounts hold no text; the admin's links lead to filters without end.
FOLLOWED = re.compile(r"/en/(?!compte/|admin/)")
CHANGING = re.compile(r'name="(csrfmiddlewaretoken|key)" value="[\w-]+"')
POST_ROUTES = ("post", "post_reply", "post_edit", "post_withdraw", "moderation:post")
# What can become of a text that nobody can edit or withdraw.
ANSWER_STATES = ("pending", "published", "hidden", "refused")
ROUTES_OF_KIND = {
    "definition": (
        *("definitions:detail", "definitions:history", "definitions:opinions"),
        "definitions:amend",
    ),
    "amendment": ("amendment", "amendment_edit", "amendment_answer", "post_history"),
    "call": ("calls:detail", "calls:minute"),
    "prompt": ("prompt", "prompt_edit", "post_history"),
}


class Scene:
    """A text of each kind in each state, each with a word of its own, by its own author."""

    def __init__(self):
        Term.objects.create(slug="mot", headword="mot", position=1)
        survey()
        self.essay = EssayFactory.create(slug="un-essai")
        self.essay.tags.add("métier")
        self.comments = [OriginalCommentFactory.create(essay=self.essay) for _i in range(3)]
        self.base = published(definition(UserFactory.create(name="Basile")))
        self.answered = published(reply(self.essay, UserFactory.create(name="Ariane")))
        self.call = call(question=self.word("published", "question"))
        self.prompt = published(prompt(question=self.word("published", "asked"), pinned=True))
        self.texts: dict[tuple[str, str], Post] = {}

    def places(self, state):
        # A passage of its own for each state: whether it is marked must tell nothing.
        at = self.essay.text.index("premier paragraphe") + STATES.index(state)
        return {
            "essay": self.essay,
            "passage": passage_at(self.essay, at, at + 5),
            "comment": self.comments[1],
            "definition": self.base,
            "reply": self.answered,
            "call": self.call.post,
            "prompt": self.prompt,
        }

    def add(self, *states):
        for state in states:
            for place, subject in self.places(state).items():
                author = UserFactory.create(name=f"{state}-{place}")
                self.texts[state, place] = in_state(
                    state,
                    reply(subject, author, self.word(state, place)),
                    new_text=self.word("draft", place),
                )
            author = UserFactory.create(name=f"{state}-alone")
            word = self.word(state, "alone")
            more: dict[str, Any] = {"relation": "narrows", "related": self.base}
            defined = definition(author, ("is", word), body=f"{word} encore", **more)
            voting.enter(author, self.call, defined)
            self.texts[state, "alone"] = in_state(
                state,
                defined,
                new_text=self.word("draft", "alone"),
            )
            author = UserFactory.create(name=f"{state}-amendment")
            self.texts[state, "amendment"] = in_state(
                state,
                amendment(self.base, author, ("is", self.word(state, "amendment"))),
                new_text=self.word("draft", "amendment"),
            )
            author = UserFactory.create(name=f"{state}-starter", community_manager=True)
            asked = prompt(author, self.word(state, "starter"), essay=self.essay, pinned=True)
            if state != "edited":
                self.texts[state, "starter"] = in_state(state, asked)
            if state in ANSWER_STATES:
                post = text_of(answer(text=self.word(state, "survey")))
                self.texts[state, "survey"] = in_state(state, post)
            if state == "hidden":
                term = Term.objects.create(slug="marque", headword="marque", position=2)
                survey()
                asked = call(question=self.word(state, "question"), term=term).post
                self.texts[state, "question"] = asked
                act("hide", asked)
            if state == "published":
                self.texts[state, "question"] = self.call.post
        return self

    @staticmethod
    def word(state, place):
        return f"word-{state}-{place}"

    def words(self, *states):
        return {self.word(state, place) for state, place in self.texts if state in states}

    def drafts(self):
        return {self.word("draft", place) for state, place in self.texts if state == "edited"}

    def addresses(self):
        """Where anybody may try their luck, whatever is linked from where."""
        yield from map(reverse, ("home", "essays:list", "definitions:list", "record", "rules"))
        yield from map(reverse, ("survey", "survey_answer"))
        yield from map(reverse, ("record_export", "moderation:desk", "admin:index"))
        yield reverse("calls:list")
        yield reverse("prompts")
        yield from map(reverse, ("moderation:animate", "moderation:watch"))
        yield reverse("essays:list") + "?tag=metier"
        yield reverse("search") + "?q=word"
        yield reverse("definitions:words")
        yield from map(reverse, ("feeds:definitions", "feeds:record"))
        yield reverse("feeds:essay", args=[self.essay.slug])
        yield reverse("feeds:tag", args=["metier"])
        yield reverse("moderation:desk") + "?liste=masques"
        yield reverse("admin:discussions_post_changelist") + "?q=word"
        yield reverse("essays:detail", args=[self.essay.slug])
        yield reverse("essays:source", args=[self.essay.slug])
        yield reverse("passage_create", args=[self.essay.slug]) + "?p=1"
        for comment in self.comments:
            span = f"?de={comment.start}&a={comment.end}"
            yield reverse("passage_create", args=[self.essay.slug]) + span
        for passage in Passage.objects.order_by("start"):
            for name in ("passage", "passage_reply"):
                yield reverse(name, args=[self.essay.slug, passage.public_id])
        for comment in self.comments:
            for name in ("essays:comment", "essays:comment_reply", "moderation:comment"):
                yield reverse(name, args=[self.essay.slug, comment.ref])
        for post in [self.base, self.answered, *self.texts.values()]:
            for name in (*POST_ROUTES, *ROUTES_OF_KIND.get(post.kind, ())):
                yield reverse(name, args=[post.public_id])
            yield reverse("admin:discussions_post_change", args=[post.pk])
            yield f"{reverse('definitions:compare')}?d={self.base.public_id}&d={post.public_id}"
            yield f"{reverse('definitions:create')}?definition={post.public_id}"
            if post.kind == "answer":
                yield f"{reverse('survey')}?apres={post.public_id}"
                yield f"{reverse('survey')}?depuis={post.public_id}"
                continue
            yield reverse("member", args=[post.author.name])
            yield reverse("feeds:member", args=[post.author.name])
            yield f"{post.author.get_absolute_url()}?avant={post.public_id}"
            if post.thread and post.parent is None:
                yield f"{post.thread.get_absolute_url()}?apres={post.public_id}"
                yield f"{post.thread.get_absolute_url()}?depuis={post.public_id}"
            if post.kind == "prompt":
                yield f"{reverse('prompts')}?avant={post.public_id}"


def walk(client, addresses):
    """Every page that those addresses and their links lead to, with its text."""
    waiting, pages = list(addresses), {}
    while waiting:
        address = waiting.pop()
        if address in pages:
            continue
        response = client.get(address)
        text = b"".join(response).decode() if response.streaming else response.text
        pages[address] = text
        for link in [response.headers.get("Location", ""), *LINK.findall(text)]:
            parts = urlsplit(urljoin(address, link.replace("&amp;", "&")))
            if not parts.netloc and FOLLOWED.match(parts.path):
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return pages


def found(pages, words):
    return {word for word in words if any(word in text for text in pages.values())}


@pytest.fixture(params=["visitor", "member"])
def stranger(request):
    return client_of(person(request.param))


def test_strangers_find_nothing_that_is_not_public(stranger):
    scene = Scene().add(*STATES)
    hidden_comment = scene.comments[0]
    withheld = hidden_comment.text_for_moderators()
    act("hide", hidden_comment)
    pages = walk(stranger, scene.addresses())
    private = scene.words(*set(STATES) - set(READABLE)) | scene.drafts() | {withheld}
    assert found(pages, private) == set()
    # The walk is long enough: it has met every text that is public.
    public = scene.words(*READABLE) | {c.text_for_moderators() for c in scene.comments[1:]}
    assert found(pages, public) == public

    for (state, _place), post in scene.texts.items():
        if state in NEVER_PUBLIC:
            # Whoever knows the id or the name already learns no more; nobody else meets them.
            # The download alone names what was refused, so that its author finds the entry.
            told_by = {post.public_id} | ({post.author.name} if post.author else set())
            elsewhere = {
                address: text
                for address, text in pages.items()
                if not any(name in address for name in told_by)
                and address != reverse("record_export")
            }
            assert found(elsewhere, told_by) == set()


def test_pages_are_the_same_whatever_was_never_public(stranger):
    scene = Scene().add("published", "hidden")
    addresses, record = list(scene.addresses()), reverse("record")

    def pages():
        return {
            address: CHANGING.sub("", text) for address, text in walk(stranger, addresses).items()
        }

    def but_for_the_record(pages):
        return {a: text for a, text in pages.items() if not re.search("/journal|/bilan/", a)}

    before = pages()
    scene.add("pending", "dropped")
    assert CHANGING.sub("", stranger.get(record).text) == before[record]
    scene.add("refused")
    assert but_for_the_record(pages()) == but_for_the_record(before)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "place",
    ["essay", "passage", "comment", "definition", "reply", "call", "alone", "amendment"],
)
def test_author_reads_their_own(state, place):
    scene = Scene().add(state)
    post = scene.texts[state, place]
    own = {scene.word(state, place)}
    page = client_of(post.author).get(reverse("post", args=[post.public_id]), follow=True)
    assert found({"": page.text}, own) == own
    page = client_of(post.author).get(reverse("member", args=[post.author.name]))
    assert found({"": page.text}, own) == own


def test_author_reads_their_draft_where_it_waits():
    scene = Scene().add("edited")
    for (_state, place), post in scene.texts.items():
        address = reverse("post_edit", args=[post.public_id])
        word = {scene.word("draft", place)}
        assert found({"": client_of(post.author).get(address, follow=True).text}, word) == word


def test_author_finds_nobody_else_s():
    scene = Scene().add(*STATES)
    post = scene.texts["pending", "essay"]
    pages = walk(client_of(post.author), scene.addresses())
    private = scene.words(*set(STATES) - set(READABLE)) | scene.drafts()
    assert found(pages, private) == {scene.word("pending", "essay")}


def test_community_managers_read_all(moderator):
    scene = Scene().add(*STATES)
    withheld = scene.comments[0].text_for_moderators()
    act("hide", scene.comments[0])
    client = client_of(moderator)
    pages = {a: client.get(a).text for a in scene.addresses() if a.startswith("/en/moderation/")}
    everything = scene.words(*STATES) | scene.drafts() | {withheld}
    assert found(pages, everything) == everything


def test_sign_in_page_tells_a_visitor_nothing_of_where_it_leads():
    scene = Scene().add("pending")
    post = scene.texts["pending", "essay"]
    address = reverse("post_edit", args=[post.public_id])
    unknown = address.replace(post.public_id, "zzzzzzzzzz")
    told = [Client().get(a, follow=True).text.replace(a, "") for a in (address, unknown)]
    assert CHANGING.sub("", told[0]).replace(post.public_id, "zzzzzzzzzz") == CHANGING.sub(
        "", told[1]
    )
