"""The record, as anyone reads it, narrows it, downloads it and checks it."""

from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from discussions import duties
from discussions.models import Complaint, Decision, RecordHead

from . import record, verifier
from .filters import FilterForm

ENTRIES_PER_PAGE = 30


def with_subjects(entries: QuerySet[Decision]) -> QuerySet[Decision]:
    """With all that templates/moderation/_said.html shows."""
    return entries.select_related(
        "payload",
        "by",
        "answers",
        "post",
        "revision",
        "member",
        "policy",
        "month",
        "original_comment__essay",
        "thread__essay",
        "thread__passage__essay",
        "thread__original_comment__essay",
        "thread__post",
    ).defer(
        "original_comment__essay__text",
        "thread__essay__text",
        "thread__passage__essay__text",
        "thread__original_comment__essay__text",
    )


def with_outcomes(entries: QuerySet[Decision]) -> QuerySet[Decision]:
    """And with what came of each: the entries that answer it, and who asked for another look.

    Nobody's words: only that they asked, and what the answer was.
    """
    asked = Complaint.objects.filter(kind__in=Complaint.ABOUT_ENTRIES).select_related("answer")
    return entries.prefetch_related(
        Prefetch("answered_by", Decision.objects.order_by("number")),
        Prefetch("complaints_on", asked.defer("words", "name", "email")),
    )


@login_not_required
@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    """The record, or what it is narrowed to, latest entries first."""
    form = FilterForm(request.GET)
    found = form.narrow(with_outcomes(with_subjects(Decision.objects.all())))
    until = request.GET.get("jusqua", "")
    if until.isascii() and until.isdecimal():
        found = found.filter(number__lte=int(until[:12]))
    page = list(found[: ENTRIES_PER_PAGE + 1])
    return render(
        request,
        "moderation/journal.html",
        {
            "form": form,
            "entries": page[:ENTRIES_PER_PAGE],
            "until": until,
            "next": page[-1].number if len(page) > ENTRIES_PER_PAGE else None,
            "head": RecordHead.objects.get(),
            "argued": duties.argued(),
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
