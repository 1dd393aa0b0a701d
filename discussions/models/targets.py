"""What can be decided on: whatever is about one such thing is about exactly one."""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Union

from django.conf import settings
from django.db import models
from django.db.models import Q

from essays.models import OriginalComment

if TYPE_CHECKING:
    from cmdebate.accounts.models import User

    from .policies import Month, PolicyVersion
    from .posts import Post, Thread

# The columns that may name it.
TARGETS = ("post", "original_comment", "member", "thread", "policy", "month")

Target = Union["Post", OriginalComment, "User", "Thread", "PolicyVersion", "Month"]


def exactly_one(*names: str) -> Q:
    return reduce(
        or_, (Q(**{f"{name}__isnull": name != chosen for name in names}) for chosen in names)
    )


class Targeted(models.Model):
    """Is about exactly one text, person, thread, version of the policy or month."""

    post = models.ForeignKey(
        "discussions.Post", models.PROTECT, null=True, related_name="%(class)ss"
    )
    original_comment = models.ForeignKey(
        OriginalComment, models.PROTECT, null=True, related_name="%(class)ss"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="%(class)ss_about"
    )
    thread = models.ForeignKey(
        "discussions.Thread", models.PROTECT, null=True, related_name="%(class)ss"
    )
    policy = models.ForeignKey(
        "discussions.PolicyVersion", models.PROTECT, null=True, related_name="%(class)ss"
    )
    month = models.ForeignKey(
        "discussions.Month", models.PROTECT, null=True, related_name="%(class)ss"
    )

    class Meta:
        abstract = True

    @property
    def target(self) -> Target:
        target: Target | None = next(filter(None, (getattr(self, name) for name in TARGETS)), None)
        assert target  # the constraint of each table
        return target


def named(target: Target) -> dict[str, Any]:
    """The column that names it, to make or to find what is about it."""
    return {column_of(target): target}


def column_of(target: Target) -> str:
    label = target._meta.model_name or ""
    return _COLUMNS.get(label, label)


_COLUMNS = {"originalcomment": "original_comment", "user": "member", "policyversion": "policy"}
