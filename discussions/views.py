"""Pages on which definitions and replies are read."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import models
from django.db.models import F, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from essays.models import Term

from . import access, differences, lineage, reading, shown, tags, threads
from .agreement import tally
from .amendments.list import amendments_of
from .calls import queries as calls
from .following import follows, visits
from .forms import BLANK_CLAUSES, DefinitionForm, ReplyForm, clause_forms
from .models import Clause, Post
from .models.posts import PAGES
from .prompts import queries as prompts
from .survey import texts
from .terms import of_term

DEFINITIONS_PER_PAGE = 20


class DefinitionOrder(models.TextChoices):
    """How definitions follow each other in their list."""

    NEWEST = "recentes", pgettext_lazy("definitions", "Newest first")
    SUPPORTED = "soutenues", pgettext_lazy("definitions", "Most supported")
    CONTESTED = "disputees", pgettext_lazy("definitions", "Most contested")
    SHARED = "partagees", pgettext_lazy("definitions", "Most shared across positions")

    @property
    def column(self) -> str:
        return f"definition__{_COLUMNS[self]}"


_COLUMNS = {
    DefinitionOrder.NEWEST: "by_age",
    DefinitionOrder.SUPPORTED: "by_support",
    DefinitionOrder.CONTESTED: "by_contest",
    DefinitionOrder.SHARED: "by_shared",
}


class Origin(models.TextChoices):
    """Whose words definitions are."""

    MEMBERS = "membres", pgettext_lazy("definitions", "written here")
    ESSAYS = "essais", pgettext_lazy("definitions", "of the essays")


@login_not_required
@require_safe
@of_term
def definition_list(request: HttpRequest, term: Term | None) -> HttpResponse:
    """A term's definitions, a page at a time in the reader's order."""
    order = DefinitionOrder.NEWEST
    if request.GET.get("tri") in DefinitionOrder.values:
        order = DefinitionOrder(request.GET["tri"])
    placed = (
        Post.objects.placed_for(request.user)
        .definitions()
        .filter(Q(published_at__isnull=False) | Q(state=Post.State.PENDING), definition__term=term)
        .order_by(F(order.column).desc(nulls_first=True), "-pk")
    )
    published = Post.objects.filter(state=Post.State.PUBLISHED, definition__term=term)
    listed = tags.most_borne(published)
    origin = request.GET.get("de", "")
    if origin in Origin.values:
        theirs = origin == Origin.ESSAYS
        placed = placed.filter(definition__source__isnull=not theirs)
        published = published.filter(definition__source__isnull=not theirs)
    tag = None
    if slug := cursor_in(request, "tag"):
        tag = get_object_or_404(tags.in_use(), slug=slug)
        published = published.filter(pk__in=tags.definitions_under(tag))
        placed = placed.filter(pk__in=published)
    after = cursor_in(request, "apres")
    if after:
        keys = Post.objects.placed_for(request.user).filter(public_id=after)
        placed = placed.filter(**{f"{order.column}__lt": keys.values(order.column)[:1]})
    rows = shown.of(request.user, placed[: DEFINITIONS_PER_PAGE + 1])
    page = rows[:DEFINITIONS_PER_PAGE]
    standing = None
    if term and not term.is_first and not after:  # of the first one, the first page says it
        standing = calls.standing(term, request.user)
    context: dict[str, Any] = {
        "term": term,
        "propose": term and term.address("definitions:create"),
        "prompts": prompts.pinned(request.user, term),
        "follow": follows.button(request.user, term),
        "posts": tally.with_mine(request.user, page),
        "after": after,
        "next": page[-1].public_id if len(rows) > len(page) else "",
        "orders": DefinitionOrder,
        "order": order,
        "origins": Origin,
        "origin": origin if origin in Origin.values else "",
        "count": published.count(),
        "retained": calls.retained_in(term),
        "standing": standing,
        "tag": tag,
        "tags": listed if tag is None or tag in listed else [tag, *listed],
    }
    if request.user.is_authenticated:
        context |= {
            "form": DefinitionForm(),
            "clauses": clause_forms(initial=BLANK_CLAUSES),
        }
    return render(request, "discussions/definition_list.html", context)


@login_not_required
@require_safe
def definition_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    post = in_place(request, public_id)
    if post.kind != Post.Kind.DEFINITION:
        raise Http404
    thread = threads.own_thread(post)
    candidacies = calls.candidacies_of(post)
    context: dict[str, Any] = {
        "post": post,
        "candidacies": candidacies,
        "retained": {each.definition_id for each in candidacies if each.is_retained},
        "thread": reading.read(thread, request.user, place_in(request)),
        "amendments": amendments_of(post, request.user),
        "lineage": lineage.of(post, request.user),
    }
    tally.with_mine(request.user, [post])
    if post.shown:
        tally.with_labels(post.shown.clauses.all())
    context |= visits.arrive(request, post, thread)
    if access.may_reply(request.user, post):
        context["form"] = ReplyForm(speaker=request.user)
    return render(request, "discussions/definition_detail.html", context)


@login_not_required
@require_safe
def post_history(request: HttpRequest, public_id: str) -> HttpResponse:
    """The versions that were published, each with what it changed in the one before; those
    that were not, for those who may see them."""
    post = in_place(request, public_id)
    if post.shown is None:
        raise Http404
    clauses = Prefetch("clauses", Clause.objects.with_passages())
    revisions = post.revisions.prefetch_related(clauses).order_by("number")
    if not access.may_see_drafts(request.user, post):
        revisions = revisions.filter(published_at__isnull=False)
    shown.name_others(revisions)
    versions = list(differences.versions(revisions))
    return render(
        request, "discussions/post_history.html", {"post": post, "versions": versions[::-1]}
    )


@login_not_required
@require_safe
def post_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    """Leads to a post in its place, in the reader's order, or says what became of it."""
    post = in_place(request, public_id)
    if post.kind in PAGES:
        return redirect(post)
    is_answer = post.kind == Post.Kind.ANSWER
    place = texts.address_of(post) if is_answer else _address_in_thread(request, post)
    asked = post.rewrite_id and post.author_id == request.user.pk
    if place and post.state == Post.State.PUBLISHED and not post.is_waiting and not asked:
        return redirect(place)
    if post.is_waiting and not access.may_see_drafts(request.user, post):
        return redirect(place)
    return render(request, "discussions/post_detail.html", {"post": post, "place": place})


