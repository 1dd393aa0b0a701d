"""What the record is about beside texts and people: the policy's versions, the months."""

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class PolicyVersion(models.Model):
    """The values that a community manager set; in force until the next version is.

    Never changed; `discussions.policy` says what each value means.
    """

    number = models.PositiveIntegerField(unique=True)
    values: Any = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("version of the policy")
        verbose_name_plural = _("versions of the policy")
        ordering = ("-number",)

    def __str__(self) -> str:
        return gettext("policy, version %(number)s") % {"number": self.number}

    def get_absolute_url(self) -> str:
        return f"{reverse('rules')}#v{self.number}"


class Month(models.Model):
    """A month that is over: what was counted at its end and is no act of anybody."""

    first = models.DateField(unique=True)
    figures: Any = models.JSONField()

    class Meta:
        ordering = ("-first",)

    def __str__(self) -> str:
        return date_format(self.first, "YEAR_MONTH_FORMAT")

    def get_absolute_url(self) -> str:
        return reverse("moderation:monthly", args=[self.first.strftime("%Y-%m")])
