"""The two forms of the survey."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from discussions.models import Answer, Survey
from essays.models import Essay

LONGEST = 1000


class AnswerForm(forms.Form):
    choice = forms.ChoiceField(
        label=_("Could you say it?"), choices=Answer.Choice.choices, widget=forms.RadioSelect
    )
    generation = forms.ChoiceField(
        label=_("Your generation"),
        choices=Answer.Generation.choices,
        widget=forms.RadioSelect,
        help_text=_("You say where you stand; nobody asks your age."),
    )
    text = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Optional. A community manager reads it before it is published, without a name."
        ),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class EssayField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, essay: Essay) -> str:
        return essay.title


class SecondAnswerForm(AnswerForm):
    generation = None  # type: ignore[assignment]
    essay = EssayField(
        queryset=Essay.objects.none(),
        to_field_name="slug",
        label=_("The essay that you have read"),
        empty_label=_("Choose an essay"),
    )
    field_order = ("essay", "choice", "text")

    def __init__(self, survey: Survey, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        essay = self.fields["essay"]
        assert isinstance(essay, EssayField)
        essay.queryset = Essay.objects.filter(terms=survey.term).defer("text").order_by("position")
