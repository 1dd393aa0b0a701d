from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmdebate.accounts.models import User
from discussions.models import Preferences


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    language = forms.ChoiceField(label=_("Language of the mails"), choices=settings.LANGUAGES)

    class Meta:
        model = Preferences
        fields = ("rhythm", "answers", "monthly")
        widgets = {"rhythm": forms.RadioSelect}

    def __init__(self, member: User, data: Any = None) -> None:
        self.member = member
        preferences = Preferences.objects.filter(member=member).first()
        super().__init__(
            data,
            instance=preferences or Preferences(member=member),
            initial={"language": member.language},
        )

    def save(self, commit: bool = True) -> Preferences:
        if "rhythm" in self.changed_data:
            self.instance.since = timezone.now()
        self.member.language = self.cleaned_data["language"]
        with transaction.atomic():
            self.member.save(update_fields=["language"])
            preferences: Preferences = super().save(commit)
        return preferences
