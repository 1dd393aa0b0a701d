"""What else changes when readers see more of a post, less of it, or another text.

The verbs of authors and moderators call `follow` at the end of their transaction, once the
post is as it will be. Whatever is kept about posts elsewhere is brought up to date here.
"""

from dataclasses import dataclass

from django.db.models import F

from cmdebate import edition

from . import cases, complaints, mentions, threads
from .amendments import outcomes
from .following import notices
from .models import Post, Suggestion, Thread
from .passages import places
from .search import index


@dataclass(frozen=True)
class Seen:
    """What readers saw of a post before a verb changed it."""

    state: str
    was_public: bool
    revision: int | None
    waited: bool

    @classmethod
    def of(cls, post: Post) -> "Seen":
        return cls(post.state, post.was_public, post.published_revision_id, post.is_waiting)

    @property
    def was_at_desk(self) -> bool:
        """Whether a moderator may have had it to decide on; a new text that is published at
        once has never been there."""
        return self.waited or self.was_public

    @property
    def published(self) -> bool:
        return self.state == Post.State.PUBLISHED

    @property
    def hidden(self) -> bool:
        """Hidden in a place that readers know of."""
        return self.state == Post.State.HIDDEN and self.was_public


def follow(post: Post, before: Seen) -> None:
    after = Seen.of(post)
    if post.thread:
        _count(post, post.thread.pk, before, after)
        if post.thread.passage_id and not post.depth:
            places.choose_opening(post)
    index.follow(post)
    if post.kind == Post.Kind.DEFINITION and after.published != before.published:
        index.follow_amendments(post)
    if after.state == Post.State.WITHDRAWN:
        Suggestion.objects.filter(post=post, decision=None).delete()
        complaints.drop(post)
    elif before.was_at_desk:
        cases.follow(post)
    if after.was_public and not before.was_public:
        notices.published(post)
    if after.published and after.revision != before.revision:
        assert post.published_revision
        outcomes.settle(post, post.published_revision)
        notices.mention(post, mentions.named_in(post.published_revision.body).values())
    if after.was_public:
        edition.turn()


def _count(post: Post, thread_id: int, before: Seen, after: Seen) -> None:
    """Keeps what readers may count in a thread, and the order of its branches.

    The branch before its thread: whoever answers a top-level reply holds that row already,
    and would wait for the thread while somebody who holds the thread waits for the row.
    """
    if after.was_public and not before.was_public and post.root_id != post.pk:
        assert post.published_at and post.root_id
        Post.objects.filter(pk=post.root_id).update(
            branch_size=F("branch_size") + 1,
            branch_cut=threads.branch_cut(),
            by_latest=threads.key_of_time(post.published_at, post.root_id),
        )
    changes = {
        "reply_count": after.published - before.published,
        "hidden_count": after.hidden - before.hidden,
    }
    counts = {column: F(column) + change for column, change in changes.items() if change}
    if counts:
        Thread.objects.filter(pk=thread_id).update(**counts)
