"""The page of one entry of the record: the complete statement of reasons, the same for everybody
but for the judged text, which its author and the community managers read there."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from discussions import access, complaints, reasons
from discussions.models import Clause, Decision, Revision
from discussions.models.posts import Viewer

from . import european


@login_not_required
@require_safe
def entry(request: HttpRequest, number: int) -> HttpResponse:
    found = _get(number)
    user = request.user
    asks = not user.is_authenticated or complaints.may_appeal(found, user)
    return render(
        request,
        "moderation/entry.html",
        {
            "entry": found,
            "parts": reasons.parts(found),
            "answers_to_it": found.answered_by.select_related("payload", "by").order_by("number"),
            "may_ask": asks and _is_open_to_question(found),
            "has_statement": european.statement(found) is not None,
            "concerns_you": user.is_authenticated and complaints.concerns(found, user),
        }
        | _judged(user, found),
    )


@login_not_required
@require_safe
def statement(request: HttpRequest, number: int) -> JsonResponse:
    """The statement under the names that the European Union's form gives to its fields."""
    said = european.statement(_get(number))
    if said is None:
        raise Http404
    return JsonResponse(said, json_dumps_params={"ensure_ascii": False, "indent": 2})


def _get(number: int) -> Decision:
    found: Decision = get_object_or_404(reasons.entries(), number=number)
    return found


def _is_open_to_question(entry: Decision) -> bool:
    """Whether a visitor who signed in might ask that it be looked at again."""
    if entry.post:
        return entry.post.was_public
    return bool(entry.original_comment_id or entry.member_id or entry.thread_id)


def _judged(user: Viewer, entry: Decision) -> dict[str, Any]:
    """The text as it was judged and the words at fault, for those who may read drafts of it."""
    if entry.post and access.may_see_drafts(user, entry.post):
        return {"judged": _with_clauses(entry.revision), "marked": entry.payload.marked}
    if entry.original_comment and access.may_moderate(user):
        return {"comment": entry.original_comment}
    return {}


def _with_clauses(revision: Revision | None) -> Revision | None:
    if revision is None or revision.erased_at:
        return None
    prefetch_related_objects([revision], Prefetch("clauses", Clause.objects.with_passages()))
    return revision
