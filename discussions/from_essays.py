"""The definitions that the essays give, as posts: read and discussed like any other.

They have no author and no number, nobody edits them, and nobody is told of them. What they say
comes from the essays' own tables, by the import alone.
"""

from contextlib import suppress
from typing import Any

from django.db import transaction
from django.db.models import Max, Prefetch, ProtectedError, QuerySet

from cmdebate import edition
from essays.models import OriginalComment, Proposal

from . import posting
from .models import Clause, Definition, Passage, Post
from .models.posts import Said, Wording
from .passages import places


def publish_all() -> None:
    """Shows what the essays say now, and writes nothing where that is shown already."""
    _publish(Proposal.objects.all())


def publish_in(comment: OriginalComment) -> None:
    """The same for one original comment, which has come back."""
    _publish(Proposal.objects.filter(original_comment=comment))


def _publish(proposals: QuerySet[Proposal]) -> None:
    clauses = Prefetch("published_revision__clauses", Clause.objects.with_passages())
    posts = Post.objects.filter(definition__source__in=proposals).select_related(
        "published_revision", "definition"
    )
    shown = {post.definition.source_id: post for post in posts.prefetch_related(clauses)}
    for proposal in proposals.select_related("term", "original_comment").prefetch_related(
        "essay__segments", "essay__original_comments"
    ):
        if proposal.is_withheld:
            continue  # until it comes back
        post = shown.get(proposal.pk)
        if post is None:
            post = Post.objects.create(kind=Post.Kind.DEFINITION)
            Definition.objects.create(post=post, term=proposal.term, source=proposal)
            _say(post, 1, _wording(proposal))
        else:
            _correct(post, proposal)


def _correct(post: Post, proposal: Proposal) -> None:
    """Another version, where the import has corrected the words; a hidden one waits for it."""
    assert post.published_revision
    if post.definition.term_id != proposal.term_id:
        post.definition.term = proposal.term
        post.definition.save(update_fields=["term"])
        edition.turn()
    wording = _wording(proposal)
    if (
        post.state == Post.State.PUBLISHED
        and post.published_revision.wording.content() != wording.content()
    ):
        last = post.revisions.aggregate(last=Max("number"))["last"]
        _say(post, last + 1, wording)


def _say(post: Post, number: int, wording: Wording) -> None:
    posting.publish(post, posting.keep(post, number, wording))


def _wording(proposal: Proposal) -> Wording:
    passage = places.passage_at(proposal.essay, proposal.start, proposal.end)
    return Wording(clauses=(Said(proposal.polarity, proposal.exact, passage=passage),))


def comment_of(post: Post) -> QuerySet[OriginalComment]:
    """The original comment that a definition lies in, if it is one that an essay gives."""
    return OriginalComment.objects.filter(proposals__definition__post=post)


def release(proposal: Proposal) -> None:
    """Takes away the post of a definition that has left the import's file, unless something that
    people did stands on it: then it stays, and the import is refused."""
    post = Post.objects.filter(definition__source=proposal).first()
    if post is None or post.follows.exists():
        return
    with suppress(ProtectedError), transaction.atomic():
        _remove(post)
        edition.turn()


def _remove(post: Post) -> None:
    """Raises ProtectedError where anything points to it."""
    passages = list(Passage.objects.filter(clauses__revision__post=post).distinct())
    # The latest first: it may name an earlier one as its origin.
    for clause in Clause.objects.filter(revision__post=post).order_by("-pk"):
        clause.delete()
    post.definition.delete()
    Post.objects.filter(pk=post.pk).update(state=Post.State.WITHDRAWN, published_revision=None)
    post.revisions.all().delete()
    Post.objects.get(pk=post.pk).delete()
    for passage in passages:
        _remove_unless_used(passage)


def _remove_unless_used(row: Any) -> None:
    with suppress(ProtectedError), transaction.atomic():
        row.delete()
