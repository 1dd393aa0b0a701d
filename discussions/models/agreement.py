"""What members think of the clauses of definitions."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .definitions import Clause
from .posts import Post


class Reaction(models.Model):
    """What one member thinks of one clause. Each change is a row; the last one counts.

    It stands on the clause that said it first (`Clause.origin`), and so holds for every version
    that says the same.
    """

    class Stance(models.TextChoices):
        AGREE = "agree", pgettext_lazy("stance on a clause", "I agree")
        DISAGREE = "disagree", pgettext_lazy("stance on a clause", "I disagree")
        CLARIFY = "clarify", pgettext_lazy("stance on a clause", "To be clarified")

    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reactions")
    clause = models.ForeignKey(Clause, models.PROTECT, related_name="reactions")
    # Empty where the member took their word back.
    stance = models.CharField(max_length=10, choices=Stance.choices, blank=True)
    # The reply that says why, and the one that brought the member here.
    reason = models.OneToOneField(
        Post, models.PROTECT, null=True, blank=True, related_name="reaction"
    )
    swayed_by = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="swayed"
    )
    is_current = models.BooleanField(default=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["member", "clause"],
                condition=Q(is_current=True),
                name="reaction_one_current",
            ),
            models.CheckConstraint(
                condition=Q(stance__in=["", "agree", "disagree", "clarify"]),
                name="reaction_stance_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} on {self.clause_id}: {self.stance or 'nothing'}"


class Label(models.Model):
    """One member's word that a clause should be written anew, and why. It hides nothing."""

    class Kind(models.TextChoices):
        NO_SOURCE = "no_source", pgettext_lazy("label on a clause", "no source")
        TOO_VAGUE = "too_vague", pgettext_lazy("label on a clause", "too vague")
        OFF_TOPIC = "off_topic", pgettext_lazy("label on a clause", "off topic")
        CONTRADICTORY = "contradictory", pgettext_lazy("label on a clause", "contradictory")

    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="labels")
    clause = models.ForeignKey(Clause, models.PROTECT, related_name="labels")
    kind = models.CharField(_("label"), max_length=15, choices=Kind.choices)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["member", "clause", "kind"], name="label_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["no_source", "too_vague", "off_topic", "contradictory"]),
                name="label_kind_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} on {self.clause_id}: {self.kind}"
