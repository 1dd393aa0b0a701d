"""The pages that every term has: the first one's at the root, any other's under /termes/."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from essays.models import Claim, Duty, Term

from .models import Post
from .models.posts import Viewer

View = Callable[..., HttpResponse]


def of_term(view: View) -> View:
    """Gives a view the term whose slug stands in the address; the site's first one, if none does.

    The pages of the first one have no other address than that without a slug.
    """

    @wraps(view)
    def with_term(request: HttpRequest, slug: str = "") -> HttpResponse:
        terms = read(request.user)
        found = [term for term in terms if term.slug == slug] if slug else terms
        if slug and not found:
            raise Http404
        if slug and found[0] == terms[0]:
            return redirect(_at_the_root(request), permanent=True)
        return view(request, found[0] if found else None)

    return with_term


def read(user: Viewer) -> list[Term]:
    """All of them, each with the others and with which pages have something to show."""
    calls = Post.objects.placed_for(user).filter(kind=Post.Kind.CALL, call__term=OuterRef("pk"))
    terms: list[Any] = list(
        Term.objects.select_related("survey")
        .annotate(
            has_duties=Exists(Duty.objects.filter(term=OuterRef("pk"))),
            has_claims=Exists(Claim.objects.standing().filter(duty__term=OuterRef("pk"))),
            has_calls=Exists(calls),
        )
        .order_by("position")
    )
    for term in terms:
        term.all_terms = terms
    return terms


def _at_the_root(request: HttpRequest) -> str:
    match = request.resolver_match
    assert match
    query = request.META.get("QUERY_STRING", "")
    return f"{reverse(match.view_name.removeprefix('term:'))}{query and '?'}{query}"
