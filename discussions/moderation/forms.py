"""The form of a decision: the same at the desk and in the admin."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from discussions.models import Action, Ground
from discussions.models.decisions import DECISIONS, RESTRICTIONS


class ReasonForm(forms.Form):
    """Why; asked for every act, owed for some."""

    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=[("", _("none: the text may stand")), *Ground.choices],
        required=False,
        help_text=_("A negative opinion is no ground."),
    )
    reason = forms.CharField(
        label=_("Reason, in words"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
        help_text=_("Entered in the public record: don’t repeat what you hide."),
    )

    def clean_for(self, action: str) -> None:
        """Adds what is missing for that act to the errors of the form."""
        cleaned = self.cleaned_data
        if action in RESTRICTIONS and not cleaned.get("ground"):
            self.add_error("ground", _("Choose the ground: a restriction needs one."))
        if action != Action.APPROVE and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Say why, in a sentence that its author can answer."))


class DecisionForm(ReasonForm):
    action = forms.ChoiceField(choices=[(act.value, act.label) for act in DECISIONS])
    seen = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        if action := self.cleaned_data.get("action"):
            self.clean_for(action)
        return self.cleaned_data
