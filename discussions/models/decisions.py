"""The record: every act of moderation, added once and never changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .targets import TARGETS, Targeted, exactly_one


class Action(models.TextChoices):
    APPROVE = "approve", pgettext_lazy("act of moderation", "Approve")
    REFUSE = "refuse", pgettext_lazy("act of moderation", "Refuse")
    HIDE = "hide", pgettext_lazy("act of moderation", "Hide")
    RESTORE = "restore", pgettext_lazy("act of moderation", "Restore")
    REWRITE = "rewrite", pgettext_lazy("act of moderation", "Ask for a rewrite")
    KEEP = "keep", pgettext_lazy("act of moderation", "Leave as it is")
    UNDO = "undo", pgettext_lazy("act of moderation", "Undo")
    ERASE = "erase", pgettext_lazy("act of moderation", "Erase for good")
    WARN = "warn", pgettext_lazy("act of moderation", "Warn")
    SILENCE = "silence", pgettext_lazy("act of moderation", "Silence for a time")
    EXCLUDE = "exclude", pgettext_lazy("act of moderation", "Exclude")
    LIFT = "lift", pgettext_lazy("act of moderation", "Lift a sanction")
    SHUT = "shut", pgettext_lazy("act of moderation", "Close the thread")
    SLOW = "slow", pgettext_lazy("act of moderation", "Slow the thread")
    REOPEN = "reopen", pgettext_lazy("act of moderation", "Open the thread again")
    OPEN = "open", pgettext_lazy("act of the role", "Open")
    CLOSE = "close", pgettext_lazy("act of the role", "Close")
    SIGN = "sign", pgettext_lazy("act of the role", "Sign a minute")
    SET = "set", pgettext_lazy("act of the role", "Change the policy")
    COUNT = "count", pgettext_lazy("act of the role", "Close the month")


# What decides whether readers see a text.
DECISIONS = (Action.APPROVE, Action.REFUSE, Action.HIDE, Action.RESTORE, Action.UNDO)
# Acts that take a text from its readers.
RESTRICTIONS = (Action.REFUSE, Action.HIDE)
ON_MEMBERS = (Action.WARN, Action.SILENCE, Action.EXCLUDE)
ON_THREADS = (Action.SHUT, Action.SLOW)
# Acts that take something from somebody: they owe a complete statement of reasons.
STATED = (*RESTRICTIONS, Action.REWRITE, Action.ERASE, *ON_MEMBERS, *ON_THREADS)
# Against spam these owe no word and bring no letter: a machine would learn that somebody is there.
UNSAID = (*RESTRICTIONS, Action.ERASE, Action.SILENCE, Action.EXCLUDE)
# Acts that put right an earlier one.
REVERSALS = (Action.RESTORE, Action.LIFT, Action.REOPEN)


class Ground(models.TextChoices):
    """Why a text may be refused or hidden. A negative opinion is no ground."""

    SPAM = "spam", _("spam")
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
    WATCH = "watch", pgettext_lazy("duty, after “exercising”", "the duty of watching")
    VALIDATE = "validate", pgettext_lazy("duty, after “exercising”", "the duty of having it read")
    TRACE = "trace", pgettext_lazy("duty, after “exercising”", "the duty of keeping a trace")
    REPORT = "report", pgettext_lazy("duty, after “exercising”", "the duty of giving account")


class Origin(models.TextChoices):
    """What led to an act."""

    OWN = "", _("own initiative")
    REPORT = "report", _("a report")
    LAW = "law", _("a report of unlawful content")
    APPEAL = "appeal", _("an appeal")
    REVIEW = "review", _("a reader’s request for a second look")


class RecordHead(models.Model):
    """The end of the chain. One row; who locks it may add the next entry."""

    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return str(self.number)


class Decision(Targeted):
    """One entry. The database itself refuses to update or delete it (migration 0002).

    `digest` covers every column but the foreign keys, which `reference` names in words; of
    the judged text, the names and the reason it covers salted commitments only, so that
    DecisionPayload can be emptied without breaking the chain. See moderation/record.py.
    """

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("date"))
    action = models.CharField(_("act"), max_length=10, choices=Action.choices)
    ground = models.CharField(_("ground"), max_length=20, choices=Ground.choices, blank=True)
    # The law that it rests on, where it is not a rule of the house.
    rule = models.CharField(_("law"), max_length=200, blank=True)
    duty = models.CharField(_("duty"), max_length=20, choices=Duty.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="decisions",
        verbose_name=_("decided by"),
    )
    # The entry that this one undoes, puts right, or leaves as it is.
    answers = models.ForeignKey("self", models.PROTECT, null=True, related_name="answered_by")
    origin = models.CharField(_("led to by"), max_length=10, choices=Origin.choices, blank=True)
    # From when on it had waited at the desk.
    since = models.DateTimeField(null=True)
    # When it ends by itself.
    until = models.DateTimeField(_("until"), null=True)
    # Whether somebody else should have decided, and there was nobody.
    alone = models.BooleanField(default=False)
    revision = models.ForeignKey("Revision", models.PROTECT, null=True, related_name="+")
    # The thread that it acts in: the one that the judged text stands in, or the target itself.
    in_thread = models.ForeignKey(
        "Thread", models.PROTECT, null=True, related_name="decisions_in", db_index=False
    )
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
            models.CheckConstraint(condition=exactly_one(*TARGETS), name="decision_has_one_target"),
            models.CheckConstraint(
                condition=~Q(action__in=[action.value for action in STATED]) | ~Q(ground=""),
                name="decision_restriction_has_a_ground",
            ),
        )
        indexes = (
            models.Index(fields=["at"], name="decision_at"),
            models.Index(
                fields=["member", "-number"],
                condition=Q(member__isnull=False),
                name="decision_on_member",
            ),
            models.Index(
                fields=["in_thread", "-number"],
                condition=Q(in_thread__isnull=False),
                name="decision_in_thread",
            ),
            # What a thread's page counts on every visit.
            models.Index(
                fields=["in_thread"],
                condition=Q(action__in=["hide", "undo"], in_thread__isnull=False),
                name="decision_hides_in_thread",
            ),
            # What readers narrow the record to.
            *(
                models.Index(fields=[name, "-number"], name=f"decision_{name}")
                for name in ("action", "ground", "duty", "by", "origin")
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}, {self.get_action_display()}"

    def get_absolute_url(self) -> str:
        return reverse("record_entry", args=[self.number])

    @property
    def is_restriction(self) -> bool:
        return self.action in STATED

    @property
    def is_unsaid(self) -> bool:
        return self.ground == Ground.SPAM and self.action in UNSAID

    @property
    def hides(self) -> bool:
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

    `text_salt` opens the commitment to the judged text; it and `marked`, the words of it that
    are at fault, are for its author and moderators only.
    """

    decision = models.OneToOneField(
        Decision, models.PROTECT, primary_key=True, related_name="payload"
    )
    by_name = models.CharField(max_length=40, blank=True)
    author_name = models.CharField(max_length=40, blank=True)
    # Who proposed it, if they could not decide.
    proposer_name = models.CharField(max_length=40, blank=True)
    names_salt = models.CharField(max_length=32, blank=True)
    facts = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    marked = models.TextField(blank=True)
    reason_salt = models.CharField(max_length=32, blank=True)
    text_salt = models.CharField(max_length=32, blank=True)

    def __str__(self) -> str:
        return str(self.decision_id)

    @property
    def names(self) -> list[str]:
        """As the entry commits to them."""
        return [self.by_name, self.author_name, *filter(None, [self.proposer_name])]

    @property
    def why(self) -> str | list[str]:
        """The same of its words."""
        return [self.facts, self.reason] if self.facts else self.reason
