"""The figures of a month beside those of the month before, as its page and its CSV say them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from discussions import charts, months
from discussions.models import Action, Complaint, Ground, Post
from discussions.models.decisions import Duty, Origin
from discussions.months import Figures, Report

Label = str | Promise

SUMMARY: Mapping[str, Label] = {
    "acts": pgettext_lazy("figures of a month", "Acts"),
    "automated": _("Done by the clock, on a date set"),
    "alone": _("Decided alone, though somebody else should have"),
    "reversals": _("Acts that put right an earlier one"),
    "undone": _("Acts taken back at once"),
}
DELAYS: Mapping[str, Label] = {
    "median": _("Half of them came within"),
    "p95": _("95% of them came within"),
}
OUTCOMES: Mapping[str, Label] = {
    "reports.granted": _("After a report: a restriction"),
    "reports.declined": _("After a report: the text stays"),
    "appeals.granted": _("On appeal: granted"),
    "appeals.declined": _("On appeal: declined"),
    "reviews.granted": _("On a second look: granted"),
    "reviews.declined": _("On a second look: declined"),
}
DEBATE: Mapping[str, Label] = {
    "members": _("New members"),
    "answers_to_prompts": _("Answers to prompts"),
    "unanswered": _("Messages left without an answer"),
}
DUTIES: Mapping[str, Label] = {
    Duty.MODERATE: pgettext_lazy("duty", "Moderating"),
    Duty.ANIMATE: pgettext_lazy("duty", "Animating"),
    Duty.WATCH: pgettext_lazy("duty", "Watching"),
    Duty.VALIDATE: pgettext_lazy("duty", "Having it read"),
    Duty.TRACE: pgettext_lazy("duty", "Keeping a trace"),
    Duty.REPORT: pgettext_lazy("duty", "Giving account"),
}
# What became of a complaint by the month's end, and its ink in a chart.
STATES: Mapping[str, tuple[Label, str]] = {
    Complaint.State.GRANTED: (pgettext_lazy("complaints in a table", "granted"), "no"),
    Complaint.State.DECLINED: (pgettext_lazy("complaints in a table", "declined"), "for"),
    Complaint.State.MOOT: (pgettext_lazy("complaints in a table", "without object"), ""),
    Complaint.State.OPEN: (pgettext_lazy("complaints in a table", "open"), ""),
}


@dataclass(frozen=True)
class Table:
    name: str
    title: Label
    of: Label
    rows: list[charts.Compared]


def of_acts(report: Report) -> dict[str, Table]:
    """What the record itself says, by the name of each table."""
    now, before = report.acts, report.before.acts if report.before else None

    def table(
        name: str, title: Label, of: Label, labels: Mapping[str, Label], figures: Any = None
    ) -> tuple[str, Table]:
        find = figures or (lambda acts: acts[name])
        rows = _rows(find(now), find(before) if before else None, labels)
        return name, Table(name, title, of, rows)

    act = pgettext_lazy("figures of a month", "Act")
    return dict(
        [
            table("summary", _("All the acts"), act, SUMMARY, _at_the_top),
            table("actions", _("By act"), act, _labels(Action.choices)),
            table("grounds", _("By ground"), _("Ground"), _labels(Ground.choices)),
            table("duties", _("By duty exercised"), _("Duty"), DUTIES),
            table(
                "origins",
                _("By what led to them"),
                _("Led to by"),
                {"own": Origin.OWN.label} | _labels(Origin.choices),
            ),
            table("moderators", _("By moderator"), _("Moderator"), {}),
            table("outcomes", _("Decisions on what was asked"), act, OUTCOMES, _outcomes),
            (
                "delays",
                Table(
                    "delays",
                    _("Delays"),
                    pgettext_lazy("figures of a month", "Delay"),
                    _delays(now, before),
                ),
            ),
        ]
    )


def of_counts(report: Report) -> dict[str, Table]:
    """What was counted at the month's end; nothing, before."""
    if report.counted is None:
        return {}
    now, before = report.counted, report.before.counted if report.before else None
    labels = {
        f"{kind}.{state}": _complaint_label(kind, state)
        for kind in Complaint.Kind.values
        for state in STATES
    }
    return {
        "texts": Table(
            "texts",
            _("Texts published"),
            _("Kind"),
            _rows(now["texts"], before["texts"] if before else None, _labels(Post.Kind.choices)),
        ),
        "debate": Table(
            "debate",
            _("The debate"),
            pgettext_lazy("figures of a month", "Figure"),
            _rows(_debate(now), _debate(before) if before else None, DEBATE),
        ),
        "complaints": Table(
            "complaints",
            _("What was asked of the desk"),
            pgettext_lazy("figures of a month", "Figure"),
            _rows(_complaints(now), _complaints(before) if before else None, labels),
        ),
    }


def complaints(report: Report) -> charts.Bars | None:
    """What was asked of the desk, each bar cut by what came of it."""
    if not report.counted or not report.counted["complaints"]:
        return None
    columns = [charts.Column(str(label), ink) for label, ink in STATES.values()]
    return charts.bars(
        columns,
        [
            (str(Complaint.Kind(kind).label), [found.get(state, 0) for state in STATES])
            for kind, found in report.counted["complaints"].items()
        ],
    )


def _rows(
    now: Figures, before: Figures | None, labels: Mapping[str, Label]
) -> list[charts.Compared]:
    """What either month has, in the order of the labels; a code without one is its own."""
    codes = sorted({*now, *(before or ())})
    ordered = [*(code for code in labels if code in codes), *(c for c in codes if c not in labels)]
    return charts.compared(
        [
            (
                code,
                str(labels.get(code, code)),
                now.get(code, 0),
                None if before is None else before.get(code, 0),
            )
            for code in ordered
        ]
    )


def _delays(now: Figures, before: Figures | None) -> list[charts.Compared]:
    return charts.compared(
        [
            (
                code,
                str(label),
                now["delays"][code],
                before["delays"][code] if before else None,
            )
            for code, label in DELAYS.items()
        ],
        in_words=months.in_words,
    )


def _labels(choices: Any) -> dict[str, Label]:
    return {str(code): label for code, label in choices if code}


def _at_the_top(acts: Figures) -> Figures:
    return {code: acts[code] for code in SUMMARY}


def _outcomes(acts: Figures) -> Figures:
    return {
        f"{asked}.{came}": acts[asked][came]
        for asked in ("reports", "appeals", "reviews")
        for came in ("granted", "declined")
    }


def _debate(counted: Figures) -> Figures:
    return {code: counted[code] for code in DEBATE}


def _complaints(counted: Figures) -> Figures:
    return {
        f"{kind}.{state}": count
        for kind, found in counted["complaints"].items()
        for state, count in found.items()
    }


def _complaint_label(kind: str, state: str) -> str:
    return f"{Complaint.Kind(kind).label}, {STATES[state][0]}"
