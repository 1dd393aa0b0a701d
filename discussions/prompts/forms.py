"""The form of a prompt."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from markdownx.fields import MarkdownxFormField

from discussions.forms import SeenForm
from discussions.markdown import MAX_LENGTH
from essays.models import Essay, Term

LONGEST_QUESTION = 200


class PromptTextForm(forms.Form):
    question = forms.CharField(
        label=_("What you ask"),
        max_length=LONGEST_QUESTION,
        help_text=_("One sentence that anybody can answer from what they have lived or read."),
    )
    body = MarkdownxFormField(
        label=_("A few words more"),
        max_length=MAX_LENGTH,
        required=False,
        help_text=_("Where the question comes from. Optional; Markdown."),
    )


class PromptEditForm(SeenForm, PromptTextForm):
    pass


class PromptForm(PromptTextForm):
    term = forms.ModelChoiceField(
        Term.objects.all(), label=_("Term"), to_field_name="slug", empty_label=None
    )
    essay = forms.ModelChoiceField(
        Essay.objects.defer("text").order_by("position"),
        label=_("About the essay"),
        to_field_name="slug",
        required=False,
        empty_label=pgettext_lazy("essay", "none in particular"),
    )
    pinned = forms.BooleanField(
        label=_("Pin it"),
        required=False,
        help_text=_("On the first page, and on the page of its term or its essay."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    field_order = ("term", "question", "body", "essay", "pinned")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if Term.objects.count() == 1:
            self.fields["term"].widget = forms.HiddenInput()
        self.fields["term"].initial = Term.objects.site_term()
