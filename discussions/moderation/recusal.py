"""Who had better not decide: nobody judges their own case."""

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cmdebate.accounts.models import User
from discussions.models import Call, Complaint, Post, Relation, Target, Thread
from discussions.models.decisions import STATED
from discussions.models.targets import named
from essays.models import OriginalComment


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
    CANDIDATE = "candidate", _("You are a candidate in this call: somebody else signs its minute.")


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
        if action in STATED and _contradicted(user, target):
            return Recusal.RIVAL
    elif isinstance(target, OriginalComment):
        if Post.objects.filter(thread__original_comment=target, author=user).exists():
            return Recusal.EXCHANGE
    elif isinstance(target, Thread):
        if target.post and _answers_for(user, target.post):
            return Recusal.EXCHANGE
        if target.posts.filter(author=user).exists():
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
    return all(of(other, target, action) for other in _others(user))


def _others(user: User) -> QuerySet[User]:
    return User.objects.filter(is_active=True, role__in=User.DECIDING).exclude(pk=user.pk)


def _takes_part(user: User, post: Post) -> bool:
    """Whether they wrote in the same branch, or in what hangs on the text, or are answered."""
    if post.kind == Post.Kind.REPLY:
        branch = Post.objects.filter(root=post.root_id, author=user)
        subject = post.thread.post if post.thread else None
        return branch.exists() or (subject is not None and _answers_for(user, subject))
    return _answers_for(user, post) or Post.objects.filter(thread__post=post, author=user).exists()


def _answers_for(user: User, subject: Post) -> bool:
    """Whether what is said of it is said to them: their text, their call, their candidacy."""
    if subject.kind == Post.Kind.AMENDMENT and subject.amendment.definition.author_id == user.pk:
        return True
    if subject.kind == Post.Kind.CALL and is_candidate(user, subject.call):
        return True
    return subject.author_id == user.pk


def is_candidate(user: User, call: Call) -> bool:
    return call.candidacies.filter(definition__post__author=user).exists()


def of_minute(user: User, call: Call) -> Recusal | None:
    """Why that person had better not sign what came of a call."""
    return Recusal.CANDIDATE if is_candidate(user, call) else None


def alone_with(user: User, call: Call) -> bool:
    """Whether nobody else is there who could sign it."""
    return all(of_minute(other, call) for other in _others(user))


def _contradicted(user: User, post: Post) -> bool:
    if post.kind != Post.Kind.DEFINITION:
        return False
    for version in (post.published_revision, post.pending_revision):
        rival = version.related if version and version.relation == Relation.CONTRADICTS else None
        if rival and rival.author_id == user.pk:
            return True
    return Post.objects.filter(
        Q(state=Post.State.PUBLISHED, author=user),
        published_revision__relation=Relation.CONTRADICTS,
        published_revision__related=post,
    ).exists()
