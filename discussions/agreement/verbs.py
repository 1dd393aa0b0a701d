"""What a member may say of a clause: what they think of it, and what it lacks."""

from collections.abc import Iterable
from uuid import UUID

from django.db import models, transaction

from cmdebate import edition
from cmdebate.accounts.models import User

from .. import access, posting, sanctions
from ..following import notices
from ..models import Clause, Definition, Label, Post, Reaction
from . import tally


class ReactionRefused(Exception):
    """One's own definition, one that nobody can speak of now, or a message that is not there."""


def react(
    member: User,
    post: Post,
    clause: Clause,
    stance: str,
    *,
    swayed_by: Post | None = None,
    reason: str = "",
    form_key: UUID | None = None,
) -> None:
    """Sets what the member thinks of a clause of a definition; an empty stance takes it back.

    A reason is a reply to the definition, and waits like one; `form_key` keeps a form that is
    sent twice from saying it twice.
    """
    with transaction.atomic():
        _locked(member, post, clause)
        origin = clause.first_id
        before = Reaction.objects.filter(member=member, clause=origin, is_current=True).first()
        if (before.stance if before else "") == stance and not reason:
            return
        if swayed_by and not access.may_sway(member, swayed_by, post):
            raise ReactionRefused
        said = None
        if reason:
            assert form_key
            said = posting.reply(member, post, reason, form_key=form_key)
            if Reaction.objects.filter(reason=said).exists():
                return
        if before:
            before.is_current = False
            before.save(update_fields=["is_current"])
        if stance or before:
            Reaction.objects.create(
                member=member,
                clause_id=origin,
                stance=stance,
                reason=said,
                swayed_by=swayed_by,
            )
        tally.count(origin)
        tally.rank(post.definition)
        for message in {before and before.swayed_by, swayed_by} - {None}:
            assert message
            _count_swayed(message)
        edition.turn()


def _count_swayed(message: Post) -> None:
    """Keeps how many views a message has changed that are still held."""
    swayed = message.swayed.filter(is_current=True).exclude(stance="").count()
    Post.objects.filter(pk=message.pk).update(swayed_count=swayed)


def label(member: User, post: Post, clause: Clause, kinds: Iterable[str]) -> None:
    """Says what a clause lacks, and nothing else than these."""
    wanted = set(kinds)
    with transaction.atomic():
        post = _locked(member, post, clause)
        mine = Label.objects.filter(member=member, clause=clause.first_id)
        present = set(mine.values_list("kind", flat=True))
        if wanted == present:
            return
        mine.filter(kind__in=present - wanted).delete()
        new = Label.objects.bulk_create(
            Label(member=member, clause_id=clause.first_id, kind=kind)
            for kind in sorted(wanted - present)
        )
        notices.labelled(post, new)
        edition.turn()


def _locked(member: User, post: Post, clause: Clause) -> Post:
    """Makes sure that this clause is what readers read now, and that it stays so."""
    sanctions.here(member, writing=False)  # before the post: see `posting.edit`
    locked = Post.objects.select_for_update().get(pk=post.pk)
    if not access.may_react(member, locked) or clause.revision_id != locked.published_revision_id:
        raise ReactionRefused
    return locked


def declare(member: User, position: str) -> None:
    """Says from where the member speaks; what they think counts under that from now on."""
    with transaction.atomic():
        sanctions.here(member, writing=False)
        User.objects.filter(pk=member.pk).update(position=position)
        member.position = position
        touched = Definition.objects.filter(
            post__state=Post.State.PUBLISHED,
            post__published_revision__clauses__in=_clauses_of(member),
        )
        for definition in touched.distinct().select_related("post__published_revision"):
            tally.rank(definition)
        edition.turn()


def _clauses_of(member: User) -> "models.QuerySet[Clause]":
    current = Reaction.objects.filter(member=member, is_current=True).exclude(stance="")
    origins = current.values("clause")
    return Clause.objects.filter(models.Q(pk__in=origins) | models.Q(origin__in=origins))
