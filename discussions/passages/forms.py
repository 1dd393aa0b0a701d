"""The form that opens the talk about a passage."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..forms import ReplyForm
from ..models import Passage
from ..models.passages import LONGEST
from . import places


class PassageForm(ReplyForm):
    """A reply, and the words it answers: those that were offered, or fewer."""

    quote = forms.CharField(
        label=_("The passage"),
        widget=forms.Textarea(attrs={"rows": 3, "data-quote": True}),
        help_text=_("To answer fewer words, leave out the others. Each word stays as it is."),
        error_messages={
            "not_found": _("These words are not there to the letter: only leave some out."),
            "twice": _("These words stand there more than once: keep a few more around them."),
            "too_long": _("A passage has at most %(longest)s characters: leave some words out."),
        },
    )
    field_order = ("quote", "body")

    def __init__(self, *args: Any, offered: Passage, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offered = offered

    def clean_quote(self) -> Passage:
        offered, messages = self.offered, self.fields["quote"].error_messages
        try:
            passage = places.narrowed(
                offered.essay, offered.start, offered.end, self.cleaned_data["quote"]
            )
        except places.FoundTwice:
            raise forms.ValidationError(messages["twice"], code="twice") from None
        except places.NoPlace:
            raise forms.ValidationError(messages["not_found"], code="not_found") from None
        if passage.end - passage.start > LONGEST:
            raise forms.ValidationError(
                messages["too_long"], code="too_long", params={"longest": LONGEST}
            )
        return passage
