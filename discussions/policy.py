"""Whether a post waits: a pure function from facts to a verdict with its reasons."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    """Why a post waits, as told to its author and at the desk."""

    NEWCOMER = "newcomer", _("the first posts of a new member")
    VISITOR = "visitor", _("sent without an account")


@dataclass(frozen=True)
class Policy:
    # How many published posts end a newcomer's wait.
    newcomer_posts: int = 3
    # For how long after its publication a text may be edited without a mark.
    free_editing: timedelta = timedelta(minutes=15)


@dataclass(frozen=True)
class Facts:
    published_posts: int  # as far as a rule needs them counted
    by_community_manager: bool
    by_visitor: bool = False


@dataclass(frozen=True)
class Verdict:
    reasons: tuple[Reason, ...]

    @property
    def holds(self) -> bool:
        return bool(self.reasons)


def judge(facts: Facts, policy: Policy = Policy()) -> Verdict:
    if facts.by_visitor:
        return Verdict((Reason.VISITOR,))
    reasons = []
    if not facts.by_community_manager and facts.published_posts < policy.newcomer_posts:
        reasons.append(Reason.NEWCOMER)
    return Verdict(tuple(reasons))