@login_not_required
@require_safe
def discussion(request: HttpRequest, public_id: str) -> HttpResponse:
    """A reply that was opened as a discussion, with the thread it got."""
    post = in_place(request, public_id)
    thread = threads.own_thread(post)
    if post.kind != Post.Kind.REPLY or thread is None:
        raise Http404
    context: dict[str, Any] = {
        "post": post,
        "thread": reading.read(thread, request.user, place_in(request)),
    }
    context |= visits.arrive(request, post, thread)
    if access.may_reply(request.user, post):
        context["form"] = ReplyForm(speaker=request.user)
    return render(request, "discussions/discussion.html", context)


def in_place(request: HttpRequest, public_id: str) -> Post:
    """A post that this person may know of, with all that its own pages show."""
    return shown.get(request.user, Post.objects.placed_for(request.user), public_id)


def _address_in_thread(request: HttpRequest, post: Post) -> str:
    assert post.thread
    place = reading.Place(_order_in(request))
    if not reading.fits_one_page(post.thread):
        place = reading.position(post, place.order)
    query = place.query()
    return f"{post.thread.get_absolute_url()}{query and '?'}{query}#{post.anchor}"


def place_in(request: HttpRequest) -> reading.Place:
    """Where in a thread the address asks to begin, and in which order."""
    return reading.Place(
        _order_in(request),
        after=cursor_in(request, "apres"),
        start=cursor_in(request, "depuis"),
        branch=cursor_in(request, "branche"),
    )


def _order_in(request: HttpRequest) -> reading.Order:
    code = request.GET.get("tri", "")
    return reading.Order(code) if code in reading.Order.values else reading.Order.OLDEST


def cursor_in(request: HttpRequest, name: str) -> str:
    """The public id in the query, without what PostgreSQL cannot be asked for."""
    return request.GET.get(name, "").replace("\0", "")
