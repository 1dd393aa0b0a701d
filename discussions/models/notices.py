"""Who follows what, what they were told of it, and the letters that carry it to them."""

from functools import reduce
from operator import or_
from typing import Self
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from taggit.models import Tag

from cmdebate.accounts.models import User
from essays.models import Essay, Term

from .agreement import Label
from .decisions import Decision
from .definitions import Clause
from .desk import Complaint
from .posts import Post, Thread

# The columns of Follow that name its subject, the most precise first.
SUBJECTS = ("thread", "post", "essay", "tag", "person", "term")


class Follow(models.Model):
    """A member wants to hear of what is published in, about or by exactly one subject."""

    member = models.ForeignKey(User, models.CASCADE, related_name="follows")
    thread = models.ForeignKey(Thread, models.CASCADE, null=True, related_name="follows")
    post = models.ForeignKey(Post, models.CASCADE, null=True, related_name="follows")
    essay = models.ForeignKey(Essay, models.CASCADE, null=True, related_name="follows")
    tag = models.ForeignKey(Tag, models.CASCADE, null=True, related_name="follows")
    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="followers")
    term = models.ForeignKey(Term, models.CASCADE, null=True, related_name="follows")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=reduce(
                    or_,
                    (
                        Q(**{f"{other}__isnull": other != subject for other in SUBJECTS})
                        for subject in SUBJECTS
                    ),
                ),
                name="follow_has_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | ~Q(person=models.F("member")),
                name="follow_somebody_else",
            ),
            # Columns without a value are never equal, so that each holds for its own subject.
            *(
                models.UniqueConstraint(fields=["member", subject], name=f"follow_{subject}_once")
                for subject in SUBJECTS
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id}, {self.subject}"

    @property
    def subject(self) -> "Thread | Post | Essay | Tag | User | Term":
        subject = self.thread or self.post or self.essay or self.tag or self.person or self.term
        assert subject  # the constraint above
        return subject


class Visit(models.Model):
    """When a member last had a thread before their eyes."""

    member = models.ForeignKey(User, models.CASCADE, related_name="visits")
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="visits")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["member", "thread"], name="visit_once_a_thread"),
        )

    def __str__(self) -> str:
        return f"{self.member_id}, {self.thread_id}"


class Rhythm(models.TextChoices):
    ONCE = "once", pgettext_lazy("how one wants to hear", "at once, by mail")
    DAILY = "daily", pgettext_lazy("how one wants to hear", "every day, in one mail")
    WEEKLY = "weekly", pgettext_lazy("how one wants to hear", "every Monday, in one mail")
    SITE = "site", pgettext_lazy("how one wants to hear", "on the site only")


class Preferences(models.Model):
    """How a member wants to hear; without a row, as the defaults say."""

    member = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="preferences"
    )
    rhythm = models.CharField(
        _("How you hear of what you follow"),
        max_length=6,
        choices=Rhythm.choices,
        default=Rhythm.ONCE,
    )
    # Whether the member hears by mail of what is said to them.
    answers = models.BooleanField(
        _("Answers to what you write, and mentions of your name, come by mail too"), default=True
    )
    monthly = models.BooleanField(
        _("The monthly report of moderation comes by mail"),
        default=True,
        help_text=_("At each month’s end, to who moderates and to who follows a term."),
    )
    # From when on a digest tells; what came before went out another way.
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(rhythm__in=["once", "daily", "weekly", "site"]),
                name="preferences_rhythm_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id}, {self.rhythm}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def shown_to(self, person: User) -> Self:
        """A person's notices, but for those of a text that has left the page since.

        What became of their own text, they may always know.
        """
        published = Post.objects.visible_to(person).filter(state=Post.State.PUBLISHED)
        return self.filter(person=person).filter(
            Q(decision__isnull=False, post__author=person)
            | Q(decision__member=person)
            | Q(complaint__by=person)
            | Q(~Q(kind=Notice.Kind.LABEL) | _label_stands(), decision=None, post__in=published)
        )

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def with_texts(self) -> Self:
        """With all that is shown of them, in two queries."""
        return self.select_related(
            "post__author",
            "post__definition__term",
            "post__answer__survey__term",
            "post__call__term",
            "post__prompt__term",
            "post__amendment__definition__author",
            "post__amendment__definition__definition__term",
            "post__published_revision",
            "post__pending_revision",
            "post__restriction",
            "post__thread__essay",
            "post__thread__passage__essay",
            "post__thread__original_comment__essay",
            "post__thread__post__definition__term",
            "post__thread__post__definition__source__essay",
            "post__thread__post__call__term",
            "post__thread__post__prompt__term",
            "post__thread__post__amendment__definition__definition__term",
            "decision__payload",
            "decision__by",
            "complaint__answer__payload",
            "complaint__answer__by",
            "label__clause",
            "through",
        ).prefetch_related("post__published_revision__clauses", "post__pending_revision__clauses")


