"""Calls: a dated question, the definitions entered for it, who approves which, what came of it."""

from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from essays.models import Term

from .definitions import Definition
from .posts import Post, Revision


class CallQuerySet(models.QuerySet["Call"]):
    def standing(self) -> Self:
        """Those whose outcome counts: one that was hidden does not, as long as it is."""
        return self.exclude(post__state=Post.State.HIDDEN)

    def due(self, now: datetime) -> Self:
        """Those that have ended and are still to be counted."""
        return self.filter(closed_at=None, closes_at__lte=now)


class Call(models.Model):
    """What a call has beside its post, whose title is its question."""

    post = models.OneToOneField(Post, models.PROTECT, primary_key=True)
    term = models.ForeignKey(Term, models.PROTECT, related_name="calls")
    opens_at = models.DateTimeField(_("first day"))
    closes_at = models.DateTimeField(_("end"))  # the moment after the last day
    # When its ballots were counted, for good.
    closed_at = models.DateTimeField(null=True, editable=False)
    ballots = models.PositiveIntegerField(null=True, editable=False)
    retained = models.ForeignKey(
        "Candidacy", models.PROTECT, null=True, related_name="+", editable=False
    )
    # The version that was signed of the reply that says what came of it.
    minute = models.OneToOneField(
        Revision, models.PROTECT, null=True, related_name="+", editable=False
    )
    review_on = models.DateField(_("when to look again"), null=True, editable=False)

    objects = CallQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["term"], condition=Q(closed_at__isnull=True), name="call_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="call_ends_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False, ballots__isnull=False)
                | Q(
                    closed_at__isnull=True,
                    ballots__isnull=True,
                    retained__isnull=True,
                    minute__isnull=True,
                ),
                name="call_counted_when_closed",
            ),
            models.CheckConstraint(
                condition=Q(minute__isnull=True, review_on__isnull=True)
                | Q(minute__isnull=False, review_on__isnull=False),
                name="call_minute_says_when_to_look_again",
            ),
        )

    def __str__(self) -> str:
        return f"{self.term}, {self.first_day}"

    def get_absolute_url(self) -> str:
        return self.post.get_absolute_url()

    @property
    def first_day(self) -> date:
        return timezone.localdate(self.opens_at)

    @property
    def last_day(self) -> date:
        return timezone.localdate(self.closes_at - timedelta(microseconds=1))

    @property
    def stands(self) -> bool:
        """`CallQuerySet.standing` in Python."""
        return self.post.state != Post.State.HIDDEN

    def is_open(self, now: datetime) -> bool:
        """Whether it takes candidates and ballots, whenever the clock comes to count them."""
        return (
            self.post.state == Post.State.PUBLISHED
            and self.closed_at is None
            and self.opens_at <= now < self.closes_at
        )


class Candidacy(models.Model):
    """A definition that its author entered for a call; at the end, what it got."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="candidacies")
    definition = models.ForeignKey(Definition, models.PROTECT, related_name="candidacies")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="candidacies")
    entered_at = models.DateTimeField(auto_now_add=True)
    # Written when the call is closed. The text as it was then; none if it never was public.
    revision = models.ForeignKey(
        Revision, models.PROTECT, null=True, related_name="+", editable=False
    )
    # None where the text had been hidden or withdrawn: then they are not counted.
    approvals = models.PositiveIntegerField(null=True, editable=False)
    # How many of them were given to an earlier version of the text.
    earlier = models.PositiveIntegerField(null=True, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["call", "author"], name="candidacy_one_an_author"),
            models.UniqueConstraint(fields=["call", "definition"], name="candidacy_once"),
            models.CheckConstraint(
                condition=Q(approvals__isnull=True, earlier__isnull=True)
                | Q(revision__isnull=False, approvals__gte=F("earlier")),
                name="candidacy_counted_with_its_text",
            ),
        )

    def __str__(self) -> str:
        return f"{self.definition} in {self.call_id}"

    @property
    def is_retained(self) -> bool:
        return self.call.retained_id == self.pk and self.call.stands


class Ballot(models.Model):
    """That a member has voted in a call; what they approve can be changed until its end."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="cast")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="ballots")
    cast_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["call", "member"], name="ballot_one_a_member"),
        )

    def __str__(self) -> str:
        return f"{self.member_id} in {self.call_id}"


class Approval(models.Model):
    """A voter approves a candidate, in the version that they were shown."""

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="approvals")
    candidacy = models.ForeignKey(Candidacy, models.PROTECT, related_name="given")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["ballot", "candidacy"], name="approval_once"),
        )

    def __str__(self) -> str:
        return f"{self.ballot_id} for {self.candidacy_id}"
