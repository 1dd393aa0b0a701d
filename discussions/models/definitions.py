"""What a definition has beside its post: its term, its clauses, what members think of them."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from essays.models import Proposal, Term

from .passages import Passage
from .posts import Post, Revision


class Definition(models.Model):
    """What a definition has beside its post."""

    post = models.OneToOneField(Post, models.PROTECT, primary_key=True)
    term = models.ForeignKey(Term, models.PROTECT, related_name="definitions")
    # Given at first publication, so that it tells nothing of those that wait.
    number = models.PositiveIntegerField(null=True, blank=True)
    # Those of the published version: see tags.py.
    tags = TaggableManager(verbose_name=_("tags"), blank=True)
    # What an essay says, if it was not written here: such a definition has no author.
    source = models.OneToOneField(
        Proposal, models.PROTECT, null=True, blank=True, related_name="definition"
    )
    # Where it stands in each order of the list, once it is published (see agreement/tally.py).
    by_age = models.BigIntegerField(null=True, editable=False)
    by_support = models.BigIntegerField(null=True, editable=False)
    by_contest = models.BigIntegerField(null=True, editable=False)
    by_shared = models.BigIntegerField(null=True, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["term", "number"], name="definition_number_once"),
        )
        ordering = (F("number").asc(nulls_last=True),)
        indexes = tuple(
            models.Index(fields=["term", f"-{order}"], name=f"definition_{order}")
            for order in ("by_age", "by_support", "by_contest", "by_shared")
        )

    def __str__(self) -> str:
        return f"{self.term}, {self.number or '–'}"

    @property
    def named(self) -> str:
        """How other texts call it: by its number, or by who says it in an essay."""
        if self.number:
            return gettext("the definition %(number)s") % {"number": self.number}
        if self.source:
            return gettext("the definition by %(name)s") % {"name": self.source.who}
        return gettext("a definition without a number")


class Figures(NamedTuple):
    """How many think what of a clause."""

    agreeing: int = 0
    disagreeing: int = 0
    doubting: int = 0

    @property
    def total(self) -> int:
        return sum(self)

    @property
    def against_from(self) -> int:
        """Where the bar of those who disagree begins, which ends with it."""
        return self.total - self.disagreeing


class ClauseQuerySet(models.QuerySet["Clause"]):
    def with_passages(self) -> Self:
        """With the words that they rest on, and what says where these stand."""
        return self.select_related("passage__essay", "passage__original_comment", "origin").defer(
            "passage__essay__text"
        )


class Clause(models.Model):
    """One thing that the term is, or is not."""

    class Polarity(models.TextChoices):
        IS = "is", _("is")
        IS_NOT = "is_not", _("is not")

    class Scope(models.TextChoices):
        """As what the term is, or is not, that."""

        FUNCTION = "function", pgettext_lazy("scope of a clause", "as a function")
        TRADE = "trade", pgettext_lazy("scope of a clause", "as a trade")
        STANCE = "stance", pgettext_lazy("scope of a clause", "as a stance")
        STATUS = "status", pgettext_lazy("scope of a clause", "as a status")
        TASK = "task", pgettext_lazy("scope of a clause", "as a task")

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="clauses")
    position = models.PositiveSmallIntegerField()
    polarity = models.CharField(max_length=6, choices=Polarity.choices)
    scope = models.CharField(max_length=10, choices=Scope.choices, blank=True)
    text = models.CharField(max_length=600)  # an essay's words may be longer than a member's
    # The words of an essay that it rests on.
    passage = models.ForeignKey(
        Passage, models.PROTECT, null=True, blank=True, related_name="clauses"
    )
    # The clause that said the same first, in this version of the definition or an earlier one:
    # what members think of it goes with it (see agreement/tally.py).
    origin = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", editable=False)
    # On that one: how many think what of it now.
    agreeing = models.PositiveIntegerField(default=0, editable=False)
    disagreeing = models.PositiveIntegerField(default=0, editable=False)
    doubting = models.PositiveIntegerField(default=0, editable=False)

    # What the person reading thinks of it; set by who reads definitions for a page.
    my_stance = ""
    # What members say that it lacks; set likewise, where that is shown.
    lacks: Sequence[tuple[str, int]] = ()

    objects: ClassVar[ClauseQuerySet] = ClauseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["revision", "position"], name="clause_position_once"),
            models.CheckConstraint(
                condition=Q(polarity__in=["is", "is_not"]), name="clause_polarity_known"
            ),
            models.CheckConstraint(
                condition=Q(scope__in=["", "function", "trade", "stance", "status", "task"]),
                name="clause_scope_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_polarity_display()} {self.text}"

    @property
    def figures(self) -> Figures:
        """How many think what of it: kept on the clause that said the same first."""
        first = self.origin or self
        return Figures(first.agreeing, first.disagreeing, first.doubting)

    @property
    def first_id(self) -> int:
        return self.origin_id or self.pk
