"""What becomes of a member's texts when they leave, with them or without them.

No row is deleted: answers, decisions and counts point to them. What goes is emptied; what
stays is what readers read, or read before it was hidden, and it stands under no name.
"""

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from cmdebate import edition
from cmdebate.accounts.leaving import forget
from cmdebate.accounts.models import User

from . import cases, complaints, following, markdown, mentions
from .effects import Seen, follow
from .models import (
    Ballot,
    Case,
    Clause,
    DecisionPayload,
    Definition,
    Post,
    Quotations,
    Revision,
    Suggestion,
)


class LeavingRefused(Exception):
    """Nothing was done; the view says why."""


class LastOwner(LeavingRefused):
    """Nobody would be left to run the site."""


TRIES = 3


def leave(member: User, *, erase: bool) -> None:
    """Closes the account for good; with `erase`, every text of its member is emptied too.

    Who answers the member meanwhile locks some of the same rows in another order; PostgreSQL
    then breaks off one of the two, of which nothing is done.
    """
    for left in reversed(range(TRIES)):
        try:
            return _leave(member, erase=erase)
        except OperationalError as error:
            if not left or "deadlock" not in str(error):
                raise


def _leave(member: User, *, erase: bool) -> None:
    with transaction.atomic():
        member = _locked(member)
        if member.left_at:
            return
        posts = list(Post.objects.select_for_update().filter(author=member).order_by("pk"))
        before = [Seen.of(post) for post in posts]
        _empty_texts(member, erase=erase)
        for post in posts:
            if post.state == Post.State.PENDING or (erase and post.state == Post.State.PUBLISHED):
                post.state = Post.State.WITHDRAWN
            if post.published_revision_id:
                post.pending_revision = None
        Post.objects.bulk_update(posts, ["state", "pending_revision"])
        _empty_names(member)
        with translation.override(settings.LANGUAGE_CODE):
            address = member.get_absolute_url()  # no prefix: the end of it in any language
            forget(member)
            following.forget(member)
            complaints.forget(member)
            Ballot.objects.filter(member=member).delete()
            _unlink(address)
        edition.turn()  # the member's own page is public, texts or not
        for post, seen in zip(posts, before, strict=True):
            follow(post, seen)
        _clear_desk(member)
        # Whatever is kept of an answer says whom it answers.
        for answer in Post.objects.filter(parent__author=member).exclude(author=member):
            follow(answer, Seen.of(answer))


def _clear_desk(member: User) -> None:
    """What was proposed about them, or about texts that may be gone, is proposed no more."""
    Suggestion.objects.filter(Q(member=member) | Q(post__author=member), decision=None).delete()
    for case in Case.objects.filter(Q(member=member) | Q(post__author=member)):
        cases.follow(case.target)


def _locked(member: User) -> User:
    users = User.objects.select_for_update(no_key=True)  # others may still refer to the rows
    owners = users.filter(role=User.Role.OWNER, is_active=True)
    if [owner.pk for owner in owners.order_by("pk")] == [member.pk]:
        raise LastOwner
    return users.get(pk=member.pk)


def _empty_texts(member: User, *, erase: bool) -> None:
    gone = Revision.objects.filter(post__author=member)
    if not erase:
        # What waited, was refused, or was withdrawn: no reader has it now.
        gone = gone.filter(Q(published_at=None) | Q(post__state=Post.State.WITHDRAWN))
    empty(gone)


def empty(revisions: "QuerySet[Revision]") -> None:
    """Empties these versions, wherever their words stand."""
    keys = list(revisions.values_list("pk", flat=True))
    erased = Revision.objects.filter(pk__in=keys)
    erased.update(title="", body="", html="", tags=[], erased_at=timezone.now())
    Clause.objects.filter(revision__in=erased).update(text="")
    Quotations.objects.filter(revision__in=erased).update(found=[])
    for definition in Definition.objects.filter(post__published_revision__in=erased):
        definition.tags.clear()
    # Without its salt, the record's commitment to a text says nothing of it.
    DecisionPayload.objects.filter(decision__revision__in=erased).update(text_salt="", marked="")


def _empty_names(member: User) -> None:
    """Takes the member's name out of the entries about their texts and themselves.

    An entry commits to its names at once, so all go; who decided stays linked, and a
    name that has decided stays in the entries about others' texts, where it is checkable.
    """
    concerned = Q(decision__post__author=member) | Q(decision__member=member)
    about = DecisionPayload.objects.filter(concerned).exclude(author_name="")
    about.update(by_name="", author_name="", proposer_name="", names_salt="")


def _unlink(address: str) -> None:
    """What others wrote may still call the member; it leads nowhere any more."""
    calling = list(Revision.objects.filter(html__contains=f'{address}"'))
    for revision in calling:
        revision.html = markdown.render(revision.body, mentions.addresses_in(revision.body))
    Revision.objects.bulk_update(calling, ["html"], batch_size=200)
