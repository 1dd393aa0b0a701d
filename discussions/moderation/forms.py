"""The form of a decision: the same at the desk and in the admin."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from discussions.models import Action, Ground

from .statements import Statement

# For how many days a sanction may be.
DAYS = (1, 3, 7, 14, 30, 90, 365)


class StatementForm(forms.Form):
    """What a decision says; which of it is owed, the act decides."""

    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=[("", _("none: the text may stand")), *Ground.choices],
        required=False,
        help_text=_("A negative opinion is no ground."),
    )
    rule = forms.CharField(
        label=_("The law that it breaks"),
        max_length=200,
        required=False,
        help_text=_("Only where the ground is the law: which one, and its article."),
    )
    facts = forms.CharField(
        label=_("Facts"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
        required=False,
        help_text=_("What there is in the text, or what was done. Don’t repeat what you hide."),
    )
    reason = forms.CharField(
        label=_("Reason, in words"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
        help_text=_("Why the ground applies. Entered in the public record, as are the facts."),
    )
    marked = forms.CharField(
        label=_("Words at fault"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
        required=False,
        strip=False,
        help_text=_("Copied from the text, for its author alone; for a rewrite."),
    )
    days = forms.TypedChoiceField(
        label=_("For how long"),
        choices=[
            ("", _("without an end")),
            *(
                (days, ngettext_lazy("%(count)d day", "%(count)d days", days) % {"count": days})
                for days in DAYS
            ),
        ],
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("Of a sanction; it ends by itself."),
    )

    def statement(self) -> Statement:
        said = self.cleaned_data
        days = said.get("days")
        return Statement(
            ground=said.get("ground", ""),
            rule=said.get("rule", "").strip(),
            facts=said.get("facts", "").strip(),
            reason=said.get("reason", "").strip(),
            marked=said.get("marked", "").strip(),
            until=timezone.now() + timedelta(days=days) if days else None,
        )

    def say_missing(self, fields: dict[str, Any]) -> None:
        """Says at each field what the act owes and does not have."""
        for name, message in fields.items():
            self.add_error("days" if name == "until" else name, message)

    def clean_for(self, action: str) -> None:
        self.say_missing(self.statement().missing(action))


class DecisionForm(StatementForm):
    action = forms.ChoiceField(choices=Action.choices)
    seen = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        if action := self.cleaned_data.get("action"):
            self.clean_for(action)
        return self.cleaned_data
