"""What was brought in from elsewhere, so that it is brought in once."""

from django.db import models

from .posts import Post, Thread


class ImportedReply(models.Model):
    """A reply, and its id in the file that it came from."""

    thread = models.ForeignKey(Thread, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=200)
    post = models.OneToOneField(Post, models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["thread", "reference"], name="reply_imported_once"),
        )

    def __str__(self) -> str:
        return self.reference
