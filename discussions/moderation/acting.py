"""What each act changes: the state of its target, and what is kept of it elsewhere.

Called by `decisions.decide` with the target locked; `enter` adds the entry to the record.
"""

from collections.abc import Callable

from cmdebate import edition
from discussions import from_essays, leaving, posting
from discussions.effects import Seen, follow
from discussions.models import Action, Decision, Post, Revision, Target, Thread
from discussions.models.posts import PostQuerySet
from discussions.search import index
from essays.models import OriginalComment

from . import record

Enter = Callable[..., Decision]


def carry_out(action: Action, target: Target, enter: Enter) -> Decision:
    if action == Action.KEEP:
        if not isinstance(target, Post):
            return enter(target)
        revision = target.published_revision or target.pending_revision
        return enter(target, revision=revision, name_author=target.was_public)
    if isinstance(target, Post):
        return _ON_POST[action](target, enter)
    if isinstance(target, OriginalComment):
        return _ON_COMMENT[action](target, enter)
    if isinstance(target, Thread):
        return _on_thread(target, enter)
    return enter(target)  # a sanction stands in the record alone


def _approve(post: Post, enter: Enter) -> Decision:
    assert post.pending_revision  # possible_acts
    revision = post.pending_revision
    post.rewrite = None
    _publish(post, revision)
    return enter(post, revision=revision)


def _publish(post: Post, revision: Revision) -> None:
    starts = post.kind == Post.Kind.PROMPT and not post.was_public
    posting.publish(post, revision, also=["rewrite"])
    if starts:
        record.opened(post)


def _refuse(post: Post, enter: Enter) -> Decision:
    """A new post goes to its author alone; a new version leaves the earlier one in place."""
    decision = enter(post, revision=post.pending_revision, name_author=post.was_public)
    post.rewrite = None
    if post.was_public:
        post.pending_revision = None
    else:
        post.state = Post.State.HIDDEN
        post.restriction = decision
    post.save(update_fields=[*posting.SHOWN, "rewrite"])
    return decision


def _rewrite(post: Post, enter: Enter) -> Decision:
    """The text stays as it is, for readers or for nobody, until its author sends another."""
    decision = enter(post, revision=post.latest_revision, name_author=post.was_public)
    post.rewrite = decision
    post.save(update_fields=["rewrite"])
    return decision


def _hide(post: Post, enter: Enter) -> Decision:
    decision = enter(post, revision=post.published_revision)
    take_away(post, decision)
    return decision


def take_away(post: Post, decision: Decision) -> None:
    before = Seen.of(post)
    post.state = Post.State.HIDDEN
    post.restriction = decision
    post.save(update_fields=posting.SHOWN)
    follow(post, before)


def _restore(post: Post, enter: Enter) -> Decision:
    """Puts back what was public; publishes what was refused before it ever was, or as a new
    version; asks for no rewrite any more."""
    revision = post.published_revision or post.pending_revision
    assert revision
    if post.state == Post.State.PUBLISHED and post.rewrite_id:
        post.rewrite = None
        post.save(update_fields=["rewrite"])
    elif post.state == Post.State.PUBLISHED:
        refusal = refused_edit(post)
        assert refusal and refusal.revision  # possible_acts
        revision = refusal.revision
        posting.publish(post, revision)
    elif post.was_public:
        bring_back(post)
    else:
        _publish(post, revision)
    return enter(post, revision=revision)


def bring_back(post: Post) -> None:
    before = Seen.of(post)
    post.state = Post.State.PUBLISHED
    post.restriction = None
    post.save(update_fields=posting.SHOWN)
    follow(post, before)


def _erase(post: Post, enter: Enter) -> Decision:
    """Empties every version of a hidden text; what the record commits to can't be told then."""
    decision = enter(post, revision=post.latest_revision, name_author=post.was_public)
    leaving.empty(post.revisions.all())
    post.refresh_from_db()
    post.restriction = decision
    post.save(update_fields=["restriction"])
    return decision


def _hide_comment(comment: OriginalComment, enter: Enter) -> Decision:
    """The definitions that lie in it go with it, by the same decision."""
    decision = enter(comment)
    comment.state = OriginalComment.State.HIDDEN
    comment.withheld_by = decision.number
    comment.save(update_fields=["state", "withheld_by"])
    index.follow_comment(comment)
    for post in _definitions_in(comment).filter(state=Post.State.PUBLISHED):
        take_away(post, decision)
    return decision


def _restore_comment(comment: OriginalComment, enter: Enter) -> Decision:
    comment.state = OriginalComment.State.PUBLISHED
    comment.withheld_by = None
    comment.save(update_fields=["state", "withheld_by"])
    index.follow_comment(comment)
    for post in _definitions_in(comment).filter(restriction__original_comment=comment):
        bring_back(post)
    from_essays.publish_in(comment)
    return enter(comment)


def _definitions_in(comment: OriginalComment) -> PostQuerySet:
    return Post.objects.select_for_update(of=("self",)).filter(
        definition__source__original_comment=comment
    )


def _on_thread(thread: Thread, enter: Enter) -> Decision:
    decision = enter(thread)
    thread.restriction = None if decision.action == Action.REOPEN else decision
    thread.save(update_fields=["restriction"])
    edition.turn()
    return decision


_ON_POST: dict[Action, Callable[[Post, Enter], Decision]] = {
    Action.APPROVE: _approve,
    Action.REFUSE: _refuse,
    Action.REWRITE: _rewrite,
    Action.HIDE: _hide,
    Action.RESTORE: _restore,
    Action.ERASE: _erase,
}
_ON_COMMENT: dict[Action, Callable[[OriginalComment, Enter], Decision]] = {
    Action.HIDE: _hide_comment,
    Action.RESTORE: _restore_comment,
}


def refused_edit(post: Post) -> Decision | None:
    """The refusal of a new version, while nothing has come after it."""
    last = post.decisions.exclude(action=Action.KEEP).order_by("number").last()
    if last is None or last.action != Action.REFUSE or post.pending_revision_id:
        return None
    revision = last.revision
    newest = post.revisions.order_by("number").last()
    return last if revision and revision == newest and not revision.erased_at else None
