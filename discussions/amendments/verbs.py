"""What its author, and the author of the definition, do with an amendment.

Whoever acts is locked first, then the definition, then the amendment: so nobody waits for
somebody who waits for them, and of two answers at the same moment one is refused.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cmdebate.accounts.models import User
from discussions import access, posting, sanctions
from discussions.models import Amendment, Post
from discussions.models.posts import Wording

from . import outcomes


class Unchanged(posting.PostingRefused):
    message = _("This says what the definition says already: change a word, a clause, a tag.")


class Outdated(posting.PostingRefused):
    message = _(
        "Your definition has changed since this amendment was written: nothing is taken over. "
        "Both versions stand below; its author may renew it on the present one."
    )


class Answered(posting.PostingRefused):
    message = _("This amendment can’t be answered now: it has its answer, or is no longer shown.")


def propose(author: User, definition: Post, wording: Wording, *, seen: str, form_key: UUID) -> Post:
    """Sends a change to the version of a definition that the author saw."""
    post = Post(kind=Post.Kind.AMENDMENT, author=author, form_key=form_key)
    with transaction.atomic():
        sanctions.here(author)
        definition = _locked(definition)
        if not access.may_amend(author, definition):
            raise posting.Closed
        wording = _on_present(definition, wording, seen)
        return posting.send(post, wording, beside=Amendment(definition=definition))


def edit(post: Post, author: User, wording: Wording, *, seen: str) -> Post:
    """Changes an amendment; if the definition has changed since, it is renewed on the version
    that the author saw beside it."""
    with transaction.atomic():
        sanctions.here(author)
        definition = _locked(post.amendment.definition)
        if definition.state != Post.State.PUBLISHED:
            raise posting.Closed
        own, _slash, of_definition = seen.partition("/")
        wording = _on_present(definition, wording, of_definition)
        return posting.edit(post, author, wording, seen=own)


def accept(post: Post, author: User, *, seen: str) -> Post:
    """Makes what it says the next version of the definition. Again changes nothing."""
    with transaction.atomic():
        sanctions.here(author)
        definition = _locked(post.amendment.definition)
        post = _locked(post)
        waiting = definition.pending_revision
        if definition.author_id == author.pk and (
            post.amendment.outcome == Amendment.Outcome.ACCEPTED
            or (waiting and waiting.adopted_id == post.pk)
        ):
            return definition
        _check(post, author, seen)
        proposed = post.published_revision
        assert proposed  # it is published
        present = definition.latest_revision
        if present.pk != proposed.base_id:
            raise Outdated
        wording = replace(
            proposed.wording, relation=present.relation, related=present.related, base=None
        )
        return posting.edit(definition, author, wording, seen=definition.version, adopted=post)


def decline(post: Post, author: User, word: str, *, seen: str, form_key: UUID) -> Post:
    """Answers no, in the amendment's thread. The same form again changes nothing."""
    with transaction.atomic():
        sanctions.here(author)
        _locked(post.amendment.definition)
        post = _locked(post)
        amendment = post.amendment
        if amendment.answer and (amendment.answer.author_id, amendment.answer.form_key) == (
            author.pk,
            form_key,
        ):
            return amendment.answer
        _check(post, author, seen)
        answer = posting.reply(author, post, word, form_key=form_key)
        amendment.answer = answer
        amendment.save(update_fields=["answer"])
        if answer.published_revision:
            outcomes.settle(answer, answer.published_revision)
        return answer


def version_of(post: Post) -> str:
    """What an answer to an amendment, or a change to it, is made on."""
    return f"{post.version}/{base_of(post.amendment.definition)}"


def base_of(definition: Post) -> str:
    """The version of a definition that an amendment is written on."""
    return str(definition.published_revision_id)


def _locked(post: Post) -> Post:
    return Post.objects.select_for_update().get(pk=post.pk)


def _check(post: Post, author: User, seen: str) -> None:
    if not access.may_answer(author, post):
        raise Answered
    if version_of(post) != seen:
        raise posting.Changed


def _on_present(definition: Post, wording: Wording, seen: str) -> Wording:
    """The wording on the present version of the definition: the one that the author saw."""
    if base_of(definition) != seen:
        raise posting.Changed
    base = definition.published_revision
    assert base  # it is published
    if _said(base.wording) == _said(wording):
        raise Unchanged
    return replace(wording, base=base)


def _said(wording: Wording) -> dict[str, Any]:
    """What an amendment can change, whatever line ends a browser sent."""
    body = wording.body.replace("\r\n", "\n").strip()
    return replace(wording, body=body, relation="", related=None, base=None).content()
