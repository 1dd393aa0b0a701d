"""The forms of a call: to open it, to enter a definition, to sign its minute."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from markdownx.fields import MarkdownxFormField

from discussions.markdown import MAX_LENGTH
from discussions.models import Call
from essays.models import Term

LONGEST_QUESTION = 200


class DayField(forms.DateField):
    """A day as the browser’s own field gives it."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)


class CallForm(forms.Form):
    term = forms.ModelChoiceField(
        Term.objects.all(), label=_("Term"), to_field_name="slug", empty_label=None
    )
    question = forms.CharField(
        label=_("The question"),
        max_length=LONGEST_QUESTION,
        help_text=_("One sentence that definitions can answer. It cannot be changed later."),
    )
    body = MarkdownxFormField(
        label=_("Explanation"),
        max_length=MAX_LENGTH,
        required=False,
        help_text=_("Why now, and what the answer is for. Optional; Markdown."),
    )
    first = DayField(label=_("First day"), help_text=_("Ballots are taken from midnight on."))
    last = DayField(label=_("Last day"), help_text=_("Included: ballots are taken until midnight."))
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if Term.objects.count() == 1:
            self.fields["term"].widget = forms.HiddenInput()

    def clean_term(self) -> Term:
        term: Term = self.cleaned_data["term"]
        call = Call.objects.filter(term=term, closed_at=None).first()
        if call:
            raise forms.ValidationError(
                _("A call is open on this term already, until %(day)s: one at a time."),
                code="open",
                params={"day": date_format(call.last_day)},
            )
        return term

    def clean_first(self) -> date:
        first: date = self.cleaned_data["first"]
        if first < timezone.localdate():
            raise forms.ValidationError(_("That day is past."), code="past")
        return first

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", _("That day comes before the first one."))
        return self.cleaned_data


class MinuteForm(forms.Form):
    agreed = MarkdownxFormField(
        label=_("What is agreed"),
        max_length=MAX_LENGTH // 2 - 500,
        help_text=_("What the result settles, in a few sentences; Markdown."),
    )
    disputed = MarkdownxFormField(
        label=_("What is not"),
        max_length=MAX_LENGTH // 2 - 500,
        help_text=_("What the next candidates say otherwise, and what nobody has settled."),
    )
    review_on = DayField(
        label=_("When to look again"), help_text=_("The day from which the question is open anew.")
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def clean_review_on(self) -> date:
        day: date = self.cleaned_data["review_on"]
        if day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day to come."), code="past")
        return day
