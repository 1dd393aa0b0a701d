"""What waits at the desk, who asked for it, and what moderators tell each other of it."""

import secrets
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .decisions import Action, Decision, Ground
from .targets import TARGETS, Targeted, exactly_one


class Case(Targeted):
    """One thing that waits for a decision, and its place in the queue; see `cases.follow`.

    `reasons` says why: a code of `cases.Waits` and how often, the gravest first; `reason` is
    the first of them, by which the queue is filtered.
    """

    gravity = models.IntegerField()
    since = models.DateTimeField()
    reasons: Any = models.JSONField(default=list)
    reason = models.CharField(max_length=20)
    # Who has it open, and when they last said so.
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    looked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-gravity", "since", "pk")
        constraints = (
            models.CheckConstraint(condition=exactly_one(*TARGETS), name="case_has_one_target"),
            *(
                models.UniqueConstraint(fields=[target], name=f"case_{target}_once")
                for target in TARGETS
            ),
        )
        indexes = (
            models.Index(fields=["-gravity", "since", "id"], name="case_queue"),
            models.Index(fields=["reason", "-gravity", "since", "id"], name="case_queue_by_reason"),
            models.Index(fields=["since"], name="case_oldest"),
        )

    def __str__(self) -> str:
        return f"{self.target}, {self.gravity}"


def new_complaint_id() -> str:
    """Whoever has it may read what became of the complaint: nobody guesses it."""
    return secrets.token_urlsafe(18)


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def open(self) -> Self:
        return self.filter(state=Complaint.State.OPEN)

    def reports(self) -> Self:
        return self.filter(kind__in=Complaint.REPORTS)


class Complaint(Targeted):
    """Somebody asks that a text or a decision be looked at: a report, or an appeal."""

    class Kind(models.TextChoices):
        RULES = "rules", _("report: against the rules")
        LAW = "law", _("report: against the law")
        APPEAL = "appeal", _("appeal")
        REVIEW = "review", _("request for a second look")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("complaint", "waits for an answer")
        GRANTED = "granted", pgettext_lazy("complaint", "granted")
        DECLINED = "declined", pgettext_lazy("complaint", "declined")
        MOOT = "moot", pgettext_lazy("complaint", "without object: the text is gone")

    REPORTS = (Kind.RULES, Kind.LAW)
    # Those are about an entry of the record.
    ABOUT_ENTRIES = (Kind.APPEAL, Kind.REVIEW)

    public_id = models.CharField(max_length=24, unique=True, default=new_complaint_id)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="complaints"
    )
    # Of somebody without an account, where the law asks for them.
    name = models.CharField(_("Your name"), max_length=80, blank=True)
    email = models.EmailField(_("Your e-mail address"), blank=True)
    # Of the letters to them.
    language = models.CharField(max_length=5, default=settings.LANGUAGE_CODE)
    ground = models.CharField(_("Ground"), max_length=20, choices=Ground.choices, blank=True)
    rule = models.CharField(_("The law that it breaks"), max_length=200, blank=True)
    words = models.TextField(blank=True)
    # The entry that is appealed, or to be looked at again.
    entry = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="complaints_on")
    # From 0 to 1: how often their reports were right, when this one came.
    weight = models.FloatField(default=0.5)
    created_at = models.DateTimeField(default=timezone.now)
    form_key = models.UUIDField()
    # The entry that answers it.
    answer = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="complaints_met")
    answered_at = models.DateTimeField(null=True)

    objects: ClassVar[ComplaintQuerySet] = ComplaintQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        ordering = ("created_at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=exactly_one(*TARGETS), name="complaint_has_one_target"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["rules", "law"], entry=None)
                | Q(kind__in=["appeal", "review"], entry__isnull=False, by__isnull=False),
                name="complaint_about_a_text_or_an_entry",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "granted", "declined", "moot"]),
                name="complaint_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "moot"], answer=None)
                | Q(state__in=["granted", "declined"], answer__isnull=False),
                name="complaint_answered_by_an_entry",
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(kind="appeal"), name="complaint_appeal_once"
            ),
            models.UniqueConstraint(
                fields=["entry", "by"], condition=Q(kind="review"), name="complaint_review_once"
            ),
            models.UniqueConstraint(
                fields=["by", "post"],
                condition=Q(state="open", kind__in=["rules", "law"]),
                name="complaint_on_a_post_once_open",
            ),
            models.UniqueConstraint(
                fields=["by", "original_comment"],
                condition=Q(state="open", kind__in=["rules", "law"]),
                name="complaint_on_a_comment_once_open",
            ),
            *(
                models.UniqueConstraint(
                    fields=["form_key", target], name=f"complaint_on_{target}_sent_once"
                )
                for target in ("post", "original_comment")
            ),
        )
        indexes = (
            models.Index(fields=["by", "-created_at"], name="complaint_by_member"),
            models.Index(fields=["post"], condition=Q(state="open"), name="complaint_open_on_post"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("complaint", args=[self.public_id])

    @property
    def is_report(self) -> bool:
        return self.kind in self.REPORTS

    @property
    def who(self) -> str:
        return str(self.by or self.name or _("somebody without an account"))


class Note(Targeted):
    """What a moderator tells the others of a case; nobody else reads it."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    body = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(condition=exactly_one(*TARGETS), name="note_has_one_target"),
        )

    def __str__(self) -> str:
        return f"{self.by_id}, {self.pk}"


class Suggestion(Targeted):
    """A decision that a trainee proposes, until a full community manager has decided."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="suggestions")
    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=10, choices=Action.choices)
    # What the entry would say: the fields of `moderation.statements.Statement`.
    said: Any = models.JSONField(default=dict)
    # The version that the trainee saw.
    seen = models.CharField(max_length=100)
    # The entry of whoever decided, whatever it was.
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, related_name="suggestions_met"
    )

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=exactly_one(*TARGETS), name="suggestion_has_one_target"
            ),
            *(
                models.UniqueConstraint(
                    fields=[target],
                    condition=Q(decision=None),
                    name=f"suggestion_on_{target}_once_open",
                )
                for target in ("post", "original_comment", "member", "thread")
            ),
        )

    def __str__(self) -> str:
        return f"{self.by_id}, {self.action}"


class ReadyReason(models.Model):
    """Words that a moderator may begin a statement with, and edit there."""

    name = models.CharField(_("name"), max_length=80)
    ground = models.CharField(_("ground"), max_length=20, choices=Ground.choices)
    facts = models.TextField(_("facts"), max_length=1000, blank=True)
    reason = models.TextField(_("reason"), max_length=1000)

    class Meta:
        verbose_name = _("ready reason")
        verbose_name_plural = _("ready reasons")
        ordering = ("ground", "name")

    def __str__(self) -> str:
        return self.name
