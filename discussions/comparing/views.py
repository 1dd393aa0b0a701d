"""Definitions side by side, and the words of the essays beside those of today."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from discussions import shown
from discussions.models import Post
from discussions.terms import of_term
from essays.models import Term

from . import pairs, vocabulary
from .forms import CompareForm


@login_not_required
@require_safe
@of_term
def compare(request: HttpRequest, term: Term | None) -> HttpResponse:
    """Two or three definitions clause by clause; less than two, and it asks which."""
    form = CompareForm(request.GET.getlist("d"), term)
    context: dict[str, Any] = {"term": term, "choose": form}
    if form.is_bound and form.is_valid():
        public = Post.objects.visible_to(request.user)
        found = shown.of(request.user, public.filter(pk__in=[post.pk for post in form.chosen]))
        posts = sorted(found, key=form.chosen.index)
        rows = pairs.compared([list(post.shown.clauses.all()) for post in posts if post.shown])
        context |= {"posts": posts, "parts": _parts(rows, posts)}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "discussions/compare.html", context, status=status)


def _parts(rows: list[pairs.Row], posts: list[Post]) -> list[dict[str, Any]]:
    """The rows of each kind that there is, each cell with the definition that it is of."""
    beside = [(row, list(zip(posts, row.cells, strict=True))) for row in rows]
    parts = [
        {"kind": kind.value, "rows": [each for each in beside if each[0].kind == kind]}
        for kind in pairs.Kind
    ]
    return [part for part in parts if part["rows"]]


@login_not_required
@require_safe
@of_term
def words(request: HttpRequest, term: Term | None) -> HttpResponse:
    """Which words of the essays' definitions are still said, and which are new."""
    context = {
        "term": term,
        "words": vocabulary.of(term) if term else None,
        "latest": vocabulary.LATEST,
        "most": vocabulary.MOST,
    }
    return render(request, "discussions/words.html", context)
