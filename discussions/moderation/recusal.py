"""Who had better not decide: nobody judges their own case."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cmdebate.accounts.models import User
from discussions.models import Complaint, Post, Relation, Target, Thread
from discussions.models.decisions import RESTRICTIONS
from discussions.models.targets import named


class Recusal(models.TextChoices):
    OWN = "own", _("Nobody decides on their own text: leave this one to somebody else.")
    SELF = "self", _("Nobody decides on themselves: leave this to somebody else.")
    EXCHANGE = (
        "exchange",
        _("You take part in this exchange: leave the decision to somebody who does not."),
    )
    DECIDED = "decided", _("This appeal is against a decision of yours: somebody else answers it.")
    COMPLAINT = "complaint", _("You complained of it yourself: somebody else decides.")
    RIVAL = "rival", _("It contradicts a definition of yours: nobody hides such a one alone.")


def of(user: User, target: Target, action: str = "") -> Recusal | None:
    """Why that person had better not do that act; without an act, why none at all."""
    if isinstance(target, User):
        if target == user:
            return Recusal.SELF
    elif isinstance(target, Post):
        if target.author_id == user.pk:
            return Recusal.OWN
        if _takes_part(user, target):
            return Recusal.EXCHANGE
        if action in RESTRICTIONS and _contradicted(user, target):
            return Recusal.RIVAL
    elif isinstance(target, Thread) and target.posts.filter(author=user).exists():
        return Recusal.EXCHANGE
    open_complaints = Complaint.objects.open().filter(**named(target))
    if open_complaints.filter(entry__by=user).exists():
        return Recusal.DECIDED
    if open_complaints.filter(by=user).exists():
        return Recusal.COMPLAINT
    return None


def bars(user: User, target: Target, action: str = "") -> Recusal | None:
    """The same, unless nobody else is there who could."""
    why = of(user, target, action)
    return why if why and not nobody_else(user, target, action) else None


def nobody_else(user: User, target: Target, action: str = "") -> bool:
    """Whether no other community manager could decide in that person's place."""
    others = User.objects.filter(is_active=True, role__in=User.DECIDING).exclude(pk=user.pk)
    return all(of(other, target, action) for other in others)


def _takes_part(user: User, post: Post) -> bool:
    """Whether they wrote in the same branch, or in what hangs on the definition."""
    if post.kind == Post.Kind.REPLY:
        return Post.objects.filter(root=post.root_id, author=user).exists()
    if post.kind == Post.Kind.AMENDMENT:
        return post.amendment.definition.author_id == user.pk
    if post.kind == Post.Kind.CALL:
        return post.call.candidacies.filter(definition__post__author=user).exists()
    return Post.objects.filter(thread__post=post, author=user).exists()


def _contradicted(user: User, post: Post) -> bool:
    if post.kind != Post.Kind.DEFINITION:
        return False
    shown = post.latest_revision
    rival = shown.related if shown.relation == Relation.CONTRADICTS else None
    if rival and rival.author_id == user.pk:
        return True
    return Post.objects.filter(
        Q(state=Post.State.PUBLISHED, author=user),
        published_revision__relation=Relation.CONTRADICTS,
        published_revision__related=post,
    ).exists()
