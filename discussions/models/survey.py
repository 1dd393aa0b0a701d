"""The survey on a term, and its answers: a counted part, and a text that may come with it."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from essays.models import Essay, Term

from .posts import Post


class Survey(models.Model):
    term = models.OneToOneField(
        Term, models.PROTECT, related_name="survey", verbose_name=_("term"), editable=False
    )
    question = models.CharField(
        _("question"),
        max_length=200,
        blank=True,
        help_text=_("Left empty, it is asked in the essay’s words, in the reader’s language."),
    )
    is_open = models.BooleanField(_("takes answers"), default=True)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")

    def __str__(self) -> str:
        return self.term.headword

    @property
    def address(self) -> str:
        """Its question and its results."""
        return self.term.address("survey")

    @property
    def form_address(self) -> str:
        return self.term.address("survey_answer")

    @property
    def asked(self) -> str:
        """The question, as its readers are asked it."""
        return self.question or gettext(
            "Could you say precisely what a %(term)s is, and what one does?"
        ) % {"term": self.term.headword}


_OUT = (Post.State.HIDDEN, Post.State.WITHDRAWN)


class AnswerQuerySet(models.QuerySet["Answer"]):
    def firsts(self) -> Self:
        return self.filter(first=None)

    def seconds(self) -> Self:
        return self.filter(first__isnull=False)

    def counted(self) -> Self:
        """All but those whose text a community manager has refused or hidden. While it waits it
        changes nothing: what is counted is no text. A second answer counts with its first only.
        """
        return self.exclude(post__state__in=_OUT).exclude(first__post__state__in=_OUT)


class Answer(models.Model):
    """What somebody answered: before reading, or again after reading an essay. Nobody's name,
    account or address stands in it."""

    class Generation(models.TextChoices):
        """As the essay groups the people it asked."""

        YOUNG = "young", pgettext_lazy("generation", "young")
        BETWEEN = "between", pgettext_lazy("generation", "in between")
        SENIOR = "senior", pgettext_lazy("generation", "senior")

    class Choice(models.TextChoices):
        PRECISELY = "precisely", pgettext_lazy("answer to the survey", "yes, precisely")
        ROUGHLY = "roughly", pgettext_lazy("answer to the survey", "more or less")
        NO = "no", pgettext_lazy("answer to the survey", "no")

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="answers")
    generation = models.CharField(max_length=10, choices=Generation.choices)
    choice = models.CharField(max_length=10, choices=Choice.choices)
    # The text that came with it, if one did.
    post = models.OneToOneField(Post, models.PROTECT, null=True, related_name="answer")
    # Of a second answer: the one that the same browser gave before, and the essay read between.
    first = models.OneToOneField("self", models.PROTECT, null=True, related_name="second")
    essay = models.ForeignKey(Essay, models.PROTECT, null=True, related_name="+")
    # Digests of the random keys of the browser and of the form that it came from.
    browser = models.CharField(max_length=64)
    form = models.CharField(max_length=64, unique=True)

    objects: ClassVar[AnswerQuerySet] = AnswerQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("answer to the survey")
        verbose_name_plural = _("answers to the survey")
        constraints = (
            models.UniqueConstraint(
                fields=["survey", "browser"],
                condition=Q(first=None),
                name="answer_one_per_browser",
            ),
            models.CheckConstraint(
                condition=Q(first=None, essay=None) | Q(first__isnull=False, essay__isnull=False),
                name="answer_second_after_an_essay",
            ),
            models.CheckConstraint(
                condition=Q(generation__in=["young", "between", "senior"]),
                name="answer_generation_known",
            ),
            models.CheckConstraint(
                condition=Q(choice__in=["precisely", "roughly", "no"]),
                name="answer_choice_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.survey_id}: {self.generation}, {self.choice}"

    @property
    def term(self) -> Term:
        return self.survey.term
