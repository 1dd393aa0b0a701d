"""Atom feeds: what is published, for whoever follows it from elsewhere.

A feed is what a visitor would read, whoever asks. It has an ETag and no Last-Modified: the
latest date goes back when the latest text is hidden, and a reader's program that asked by
date would be told that nothing has changed.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, get_tag_uri
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import conditional_page, require_safe

from cmdebate.accounts.models import User, fold
from discussions import shown, tags, threads
from discussions.models import Decision, Post
from discussions.models.posts import PostQuerySet
from discussions.moderation import journal
from discussions.terms import of_term
from essays.models import Essay, Term

from .places import place_of

LENGTH = 30
NOBODY = AnonymousUser()
# Of a feed in which nothing has been written yet.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What XML cannot hold, and people can type.
UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Entry:
    path: str
    title: str
    html: str
    author: str
    published: datetime
    updated: datetime


class AtomFeed(Atom1Feed):
    def root_attributes(self) -> dict[str, str]:
        # Links inside the texts are the site's own.
        return super().root_attributes() | {"xml:base": self.feed["feed_url"]}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items), default=EPOCH)


def for_everybody(view: View) -> View:
    return login_not_required(require_safe(conditional_page(view)))


def _feed(request: HttpRequest, title: str, link: str, entries: Iterable[Entry]) -> HttpResponse:
    here = request.build_absolute_uri(request.path)
    feed = AtomFeed(
        title=_clean(title),
        link=request.build_absolute_uri(link),
        description=None,
        language=get_language(),
        author_name="cmdebate",
        feed_url=here,
        feed_guid=here,
    )
    for entry in entries:
        address = request.build_absolute_uri(entry.path)
        feed.add_item(
            title=_clean(entry.title),
            link=address,
            description=None,  # type: ignore[arg-type]  # no summary: the whole text is there
            content=_clean(entry.html),
            author_name=entry.author,
            pubdate=entry.published,
            updateddate=entry.updated,
            unique_id=get_tag_uri(address, entry.published),
        )
    response = HttpResponse(content_type=feed.content_type)
    feed.write(response, "utf-8")
    return response


def _clean(text: str) -> str:
    return UNSPEAKABLE.sub("", text)


# What members write


def _latest(posts: PostQuerySet) -> list[Post]:
    return shown.of(NOBODY, posts.visible_to(NOBODY).order_by("-published_at", "-pk")[:LENGTH])


def _entries(posts: Iterable[Post]) -> list[Entry]:
    return [_entry(post) for post in posts]


def _entry(post: Post) -> Entry:
    revision = post.published_revision
    assert revision and revision.published_at and post.published_at  # it is published
    author = post.signature
    if post.has_clauses:
        title = _("%(term)s, by %(name)s") % {"term": place_of(post), "name": author}
        html: str = render_to_string(
            "discussions/_definition_text.html", {"revision": revision, "post": post}
        )
    elif revision.title:
        title, html = revision.title, revision.html
    else:
        title = _("%(name)s, on “%(place)s”") % {"name": author, "place": place_of(post)}
        html = revision.html
    return Entry(
        path=post.get_absolute_url(),
        title=title,
        html=html,
        author=author,
        published=post.published_at,
        updated=revision.published_at,
    )


@for_everybody
def essay(request: HttpRequest, slug: str) -> HttpResponse:
    """The discussion of an essay: under itself, its passages and its original comments."""
    essay = threads.essay_with_thread(slug)
    # Apart, so that the essay's own thread, the longest by far, is read from its index.
    under = Post.objects.filter(thread=threads.own_thread(essay))
    beside = Post.objects.filter(
        Q(thread__original_comment__essay=essay) | Q(thread__passage__essay=essay)
    )
    posts = sorted(
        [*_latest(under), *_latest(beside)],
        key=lambda post: (post.published_at or EPOCH, post.pk),
        reverse=True,
    )
    title = _("cmdebate: the discussion of “%(essay)s”") % {"essay": essay.title}
    return _feed(request, title, essay.get_absolute_url(), _entries(posts[:LENGTH]))


@for_everybody
@of_term
def definitions(request: HttpRequest, term: Term | None) -> HttpResponse:
    """Those of one term."""
    posts = Post.objects.definitions().written_here().filter(definition__term=term)
    link = term.get_absolute_url() if term else reverse("definitions:list")
    title = _("cmdebate: definitions")
    if term and not term.is_first:
        title = _("cmdebate: definitions of “%(term)s”") % {"term": term.headword}
    return _feed(request, title, link, _entries(_latest(posts)))


@for_everybody
def member(request: HttpRequest, name: str) -> HttpResponse:
    person = get_object_or_404(User, name_key=fold(name.replace("\0", "")), is_active=True)
    posts = Post.objects.filter(author=person)
    title = _("cmdebate: texts by %(name)s") % {"name": person}
    return _feed(request, title, person.get_absolute_url(), _entries(_latest(posts)))


@for_everybody
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """The definitions that carry a tag, and what is written under them and under its essays."""
    tag = get_object_or_404(tags.in_use(), slug=slug)
    essays = Essay.objects.filter(tags=tag).values("pk")
    definitions = tags.definitions_under(tag).values("pk")
    posts = Post.objects.filter(
        Q(pk__in=definitions)
        | Q(thread__post__in=definitions)
        | Q(thread__essay__in=essays)
        | Q(thread__passage__essay__in=essays)
        | Q(thread__original_comment__essay__in=essays)
    )
    title = _("cmdebate: under the tag “%(tag)s”") % {"tag": tag}
    link = f"{reverse('essays:list')}?tag={tag.slug}"
    return _feed(request, title, link, _entries(_latest(posts)))


# What community managers decide


@for_everybody
def record(request: HttpRequest) -> HttpResponse:
    decisions = journal.with_subjects(Decision.objects.order_by("-number"))
    entries = [
        Entry(
            path=decision.get_absolute_url(),
            title=_("Entry %(number)d of the record: %(act)s")
            % {"number": decision.number, "act": decision.get_action_display()},
            html=render_to_string("feeds/decision.html", {"entry": decision}),
            author=decision.by_shown,
            published=decision.at,
            updated=decision.at,
        )
        for decision in decisions[:LENGTH]
    ]
    return _feed(request, _("cmdebate: record of decisions"), reverse("record"), entries)
