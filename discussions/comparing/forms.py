"""Which definitions to compare: two or three, by number, address or id."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from discussions import definitions
from discussions.models import Post
from essays.models import Term


class Chosen(forms.TextInput):
    """All fields have one name in addresses: `d`."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context("d", value, attrs)


class CompareForm(forms.Form):
    first = forms.CharField(label=_("First definition"), widget=Chosen)
    second = forms.CharField(label=_("Second definition"), widget=Chosen)
    third = forms.CharField(label=_("A third one, if you like"), widget=Chosen, required=False)

    def __init__(self, asked: list[str], term: Term | None):
        said = [each.strip()[: definitions.LONGEST] for each in asked if each.strip()]
        typed = dict(zip(self.base_fields, said, strict=False))
        # A link that carries one definition only asks for the others.
        super().__init__(typed if len(asked) > 1 else None, initial=typed)
        self.term = term
        self.chosen: list[Post] = []

    def clean(self) -> dict[str, Any]:
        for name in self.fields:
            if said := self.cleaned_data.get(name):
                self._choose(name, said)
        return self.cleaned_data

    def _choose(self, name: str, said: str) -> None:
        found = definitions.find(said, self.term)
        if found is None:
            self.add_error(name, _("No published definition has this number or this address."))
        elif found in self.chosen:
            self.add_error(name, _("You have chosen that one already."))
        elif self.chosen and found.term != self.chosen[0].term:
            self.add_error(name, _("That definition is about another word."))
        else:
            self.chosen.append(found)