def _label_stands() -> Exists:
    """Whether the label is there still, on a clause that readers read: neither its member nor the
    author of the clause has thought again."""
    labels = OuterRef("label")
    return Exists(
        Clause.objects.filter(
            Q(labels=labels) | Q(origin__labels=labels),
            revision=OuterRef("post__published_revision"),
        )
    )


class Notice(models.Model):
    """One person hears of one post, of a label on it, of a decision that concerns them, or of what
    came of a complaint of theirs."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("answer")
        MENTION = "mention", _("mention")
        FOLLOWED = "followed", _("followed")
        DEFINITION = "definition", _("definition")
        AMENDMENT = "amendment", _("amendment")
        ANSWERED = "answered", _("answer to an amendment")
        LABEL = "label", _("label on a clause")
        DECISION = "decision", _("decision")
        OUTCOME = "outcome", _("answer to a complaint")

    # What is said to the person, whatever they follow.
    ADDRESSED = (Kind.REPLY, Kind.MENTION, Kind.AMENDMENT, Kind.ANSWERED, Kind.LABEL)

    person = models.ForeignKey(User, models.CASCADE, related_name="notices")
    # None, where the person themselves is decided on, or complained.
    post = models.ForeignKey(Post, models.CASCADE, null=True, related_name="notices")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    decision = models.ForeignKey(Decision, models.CASCADE, null=True, related_name="notices")
    complaint = models.ForeignKey(Complaint, models.CASCADE, null=True, related_name="notices")
    # On a clause of the post: the first one since its author last read of any.
    label = models.ForeignKey(Label, models.SET_NULL, null=True, related_name="+")
    # What the person follows, where that is why they hear of it.
    through = models.ForeignKey(Follow, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        *("reply", "mention", "followed", "definition", "amendment", "answered"),
                        *("label", "decision", "outcome"),
                    ]
                ),
                name="notice_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="decision", decision__isnull=False, complaint__isnull=True)
                | Q(
                    kind="outcome",
                    decision__isnull=True,
                    complaint__isnull=False,
                    post__isnull=True,
                )
                | (
                    ~Q(kind__in=["decision", "outcome"])
                    & Q(decision__isnull=True, complaint__isnull=True, post__isnull=False)
                ),
                name="notice_says_what_it_is_of",
            ),
            models.CheckConstraint(
                condition=Q(kind="label") | Q(label__isnull=True), name="notice_of_labels_names_one"
            ),
            models.UniqueConstraint(
                fields=["person", "post"],
                condition=Q(decision__isnull=True, post__isnull=False) & ~Q(kind="label"),
                name="notice_of_a_post_once",
            ),
            models.UniqueConstraint(
                fields=["person", "post"],
                condition=Q(kind="label", read_at__isnull=True),
                name="notice_of_labels_unread_once",
            ),
            models.UniqueConstraint(
                fields=["person", "decision"], name="notice_of_a_decision_once"
            ),
            models.UniqueConstraint(fields=["complaint"], name="notice_of_a_complaint_once"),
        )
        indexes = (
            models.Index(fields=["person", "-id"], name="notice_latest"),
            models.Index(
                fields=["person"], condition=Q(read_at__isnull=True), name="notice_unread"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id}, {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        """Where one reads what it tells of."""
        if self.kind == Notice.Kind.LABEL:
            assert self.post  # the constraint above
            return reverse("definitions:opinions", args=[self.post.public_id])
        about = self.post or self.decision or self.complaint
        assert about
        return about.get_absolute_url()


def new_message_id() -> str:
    """The same at each try, so that a mailbox can tell a letter sent twice."""
    return f"<{uuid4()}@{urlsplit(settings.SITE_URL).hostname}>"


class Letter(models.Model):
    """A mail to a member, or to who complained; from the transaction that calls for it until a
    server has it.

    It holds no text: what it says is read when it is sent, by what its reader may see then.
    """

    class Kind(models.TextChoices):
        NOTICE = "notice", _("notice")
        DECISION = "decision", _("decision")
        DIGEST = "digest", _("digest")
        RECEIVED = "received", _("a complaint is received")
        OUTCOME = "outcome", _("answer to a complaint")
        MONTH = "month", _("monthly report")

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("letter", "waits")
        SENDING = "sending", pgettext_lazy("letter", "being sent")
        SENT = "sent", pgettext_lazy("letter", "sent")
        DROPPED = "dropped", pgettext_lazy("letter", "nothing left to say")
        FAILED = "failed", pgettext_lazy("letter", "given up")

    # None, where somebody without an account complained and left an address.
    recipient = models.ForeignKey(
        User, models.CASCADE, null=True, related_name="letters", verbose_name=_("recipient")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    notice = models.OneToOneField(Notice, models.CASCADE, null=True, related_name="letter")
    complaint = models.ForeignKey(Complaint, models.CASCADE, null=True, related_name="letters")
    # A digest tells of what came after `since`, up to `until`.
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    created_at = models.DateTimeField(_("written on"), default=timezone.now)
    due_at = models.DateTimeField(_("next try"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent on"), null=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.CharField(_("last error"), max_length=300, blank=True)
    message_id = models.CharField(
        "Message-ID", max_length=300, unique=True, default=new_message_id, editable=False
    )

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "sent", "dropped", "failed"]),
                name="letter_state_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["digest", "month"],
                    notice__isnull=True,
                    complaint__isnull=True,
                    since__isnull=False,
                    until__isnull=False,
                    recipient__isnull=False,
                )
                | Q(
                    kind__in=["notice", "decision"],
                    notice__isnull=False,
                    complaint__isnull=True,
                    since__isnull=True,
                    until__isnull=True,
                    recipient__isnull=False,
                )
                | Q(
                    kind__in=["received", "outcome"],
                    notice__isnull=True,
                    complaint__isnull=False,
                    since__isnull=True,
                    until__isnull=True,
                ),
                name="letter_has_one_cause",
            ),
            models.UniqueConstraint(fields=["complaint", "kind"], name="letter_on_complaint_once"),
            models.UniqueConstraint(
                fields=["recipient", "kind", "until"], name="letter_digest_once"
            ),
        )
        indexes = (
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="letter_waiting"),
            models.Index(
                fields=["claimed_at"], condition=Q(state="sending"), name="letter_being_sent"
            ),
        )

    def __str__(self) -> str:
        return self.message_id

    @property
    def address(self) -> str:
        """Where it goes; empty, where nobody is there to read it any more."""
        if self.recipient:
            return self.recipient.email if self.recipient.is_active else ""
        return self.complaint.email if self.complaint else ""

    @property
    def language(self) -> str:
        reader = self.recipient or self.complaint
        assert reader  # the constraint above
        return reader.language
