"""What can be searched: one row for each text, kept by discussions/search/."""

from datetime import UTC, datetime

from django.db import models
from django.db.models import Q

from essays.models import Essay

from .posts import Post

_ID_BITS = 31
_MAX_MINUTES = (1 << 31) - 1
_START = datetime.min.replace(tzinfo=UTC)


class SearchDocument(models.Model):
    """A paragraph, an original comment, or the published version of a post.

    Beside the columns below the database keeps what answers a query, made of `words` and
    `facets` and of nothing else (see the migration): a table of SQLite's FTS5 by triggers, a
    generated column of PostgreSQL.
    """

    # The newest first is the greatest first: a common word is then answered by a walk of the
    # index. Never counted up but given (see `key`), so that the same text always has the same
    # row; this type because SQLite then finds the row by it at once.
    id = models.BigAutoField(primary_key=True)
    post = models.OneToOneField(
        Post, models.CASCADE, null=True, blank=True, related_name="search_document"
    )
    essay = models.ForeignKey(Essay, models.CASCADE, null=True, blank=True, db_index=False)
    # The anchor in the essay: p7, c3, x1; nothing for its title. No link to the original
    # comment: the import takes one for something said about it.
    ref = models.CharField(max_length=10, blank=True)
    # Of words.VERSION: what an older one made is made again by `setup`.
    version = models.PositiveSmallIntegerField()
    # As words.py prepares them, between spaces.
    words = models.TextField()
    # What a search may be narrowed to, as words that no text has: kind_reply, essay_2…
    facets = models.TextField()
    text = models.TextField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(post__isnull=False, essay__isnull=True, ref="")
                | Q(post__isnull=True, essay__isnull=False),
                name="searchdocument_is_of_a_post_or_an_essay",
            ),
            models.UniqueConstraint(fields=["essay", "ref"], name="searchdocument_of_essay_once"),
        )

    def __str__(self) -> str:
        return self.text[:60]

    @staticmethod
    def key(moment: datetime | None, number: int, *, of_post: bool) -> int:
        """The minute, whether it is a post, and a number that tells those of a minute apart."""
        if number >> _ID_BITS:
            raise OverflowError("more texts than a search document can name")
        return SearchDocument.first_key(moment) | of_post << _ID_BITS | number

    @staticmethod
    def first_key(moment: datetime | None) -> int:
        """The least key of that minute; 0 stands for a date that is unknown."""
        minutes = max(1, int((moment - _START).total_seconds() // 60)) if moment else 0
        return min(minutes, _MAX_MINUTES) << (_ID_BITS + 1)

    @staticmethod
    def last_key(moment: datetime) -> int:
        """The greatest key of that minute."""
        return SearchDocument.first_key(moment) | ((1 << (_ID_BITS + 1)) - 1)
