"""Pages that show essays and discussions together."""

from functools import cache
from hashlib import blake2b
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.db import DatabaseError
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cmdebate.accounts.models import FormerName, User, fold
from cmdebate.prepared import Given, Prepared
from discussions import access, duties, policies, reading, sanctions, shown, tags, terms, threads
from discussions.calls import queries as calls
from discussions.following import follows, visits
from discussions.forms import ReplyForm
from discussions.models import Ground, Passage, Post, RecordHead
from discussions.models.posts import Viewer
from discussions.passages import places
from discussions.policy import FREE_EDITING
from discussions.prompts import queries as prompts
from discussions.views import cursor_in, place_in
from essays.models import Essay, EssayQuerySet, OriginalComment, Term

LATEST = 5
RESTING = 20  # definitions on the page of a passage
POSTS_PER_PAGE = 30
# What a member's page can be narrowed to, by the word in its address.
GENRES = {
    "definitions": Post.Kind.DEFINITION,
    "amendements": Post.Kind.AMENDMENT,
    "reponses": Post.Kind.REPLY,
}


def _shelf(essays: EssayQuerySet) -> dict[str, Any]:
    rows = list(essays.on_shelf().select_related("thread"))
    return {"essays": rows, "longest": max((essay.word_count for essay in rows), default=0)}


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the site is, its essays, what was published last."""
    term = next(iter(terms.read(request.user)), None)
    definitions = (
        Post.objects.visible_to(request.user)
        .definitions()
        .written_here()
        .filter(state=Post.State.PUBLISHED, definition__term=term)
        .order_by("-definition__by_age")
    )
    latest = (
        Post.objects.visible_to(request.user)
        .written_here()
        .filter(state=Post.State.PUBLISHED)
        .order_by("-published_at")
    )
    return render(
        request,
        "pages/home.html",
        {
            "term": term,
            "words": term.headword.split() if term else ["cmdebate"],
            "standing": calls.standing(term, request.user),
            "prompts": prompts.pinned(request.user, term),
            "definition": next(iter(shown.of(request.user, definitions[:1])), None),
            "latest": shown.of(request.user, latest[:LATEST]),
            "follow": follows.button(request.user, term),
        }
        # Those on another word stand on the shelf.
        | _shelf(Essay.objects.filter(Q(terms=term) | Q(terms=None))),
    )


@login_not_required
@require_safe
def shelf(request: HttpRequest) -> HttpResponse:
    """The essays, all or those under one tag."""
    tag, bearing = None, Term.objects.none()
    essays = Essay.objects.all()
    if slug := request.GET.get("tag"):
        tag = get_object_or_404(tags.in_use(), slug=slug.replace("\0", ""))
        essays = essays.filter(tags=tag)
        definitions = tags.definitions_under(tag)
        bearing = Term.objects.filter(definitions__post__in=definitions).annotate(
            bearers=Count("definitions")
        )
    context = {
        "tag": tag,
        "tags": tags.in_use().filter(essay__isnull=False).distinct(),
        "bearing": bearing,
        "follow": follows.button(request.user, tag),
    }
    return render(request, "pages/shelf.html", context | _shelf(essays))


@login_not_required
@require_safe
def essay(request: HttpRequest, slug: str) -> HttpResponse:
    """An essay as received, its comments then, the discussion now."""
    essay = threads.essay_with_thread(slug)
    key = article_key(request, essay)
    context: dict[str, Any] = {
        "essay": essay,
        "article_key": key,
        "article": caches["drawn"].get(key, ""),
        "prompts": prompts.pinned(request.user, essay),
        "thread": reading.read(threads.own_thread(essay), request.user, place_in(request)),
    }
    if not context["article"]:
        context |= article(essay, request.user)
    context |= visits.arrive(request, essay, threads.own_thread(essay))
    if request.user.is_authenticated:
        context["form"] = ReplyForm(speaker=request.user)
    return render(request, "pages/essay.html", context)


def article(essay: Essay, user: Viewer) -> dict[str, Any]:
    """What the upper part of an essay's page is drawn from."""
    originals = list(essay.original_comments.select_related("thread", "parent"))
    for comment in originals:
        comment.essay = essay
    return {
        "passages": places.marked_in(essay, user),
        "found": len(originals),
        "comments": [c for c in originals if c.kind == OriginalComment.Kind.COMMENT],
        "pingbacks": [c for c in originals if c.kind == OriginalComment.Kind.PINGBACK],
    }


def article_key(request: HttpRequest, essay: Essay) -> str:
    """Names all that the upper part of an essay's page depends on, from text to margin."""
    parts = (
        get_language(),
        access.eyes_of(request.user),
        essay.slug,
        essay.imported_at.isoformat(),
        comments_prepared().rows(essay=essay.pk),
        margin_prepared().rows(essay=essay.pk),
    )
    digest = blake2b(repr(parts).encode(), digest_size=16).hexdigest()
    return f"article:{digest}"


