"""Prompts: conversations that a community manager starts in the name of the role."""

from typing import Self

from django.db import models
from django.db.models import Q

from essays.models import Essay, Term

from .posts import Post


class PromptQuerySet(models.QuerySet["Prompt"]):
    def in_course(self) -> Self:
        """Those that have not been ended, whoever may read them."""
        return self.filter(ended_at=None)


class Prompt(models.Model):
    """What a prompt has beside its post, whose title is its question."""

    post = models.OneToOneField(Post, models.PROTECT, primary_key=True)
    term = models.ForeignKey(Term, models.PROTECT, related_name="prompts")
    # The one that it is about, if it is about one.
    essay = models.ForeignKey(Essay, models.PROTECT, null=True, blank=True, related_name="prompts")
    # Whether it stands on the first page, and on its term's or its essay's.
    pinned = models.BooleanField(default=False, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = PromptQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(pinned=False) | Q(ended_at=None), name="prompt_ended_is_not_pinned"
            ),
        )
        indexes = (models.Index(fields=["term"], condition=Q(pinned=True), name="prompt_pinned"),)

    def __str__(self) -> str:
        return f"{self.term}, {self.post_id}"

    def get_absolute_url(self) -> str:
        return self.post.get_absolute_url()
