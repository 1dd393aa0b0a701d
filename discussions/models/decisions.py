"""The record: every act of moderation, added once and never changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from essays.models import OriginalComment


class Action(models.TextChoices):
    APPROVE = "approve", pgettext_lazy("act of moderation", "Approve")
    REFUSE = "refuse", pgettext_lazy("act of moderation", "Refuse")
    HIDE = "hide", pgettext_lazy("act of moderation", "Hide")
    RESTORE = "restore", pgettext_lazy("act of moderation", "Restore")
    OPEN = "open", pgettext_lazy("act of the role", "Open a call")
    CLOSE = "close", pgettext_lazy("act of the role", "Close a call")
    SIGN = "sign", pgettext_lazy("act of the role", "Sign a minute")


# What can be decided on a text. The other acts are entered in the record, and judge nothing.
DECISIONS = (Action.APPROVE, Action.REFUSE, Action.HIDE, Action.RESTORE)
# Acts that take something from its author or its readers: they need a ground and a reason.
RESTRICTIONS = (Action.REFUSE, Action.HIDE)


class Ground(models.TextChoices):
    """Why a text may be refused or hidden. A negative opinion is no ground."""

    ATTACK = "attack", _("attack on a person")
    OFF_TOPIC = "off_topic", _("off topic")
    ADVERTISING = "advertising", _("disguised advertising")
    REPETITION = "repetition", _("repetition")
    PRIVATE_LIFE = "private_life", _("private life")
    UNLAWFUL = "unlawful", _("against the law")
    REQUEST = "request", _("request of the person concerned")


class Duty(models.TextChoices):
    """What a community manager is said to owe; an act exercises one of them."""

    MODERATE = "moderate", pgettext_lazy("duty, after “exercising”", "the duty of moderating")
    ANIMATE = "animate", pgettext_lazy("duty, after “exercising”", "the duty of animating")
    REPORT = "report", pgettext_lazy("duty, after “exercising”", "the duty of giving account")


class RecordHead(models.Model):
    """The end of the chain. One row; who locks it may add the next entry."""

    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return str(self.number)


class Decision(models.Model):
    """One entry. The database itself refuses to update or delete it (migration 0002).

    `digest` covers every column but the foreign keys, which `reference` names in words; of
    the judged text, the names and the reason it covers salted commitments only, so that
    DecisionPayload can be emptied without breaking the chain. See moderation/record.py.
    """

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("date"))
    action = models.CharField(_("act"), max_length=10, choices=Action.choices)
    ground = models.CharField(_("ground"), max_length=20, choices=Ground.choices, blank=True)
    rule = models.CharField(max_length=20, blank=True)
    duty = models.CharField(_("duty"), max_length=20, choices=Duty.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="decisions",
        verbose_name=_("decided by"),
    )
    post = models.ForeignKey("Post", models.PROTECT, null=True, related_name="decisions")
    original_comment = models.ForeignKey(
        OriginalComment, models.PROTECT, null=True, related_name="decisions"
    )
    revision = models.ForeignKey("Revision", models.PROTECT, null=True, related_name="+")
    reference = models.CharField(_("about"), max_length=300)
    text_commitment = models.CharField(max_length=64)
    names_commitment = models.CharField(max_length=64)
    reason_commitment = models.CharField(max_length=64)
    previous = models.CharField(_("previous digest"), max_length=64, blank=True)
    digest = models.CharField(_("digest"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("-number",)
        constraints = (
            models.CheckConstraint(
                condition=Q(post__isnull=False, original_comment__isnull=True)
                | Q(post__isnull=True, original_comment__isnull=False),
                name="decision_has_one_target",
            ),
            models.CheckConstraint(
                condition=~Q(action__in=["refuse", "hide"]) | ~Q(ground=""),
                name="decision_restriction_has_a_ground",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}, {self.get_action_display()}"

    def get_absolute_url(self) -> str:
        return f"{reverse('record')}?jusqua={self.number}#e{self.number}"

    @property
    def is_restriction(self) -> bool:
        return self.action in RESTRICTIONS

    @property
    def text_has_changed(self) -> bool:
        """Whether readers read another version now than the one that was judged."""
        post = self.post
        return post is not None and post.published_revision_id not in (None, self.revision_id)

    @property
    def by_shown(self) -> str:
        """Who decided. The names of an entry are emptied together when its author leaves; who
        decided is then known from the link. What is done on a date has nobody behind it."""
        return self.payload.by_name or str(self.by or _("the clock, on the date set"))


class DecisionPayload(models.Model):
    """The names and words of an entry, which everyone sees; they can be emptied, not changed.

    `text_salt` opens the commitment to the judged text: for its author and moderators only.
    """

    decision = models.OneToOneField(
        Decision, models.PROTECT, primary_key=True, related_name="payload"
    )
    by_name = models.CharField(max_length=40, blank=True)
    author_name = models.CharField(max_length=40, blank=True)
    names_salt = models.CharField(max_length=32, blank=True)
    reason = models.TextField(blank=True)
    reason_salt = models.CharField(max_length=32, blank=True)
    text_salt = models.CharField(max_length=32, blank=True)

    def __str__(self) -> str:
        return str(self.decision_id)
