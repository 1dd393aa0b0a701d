"""Pages on which definitions and replies are read."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from essays.models import Term

from . import access, differences, reading, shown, tags, threads
from .following import visits
from .forms import BLANK_CLAUSES, DefinitionForm, ReplyForm, clause_forms
from .models import Post

DEFINITIONS_PER_PAGE = 20


@login_not_required
@require_safe
def definition_list(request: HttpRequest) -> HttpResponse:
    term = Term.objects.site_term()
    placed = (
        Post.objects.placed_for(request.user)
        .definitions()
        .filter(Q(published_at__isnull=False) | Q(state=Post.State.PENDING), definition__term=term)
        .order_by(F("definition__number").desc(nulls_first=True), "-pk")
    )
    published = Post.objects.filter(state=Post.State.PUBLISHED, definition__term=term)
    listed = tags.most_borne(published)
    tag = None
    if slug := cursor_in(request, "tag"):
        tag = get_object_or_404(tags.in_use(), slug=slug)
        published = published.filter(pk__in=tags.definitions_under(tag))
        placed = placed.filter(pk__in=published)
    before = request.GET.get("avant", "")
    if before.isascii() and before.isdecimal():
        placed = placed.filter(definition__number__lt=int(before[:9]))
    rows = shown.of(request.user, placed[: DEFINITIONS_PER_PAGE + 1])
    page = rows[:DEFINITIONS_PER_PAGE]
    context: dict[str, Any] = {
        "term": term,
        "posts": page,
        "before": before,
        "next": page[-1].definition.number if len(rows) > len(page) else None,
        "count": published.count(),
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
    context: dict[str, Any] = {
        "post": post,
        "thread": reading.read(thread, request.user, place_in(request)),
    }
    context |= visits.arrive(request, post, thread)
    if access.may_reply(request.user, post):
        context["form"] = ReplyForm()
    return render(request, "discussions/definition_detail.html", context)


@login_not_required
@require_safe
def post_history(request: HttpRequest, public_id: str) -> HttpResponse:
    """The versions that were published, each with what it changed in the one before; those
    that were not, for those who may see them."""
    post = in_place(request, public_id)
    if post.shown is None:
        raise Http404
    revisions = post.revisions.prefetch_related("clauses").order_by("number")
    if not access.may_see_drafts(request.user, post):
        revisions = revisions.filter(published_at__isnull=False)
    versions = list(differences.versions(revisions))
    return render(
        request, "discussions/post_history.html", {"post": post, "versions": versions[::-1]}
    )


@login_not_required
@require_safe
def post_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    """Leads to a post in its thread, in the reader's order, or says what became of it."""
    post = in_place(request, public_id)
    if post.kind == Post.Kind.DEFINITION:
        return redirect(post)
    place = _address_in_thread(request, post)
    if post.state == Post.State.PUBLISHED and not post.is_waiting:
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
        context["form"] = ReplyForm()
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
