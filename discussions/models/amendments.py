"""Changes that members propose to somebody else's definition, and what its author answers."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from essays.models import Term

from .posts import Post


class Amendment(models.Model):
    """What an amendment has beside its post. What it starts from is its version's `base`."""

    class Outcome(models.TextChoices):
        OPEN = "open", pgettext_lazy("amendment", "open")
        ACCEPTED = "accepted", pgettext_lazy("amendment", "accepted")
        DECLINED = "declined", pgettext_lazy("amendment", "declined")

    post = models.OneToOneField(Post, models.PROTECT, primary_key=True)
    definition = models.ForeignKey(Post, models.PROTECT, related_name="amendments")
    # What readers may know of the answer: it changes once what was answered is public.
    outcome = models.CharField(
        _("outcome"), max_length=8, choices=Outcome.choices, default=Outcome.OPEN
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    # The reply that declines it, from when it is sent on.
    answer = models.OneToOneField(
        Post, models.PROTECT, null=True, blank=True, related_name="declined"
    )

    class Meta:
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome="open", answered_at=None)
                | Q(outcome="accepted", answered_at__isnull=False)
                | Q(outcome="declined", answered_at__isnull=False, answer__isnull=False),
                name="amendment_outcome_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.definition_id}, {self.get_outcome_display()}"

    @property
    def is_open(self) -> bool:
        """Whether no answer to it is public."""
        return self.outcome == Amendment.Outcome.OPEN

    @property
    def answer_waits(self) -> bool:
        """Whether its answer is sent, and waits as texts of new members do."""
        if self.answer and self.answer.state == Post.State.PENDING:
            return True
        waiting = self.definition.pending_revision
        return waiting is not None and waiting.adopted_id == self.pk

    @property
    def term(self) -> Term:
        """The term that the definition is about."""
        return self.definition.definition.term
