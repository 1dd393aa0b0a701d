"""What the essays say of their word, as an editor reads them: claims, duties, definitions."""

from typing import Self

from django.core.validators import validate_slug
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .texts import Essay, OriginalComment, Term

QUOTED: tuple[models.BaseConstraint, ...] = (
    models.UniqueConstraint(fields=("essay", "ref"), name="%(class)s_ref_once"),
    models.CheckConstraint(condition=Q(end__gt=F("start")), name="%(class)s_range"),
)


class Quoted(models.Model):
    """Some words of an essay, and who says them there."""

    # Its name in debate.toml, and its anchor on the pages.
    ref = models.CharField(_("reference"), max_length=10, validators=[validate_slug])
    essay = models.ForeignKey(Essay, models.PROTECT, related_name="%(class)ss")
    # The one they lie in; none, when they are the essay's own or quoted in its body.
    original_comment = models.ForeignKey(
        OriginalComment, models.PROTECT, null=True, blank=True, related_name="%(class)ss"
    )
    # Where they can be read on the essay's page: p7, c3, x1.
    anchor = models.CharField(_("anchor"), max_length=10)
    line = models.PositiveIntegerField(_("line"))
    # In code points of the verbatim text.
    start = models.PositiveIntegerField(_("start"))
    end = models.PositiveIntegerField(_("end"))
    exact = models.CharField(_("words"), max_length=600)
    who = models.CharField(_("who says it"), max_length=200)
    remark = models.CharField(_("how it is said"), max_length=200, blank=True)

    class Meta:
        abstract = True
        ordering = ("essay_id", "start", "ref")

    def __str__(self) -> str:
        return f"{self.essay.number} {self.ref}"

    @property
    def address(self) -> str:
        """Its words in their place."""
        return f"{self.essay.get_absolute_url()}#{self.anchor}"

    @property
    def paragraph(self) -> str:
        """The number of the paragraph of the body, if they stand there."""
        return "" if self.original_comment_id else self.anchor.removeprefix("p")

    @property
    def is_withheld(self) -> bool:
        return self.original_comment is not None and self.original_comment.is_hidden


class Proposal(Quoted):
    """A definition that an essay gives."""

    class Polarity(models.TextChoices):
        IS = "is", _("is")
        IS_NOT = "is_not", _("is not")

    term = models.ForeignKey(Term, models.PROTECT, related_name="proposals")
    polarity = models.CharField(max_length=6, choices=Polarity.choices)

    class Meta(Quoted.Meta):
        verbose_name = _("definition of an essay")
        verbose_name_plural = _("definitions of essays")
        constraints = (
            *QUOTED,
            models.CheckConstraint(
                condition=Q(polarity__in=["is", "is_not"]), name="proposal_polarity_known"
            ),
        )


class Duty(models.Model):
    """Something that the role is said to owe."""

    term = models.ForeignKey(Term, models.PROTECT, related_name="duties")
    slug = models.SlugField(_("slug"), max_length=80)
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveIntegerField(_("position"))
    line = models.CharField(_("what it is"), max_length=300)

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        ordering = ("term_id", "position", "slug")
        constraints = (models.UniqueConstraint(fields=("term", "slug"), name="duty_slug_once"),)

    def __str__(self) -> str:
        return self.name


class ClaimQuerySet(models.QuerySet["Claim"]):
    def standing(self) -> Self:
        """Those whose words stand on the pages now: an original comment that is withheld takes
        its own with it, for everybody."""
        return self.exclude(original_comment__state=OriginalComment.State.HIDDEN)


class Claim(Quoted):
    """Something that an essay asserts of the role."""

    class Polarity(models.TextChoices):
        IS = "is", pgettext_lazy("polarity of a claim", "what it is")
        IS_NOT = "is_not", pgettext_lazy("polarity of a claim", "what it is not")
        SHOULD = "should", pgettext_lazy("polarity of a claim", "what it must")
        SHOULD_NOT = "should_not", pgettext_lazy("polarity of a claim", "what it must not")

    polarity = models.CharField(max_length=10, choices=Polarity.choices)
    # What it is mostly about; it may claim or refuse several.
    duty = models.ForeignKey(Duty, models.PROTECT, related_name="claims")
    claims_for = models.ManyToManyField(Duty, related_name="claimed_by", blank=True)
    claims_against = models.ManyToManyField(Duty, related_name="refused_by", blank=True)
    gist = models.CharField(_("what it comes to"), max_length=200)

    objects = ClaimQuerySet.as_manager()

    class Meta(Quoted.Meta):
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = (
            *QUOTED,
            models.CheckConstraint(
                condition=Q(polarity__in=["is", "is_not", "should", "should_not"]),
                name="claim_polarity_known",
            ),
        )

    @property
    def name(self) -> str:
        """Its own anchor on a page of claims."""
        return f"{self.essay.number}-{self.ref}"

    @property
    def denies(self) -> bool:
        return self.polarity in (self.Polarity.IS_NOT, self.Polarity.SHOULD_NOT)


class Contradiction(models.Model):
    """Two claims that cannot stand together, or hardly."""

    class Kind(models.TextChoices):
        FRONTAL = "frontal", pgettext_lazy("between two claims", "frontal contradiction")
        TENSION = "tension", pgettext_lazy("between two claims", "tension")

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="contradicting")
    other = models.ForeignKey(Claim, models.CASCADE, related_name="contradicted")
    kind = models.CharField(max_length=10, choices=Kind.choices)

    class Meta:
        verbose_name = _("contradiction")
        verbose_name_plural = _("contradictions")
        ordering = ("claim_id", "other_id")
        constraints = (
            models.UniqueConstraint(fields=("claim", "other"), name="contradiction_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["frontal", "tension"]), name="contradiction_kind_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.claim_id} – {self.other_id}"
