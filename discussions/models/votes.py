"""Whether members find a reply useful."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from .posts import Post


class Vote(models.Model):
    """One member's word on one reply; it can be changed and taken back."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="votes")
    voter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="votes")
    useful = models.BooleanField()
    cast_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["voter", "post"], name="vote_one_per_member"),
        )
        indexes = (
            models.Index(fields=["-cast_at"], condition=Q(useful=False), name="vote_against"),
        )

    def __str__(self) -> str:
        return f"{self.voter_id} on {self.post_id}: {'useful' if self.useful else 'not useful'}"
