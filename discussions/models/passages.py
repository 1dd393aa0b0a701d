"""Ranges of an essay that members talk about."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from essays.models import Essay, OriginalComment

from .posts import PUBLIC_ID_LENGTH, Post, Viewer, new_public_id

if TYPE_CHECKING:
    from .posts import Thread

LONGEST = 2_000  # characters of a passage
CONTEXT = 32  # characters kept from before and after it


class PassageQuerySet(models.QuerySet["Passage"]):
    def placed_for(self, user: Viewer) -> Self:
        """Passages with a reply whose place this person may see, or with a definition that rests
        on them; nobody learns of the others."""
        posts = Post.objects.placed_for(user)
        replies = posts.filter(thread__passage=OuterRef("pk"))
        resting = posts.filter(
            state=Post.State.PUBLISHED, published_revision__clauses__passage=OuterRef("pk")
        )
        return self.filter(Exists(replies) | Exists(resting))

    def marked(self) -> Self:
        """Passages that stand out in the text: readers can count a reply to them."""
        return self.filter(Q(thread__reply_count__gt=0) | Q(thread__hidden_count__gt=0))


class Passage(models.Model):
    """A range of an essay's body or of one original comment, and how to find it again.

    The selectors of the W3C's Web Annotation model: a position in code points of the verbatim
    text, and the words with what stands around them. Saved with its first reply.
    """

    public_id = models.CharField(
        max_length=PUBLIC_ID_LENGTH, unique=True, default=new_public_id, editable=False
    )
    essay = models.ForeignKey(Essay, models.PROTECT, related_name="passages")
    # The one it lies in: its words are shown only while that comment is.
    original_comment = models.ForeignKey(
        OriginalComment, models.PROTECT, null=True, blank=True, related_name="passages"
    )
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    exact = models.TextField()
    prefix = models.CharField(max_length=CONTEXT, blank=True)
    suffix = models.CharField(max_length=CONTEXT, blank=True)
    # The first published reply to it, for the margin: kept by effects.follow.
    opening = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    thread: "Thread"
    # Its name on the page that shows it; set by who reads passages for a page.
    letter: str

    objects: ClassVar[PassageQuerySet] = PassageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["essay", "start", "end"], name="passage_once"),
            models.CheckConstraint(
                condition=Q(end__gt=F("start")) & Q(end__lte=F("start") + LONGEST),
                name="passage_range",
            ),
        )

    def __str__(self) -> str:
        return _("Passage of “%(title)s”") % {"title": self.essay.title}

    def get_absolute_url(self) -> str:
        return reverse("passage", args=[self.essay.slug, self.public_id])

    def saved(self) -> "Passage":
        """Its row: there is one for each range, whoever asks for it first."""
        return Passage.objects.get_or_create(
            essay=self.essay,
            start=self.start,
            end=self.end,
            defaults={
                name: getattr(self, name)
                for name in ("public_id", "original_comment", "exact", "prefix", "suffix")
            },
        )[0]
