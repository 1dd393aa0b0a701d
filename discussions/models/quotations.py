"""What a text quotes: words of an essay, as the site found them, or words of another post."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from discussions import markdown
from essays.models import OriginalComment

from .posts import Post, Revision


class Quotations(models.Model):
    """The quotations in one version of a text, compared with their source as it was written.

    Quotations of original comments are compared with one comment at most, so that they can
    leave the page with it.
    """

    revision = models.OneToOneField(Revision, models.PROTECT, primary_key=True)
    original_comment = models.ForeignKey(
        OriginalComment, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Each as quotations.Found has it.
    found = models.JSONField()

    def __str__(self) -> str:
        return str(self.revision)

    def shown(self) -> list[dict[str, Any]]:
        """Those whose source readers may read now."""
        comment = self.original_comment
        if comment is None or not comment.is_hidden:
            return list(self.found)
        return [found for found in self.found if not found["comment"]]


class PostQuotation(models.Model):
    """The words of another post that a reply stands on: where they are, never the words."""

    reply = models.OneToOneField(Post, models.PROTECT, primary_key=True, related_name="quotation")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    # In code points of the version's text as it is read.
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="quotation_range"),
        )

    def __str__(self) -> str:
        return f"{self.reply}, {self.revision}"

    @property
    def words(self) -> str:
        """What readers may read of them now: nothing once their post is hidden or withdrawn."""
        if self.revision.post.state != Post.State.PUBLISHED or not self.revision.published_at:
            return ""
        return markdown.plain(self.revision.body)[self.start : self.end]
