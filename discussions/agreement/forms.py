"""The forms in which members say what they think of clauses, and from where they speak."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmdebate.accounts.models import User

from ..markdown import MAX_LENGTH
from ..models import Clause, Label, Reaction


class OpinionForm(forms.Form):
    """One member, one clause."""

    stance = forms.ChoiceField(
        label=_("What you think of it"),
        choices=[*Reaction.Stance.choices, ("", pgettext_lazy("stance on a clause", "No view"))],
        widget=forms.RadioSelect,
        required=False,
    )
    reason = forms.CharField(
        label=_("Why"),
        help_text=_("It becomes a reply to the definition. Needed for “To be clarified”."),
        max_length=MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    labels = forms.MultipleChoiceField(
        label=_("What it lacks, if it should be written anew"),
        choices=Label.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        stance = cleaned.get("stance", "")
        changed = stance != self.initial["stance"]
        if changed and stance == Reaction.Stance.CLARIFY and not cleaned.get("reason"):
            self.add_error("reason", _("Say what is to be clarified."))
        if cleaned.get("reason") and not stance:
            self.add_error("stance", _("Say what you think, since you give a reason."))
        return cleaned


def opinion_forms(
    clauses: Sequence[Clause], labels: dict[int, list[str]], data: Any = None
) -> list[tuple[Clause, OpinionForm]]:
    """A form for each clause, with what the member has said so far."""
    return [
        (
            clause,
            OpinionForm(
                data,
                prefix=f"c{clause.pk}",
                initial={
                    "stance": clause.my_stance,
                    "labels": labels.get(clause.first_id, []),
                },
            ),
        )
        for clause in clauses
    ]


class PositionForm(forms.Form):
    position = forms.ChoiceField(
        label=_("You speak as"),
        choices=[
            ("", pgettext_lazy("position", "I would rather not say")),
            *User.Position.choices,
        ],
        widget=forms.RadioSelect,
        required=False,
    )
