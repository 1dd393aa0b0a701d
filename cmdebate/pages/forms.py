"""The forms of pages that belong to no app."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cmdebate.accounts.models import User


class LeaveForm(forms.Form):
    texts = forms.ChoiceField(
        label=_("And your published texts?"),
        choices=[
            ("keep", _("Keep my texts, without my name")),
            ("erase", _("Erase my texts")),
        ],
        widget=forms.RadioSelect,
    )
    password = forms.CharField(
        label=_("Your password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
    )
    sure = forms.BooleanField(label=_("I understand that this cannot be undone."))

    def __init__(self, member: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.member.check_password(password):
            raise forms.ValidationError(_("This is not your password."), code="password")
        return password
