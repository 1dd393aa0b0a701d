"""The monthly report, for everybody: page, CSV, JSON."""

import csv

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from discussions import months
from discussions.models import Decision
from discussions.months import Period, Report

from . import month_tables


@login_not_required
@require_safe
def month_list(request: HttpRequest) -> HttpResponse:
    """Every month that has a report, the running one first."""
    closing = Decision.objects.filter(month__isnull=False).select_related("month")
    entries = {entry.month.first: entry for entry in closing if entry.month}
    periods = months.reported(timezone.now())
    rows = [{"period": each, "entry": entries.get(each.first)} for each in reversed(periods)]
    return render(request, "moderation/months.html", {"rows": rows})


@login_not_required
@require_safe
def monthly(request: HttpRequest, month: str) -> HttpResponse:
    """One month, from its acts as the record has them now."""
    report, last = _found(month)
    acts, counts = month_tables.of_acts(report), month_tables.of_counts(report)
    short = [acts.pop("summary"), acts.pop("delays")]
    counts.pop("complaints", None)  # its chart has its own table
    return render(
        request,
        "moderation/monthly.html",
        {
            "report": report,
            "short": short,
            "acts": list(acts.values()),
            "counts": list(counts.values()),
            "complaints": month_tables.complaints(report),
            "next": report.period.next if report.period < last else None,
        },
    )


@login_not_required
@require_safe
def monthly_json(request: HttpRequest, month: str) -> HttpResponse:
    report, _last = _found(month)
    return JsonResponse(
        report.as_json(),
        json_dumps_params={"ensure_ascii": False, "indent": 1},
        headers=_download(report, "json"),
    )


@login_not_required
@require_safe
def monthly_csv(request: HttpRequest, month: str) -> HttpResponse:
    """A figure a line; delays are in seconds."""
    report, _last = _found(month)
    response = HttpResponse(
        content_type="text/csv; charset=utf-8", headers=_download(report, "csv")
    )
    writer = csv.writer(response)
    before = report.before.period.name if report.before else ""
    writer.writerow(["table", "figure", _("what it is"), report.period.name, before])
    for table in (month_tables.of_acts(report) | month_tables.of_counts(report)).values():
        for row in table.rows:
            writer.writerow([table.name, row.code, row.label, row.now, row.before])
    return response


def _found(month: str) -> tuple[Report, Period]:
    """The report of that month, and the last month that has one."""
    periods = months.reported(timezone.now())
    found = next((each for each in periods if each.name == month), None)
    if found is None:
        raise Http404
    return months.report(found), periods[-1]


def _download(report: Report, suffix: str) -> dict[str, str]:
    name = f"bilan-{report.period.name}.{suffix}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}
