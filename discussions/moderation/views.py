"""The record; the desk is in desk.py."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_not_required, user_passes_test
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from discussions import access
from discussions.models import Decision, RecordHead

from . import record

ENTRIES_PER_PAGE = 30


def _moderators(user: Any) -> bool:
    if not access.may_moderate(user):
        raise PermissionDenied
    return True


moderators_only = user_passes_test(_moderators)


@login_not_required
@require_safe
def journal(request: HttpRequest) -> HttpResponse:
    """The record, latest entries first."""
    decisions = Decision.objects.select_related(
        "payload", "by", "post", "revision", "original_comment__essay"
    )
    until = request.GET.get("jusqua", "")
    if until.isascii() and until.isdecimal():
        decisions = decisions.filter(number__lte=int(until[:12]))
    entries = list(decisions[: ENTRIES_PER_PAGE + 1])
    page = entries[:ENTRIES_PER_PAGE]
    return render(
        request,
        "moderation/journal.html",
        {
            "entries": page,
            "until": until,
            "next": entries[-1].number if len(entries) > len(page) else None,
            "head": RecordHead.objects.get(),
        },
    )


@login_not_required
@require_safe
def journal_export(request: HttpRequest) -> StreamingHttpResponse:
    """The whole record, an entry a line, to be recomputed by anyone."""

    def lines() -> Iterator[bytes]:
        for entry in record.exported():
            yield record.canonical(entry) + b"\n"

    return StreamingHttpResponse(
        lines(),
        content_type="application/x-ndjson; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="journal.jsonl"'},
    )