@cache
def comments_prepared() -> Prepared:
    comments = OriginalComment.objects.filter(essay=Given("essay"))
    return Prepared(comments.values_list("ref", "state", "withheld_by", "thread__reply_count"))


@cache
def margin_prepared() -> Prepared:
    passages = places.most_answered(Passage.objects.filter(essay=Given("essay")))
    opening = ("author__name", "state", "published_revision", "pending_revision", "restriction")
    return Prepared(
        passages.values_list(
            "public_id", "thread__reply_count", *(f"opening__{name}" for name in opening)
        )
    )


@login_not_required
@require_safe
def original_comment(request: HttpRequest, slug: str, ref: str) -> HttpResponse:
    """One original comment and what is said of it today."""
    comment = get_object_or_404(
        OriginalComment.objects.select_related("essay", "thread", "parent"),
        essay__slug=slug,
        ref=ref,
    )
    context: dict[str, Any] = {
        "comment": comment,
        "essay": comment.essay,
        "passages": places.marked_in(comment.essay, request.user, within=comment),
        "thread": reading.read(threads.own_thread(comment), request.user, place_in(request)),
    }
    context |= visits.arrive(request, comment, threads.own_thread(comment))
    if request.user.is_authenticated and not comment.is_hidden:
        context["form"] = ReplyForm(speaker=request.user)
    return render(request, "pages/original_comment.html", context)


@login_not_required
@require_safe
def passage(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """A passage where it stands, and what is said of it."""
    passage = get_object_or_404(
        Passage.objects.placed_for(request.user)
        .select_related("essay", "thread", "original_comment")
        .prefetch_related("essay__segments", "essay__original_comments"),
        essay__slug=slug,
        public_id=public_id,
    )
    place = places.place_of(passage)
    context: dict[str, Any] = {
        "passage": passage,
        "essay": passage.essay,
        "place": place,
        "passages": [passage],
        "resting": _resting_on(passage, request.user),
        "thread": reading.read(threads.own_thread(passage), request.user, place_in(request)),
    }
    context |= visits.arrive(request, passage, threads.own_thread(passage))
    if request.user.is_authenticated and place:
        context["form"] = ReplyForm(speaker=request.user)
    return render(request, "pages/passage.html", context)


def _resting_on(passage: Passage, user: Viewer) -> list[Post]:
    """The definitions that rest on a passage now, the latest ones."""
    definitions = Post.objects.visible_to(user).definitions()
    found = definitions.filter(
        state=Post.State.PUBLISHED, published_revision__clauses__passage=passage
    )
    return shown.of(user, found.order_by("-definition__by_age").distinct()[:RESTING])


@login_not_required
@require_safe
def member(request: HttpRequest, name: str) -> HttpResponse:
    """A member's texts, as far as the one who looks may read them."""
    name = name.replace("\0", "")
    person = User.objects.filter(name_key=fold(name)).first()
    if FormerName.knows(name) if person is None else person.left_at:
        return render(request, "pages/member_left.html", status=410)
    if person is None or not person.is_active:
        raise Http404
    if person.name != name:
        return redirect(person, permanent=True)
    own = access.may_moderate(request.user) or person == request.user
    posts = Post.objects.visible_to(request.user).filter(author=person)
    genre = request.GET.get("genre", "")
    if genre in GENRES:
        posts = posts.filter(kind=GENRES[genre])
    before = cursor_in(request, "avant")
    if before and (cursor := posts.filter(public_id=before).only("pk").first()):
        posts = posts.filter(pk__lt=cursor.pk)
    rows = shown.of(request.user, posts.order_by("-pk")[: POSTS_PER_PAGE + 1])
    page = rows[:POSTS_PER_PAGE]
    return render(
        request,
        "pages/member.html",
        {
            "person": person,
            "own": own,
            "is_self": person == request.user,
            "sanctions": sanctions.on(person).select_related("payload", "by") if own else (),
            "follow": follows.button(request.user, person),
            "posts": page,
            "genre": genre if genre in GENRES else "",
            "before": before,
            "next": page[-1].public_id if len(rows) > len(page) else "",
        },
    )


@login_not_required
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The house rules, in words: what waits, what may be hidden and why, who decides; and what
    each version of the policy has changed."""
    policy = policies.current()
    minutes = int(FREE_EDITING.total_seconds() // 60)
    return render(
        request,
        "pages/rules.html",
        {
            "policy": policy,
            "versions": policies.versions(),
            "sides": duties.sides_of(Term.objects.site_term(), duties.HAVE_IT_READ),
            "free_editing": minutes,
            "grounds": Ground,
        },
    )


@login_not_required
@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """Ready or not, for a supervisor."""
    try:
        RecordHead.objects.get()
    except DatabaseError:
        return HttpResponse("no database\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")
