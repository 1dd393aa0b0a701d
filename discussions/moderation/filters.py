"""What readers narrow the record to, as the address of a page says it."""

from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmdebate.accounts.models import NAME_MAX_LENGTH, User, fold
from discussions.models import Action, Complaint, Decision, Ground, Thread
from discussions.models.decisions import Duty, Origin

OWN = "own"  # an empty value in an address means: whatever it is
DUTIES = [
    (Duty.MODERATE, pgettext_lazy("duty", "to moderate")),
    (Duty.ANIMATE, pgettext_lazy("duty", "to animate")),
    (Duty.WATCH, pgettext_lazy("duty", "to watch")),
    (Duty.VALIDATE, pgettext_lazy("duty", "to have it read")),
    (Duty.TRACE, pgettext_lazy("duty", "to keep a trace")),
    (Duty.REPORT, pgettext_lazy("duty", "to give account")),
]


def _any(choices: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [("", pgettext_lazy("filter", "all")), *choices]


class FilterForm(forms.Form):
    """The names of its fields stand in addresses, and are in French like these."""

    acte = forms.ChoiceField(label=_("Act"), choices=_any(Action.choices), required=False)
    motif = forms.ChoiceField(label=_("Ground"), choices=_any(Ground.choices), required=False)
    devoir = forms.ChoiceField(label=_("Duty"), choices=_any(DUTIES), required=False)  # type: ignore[arg-type]
    moderateur = forms.CharField(
        label=_("Decided by"),
        max_length=NAME_MAX_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    origine = forms.ChoiceField(
        label=_("Led to by"),
        choices=_any([(origin.value or OWN, origin.label) for origin in Origin]),
        required=False,
    )
    mois = forms.ChoiceField(label=_("Month"), required=False)
    recours = forms.BooleanField(label=_("Only what was appealed"), required=False)
    fil = forms.ModelChoiceField(
        Thread.objects.select_related(
            "essay", "passage__essay", "original_comment__essay", "post"
        ).defer("essay__text", "passage__essay__text", "original_comment__essay__text"),
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["mois"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _any([(f"{month:%Y-%m}", _named(month)) for month in _months()])

    def clean_moderateur(self) -> User | None:
        name = self.cleaned_data["moderateur"]
        if not name:
            return None
        person = User.objects.filter(name_key=fold(name), is_active=True).first()
        if person is None:
            raise forms.ValidationError(_("Nobody has that name here."))
        return person

    @property
    def chosen(self) -> dict[str, Any]:
        """What can be narrowed to; a value that means nothing is told at its field."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def query(self) -> str:
        """The same in the query of an address."""
        return urlencode({name: self.data[name] for name in self.chosen})

    def narrow(self, entries: QuerySet[Decision]) -> QuerySet[Decision]:
        chosen = self.chosen
        columns = {"acte": "action", "motif": "ground", "devoir": "duty", "moderateur": "by"}
        for name in columns.keys() & chosen.keys():
            entries = entries.filter(**{columns[name]: chosen[name]})
        if origin := chosen.get("origine"):
            entries = entries.filter(origin=Origin.OWN if origin == OWN else origin)
        if month := chosen.get("mois"):
            first = date.fromisoformat(f"{month}-01")
            entries = entries.filter(at__gte=_begin(first), at__lt=_begin(_next(first)))
        if "recours" in chosen:
            asked = Complaint.objects.filter(entry__isnull=False)
            entries = entries.filter(pk__in=asked.values("entry"))
        if thread := chosen.get("fil"):
            # Where a text stands that nobody ever saw is nobody's business.
            public = Q(post=None) | Q(post__published_at__isnull=False)
            entries = entries.filter(public, in_thread=thread)
        return entries


def _months() -> list[date]:
    """Those that have entries, or may have, the latest first."""
    first = Decision.objects.order_by("number").values_list("at", flat=True).first()
    if first is None:
        return []
    months: list[date] = []
    month = timezone.localdate(first).replace(day=1)
    while month <= timezone.localdate():
        months.insert(0, month)
        month = _next(month)
    return months


def _next(month: date) -> date:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _named(month: date) -> str:
    return date_format(month, "YEAR_MONTH_FORMAT")
