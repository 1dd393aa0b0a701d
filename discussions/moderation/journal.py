"""The record, as anyone reads it, downloads it and checks it."""

from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from discussions.models import Decision, RecordHead

from . import record, verifier

ENTRIES_PER_PAGE = 30


@login_not_required
@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    """The record, latest entries first."""
    decisions = Decision.objects.select_related(
        "payload", "by", "post", "revision", "original_comment__essay", "month"
    )
    until = request.GET.get("jusqua", "")
    if until.isascii() and until.isdecimal():
        decisions = decisions.filter(number__lte=int(until[:12]))
    found = list(decisions[: ENTRIES_PER_PAGE + 1])
    page = found[:ENTRIES_PER_PAGE]
    return render(
        request,
        "moderation/journal.html",
        {
            "entries": page,
            "until": until,
            "next": found[-1].number if len(found) > len(page) else None,
            "head": RecordHead.objects.get(),
        },
    )


@login_not_required
@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The whole record, an entry a line, to be recomputed by anyone."""

    return StreamingHttpResponse(
        record.lines(),
        content_type="application/x-ndjson; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="journal.jsonl"'},
    )


@login_not_required
@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The program that recomputes a downloaded record, for readers who trust nobody."""
    return HttpResponse(
        Path(verifier.__file__).read_bytes(),
        content_type="text/x-python; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="verifier.py"'},
    )
