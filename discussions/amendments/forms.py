"""The forms of amendments: what would change, and the word with which one is declined."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _
from markdownx.fields import MarkdownxFormField

from discussions.forms import ClausedForm
from discussions.markdown import MAX_LENGTH


class SeenField(forms.CharField):
    """What its form was written on. Shown again, the form is on what there is now."""

    widget = forms.HiddenInput

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial


class AmendmentForm(ClausedForm):
    seen = SeenField()

    def __init__(self, *args: Any, seen: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = seen


class AmendmentEditForm(AmendmentForm):
    key = None  # type: ignore[assignment]


class DeclineForm(forms.Form):
    body = MarkdownxFormField(
        label=_("Your word"),
        max_length=MAX_LENGTH,
        help_text=_("It stands as a reply under the amendment; Markdown."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
