"""Begin to follow, stop, and ask whether."""

from dataclasses import dataclass

from django.db.models import QuerySet

from cmdebate.accounts.models import User
from discussions.models import Follow
from discussions.models.posts import Viewer

from . import subjects
from .subjects import Name, Subject


@dataclass(frozen=True)
class Button:
    """What templates/following/_follow.html needs: the subject's name, and how it stands."""

    name: Name
    on: bool


def follow(member: User, subject: Subject) -> None:
    if subject != member:
        Follow.objects.get_or_create(member=member, **subjects.column_made(subject))


def stop(member: User, subject: Subject) -> None:
    follows_of(member, subject).delete()


def follows_of(member: User, subject: Subject) -> QuerySet[Follow]:
    return Follow.objects.filter(member=member, **subjects.column(subject))


def button(user: Viewer, subject: Subject | None) -> Button | None:
    """Nothing for visitors, nor for oneself."""
    if subject is None or not user.is_authenticated or subject == user:
        return None
    return Button(subjects.name(subject), on=follows_of(user, subject).exists())


def of(member: User) -> list[Follow]:
    """All that a member follows, the latest first, with what names it."""
    return list(
        member.follows.select_related(
            "essay",
            "tag",
            "person",
            "term",
            "post__definition__term",
            "post__definition__source__essay",
            "post__call__term",
            "post__prompt__term",
            "thread__essay",
            "thread__passage__essay",
            "thread__original_comment__essay",
            "thread__post__definition__term",
            "thread__post__definition__source__essay",
            "thread__post__call__term",
            "thread__post__prompt__term",
            "post__amendment__definition__definition__term",
            "thread__post__amendment__definition__definition__term",
        ).order_by("-pk")
    )
