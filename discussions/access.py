"""Who may do what: small predicates that views and templates ask alike."""

from collections.abc import Iterable

from django.http import HttpRequest

from cmdebate.accounts.models import User
from essays.models import OriginalComment

from .models import Post, Revision
from .models.posts import Viewer


def member(request: HttpRequest) -> User:
    """Who is signed in, where the view has let members in only."""
    assert request.user.is_authenticated
    return request.user


def eyes_of(user: Viewer) -> str:
    """As whom this person sees a page: a word for what is drawn alike for many."""
    if not user.is_authenticated:
        return "visitor"
    return "moderator" if user.is_community_manager else "member"


def may_moderate(user: Viewer) -> bool:
    return user.is_authenticated and user.is_community_manager


def may_speak_for_role(user: Viewer) -> bool:
    """Whether this person may write in the name of the role."""
    return user.is_authenticated and user.decides


def may_read(user: Viewer, post: Post) -> bool:
    """Whether this person may read the post's text; `PostQuerySet.visible_to` in Python."""
    return post.is_public or may_see_drafts(user, post)


def shown_revision(user: Viewer, post: Post) -> Revision | None:
    """The version that this person reads in the post's place, if any."""
    if not may_read(user, post):
        return None
    return post.published_revision or post.pending_revision


def shown_to(user: Viewer, posts: Iterable[Post]) -> list[Post]:
    """The posts, each with the version that this person may read."""
    rows = list(posts)
    for post in rows:
        post.shown = shown_revision(user, post)
    return rows


def may_read_comment(user: Viewer, comment: OriginalComment) -> bool:
    return comment.state == OriginalComment.State.PUBLISHED or may_moderate(user)


def may_see_drafts(user: Viewer, post: Post) -> bool:
    """Whether this person may read versions that were never published."""
    return may_moderate(user) or (user.is_authenticated and post.author_id == user.pk)


def may_reply(user: Viewer, post: Post) -> bool:
    """Whether this person may answer it; what was said to the survey has no discussion."""
    return user.is_authenticated and post.is_public and post.kind != Post.Kind.ANSWER


def may_vote(user: Viewer, post: Post) -> bool:
    """Whether this person may say that a reply is useful or not: anybody's but their own."""
    return (
        user.is_authenticated
        and post.kind == Post.Kind.REPLY
        and post.state == Post.State.PUBLISHED
        and post.author_id != user.pk
    )


def may_react(user: Viewer, post: Post) -> bool:
    """Whether this person may say what they think of a definition's clauses: anybody's but
    their own."""
    return (
        user.is_authenticated
        and post.kind == Post.Kind.DEFINITION
        and post.state == Post.State.PUBLISHED
        and post.author_id != user.pk
    )


def may_sway(user: Viewer, message: Post, definition: Post) -> bool:
    """Whether this message may have changed what that person thinks of the definition: one in
    its thread, by somebody else, that is there to be read."""
    thread = message.thread
    return (
        message.kind == Post.Kind.REPLY
        and message.state == Post.State.PUBLISHED
        and message.author_id != user.pk
        and thread is not None
        and thread.post_id == definition.pk
    )


def may_open_discussion(user: Viewer, post: Post) -> bool:
    """Whether this person may give a long reply a thread of its own: author or moderator."""
    return (
        user.is_authenticated
        and post.may_become_discussion
        and (post.author_id == user.pk or may_moderate(user))
    )


def may_change(user: Viewer, post: Post) -> bool:
    """Whether this person may edit or withdraw the post."""
    return (
        user.is_authenticated
        and post.author_id == user.pk
        and not post.sealed
        and post.state in (Post.State.PENDING, Post.State.PUBLISHED)
        and (post.kind != Post.Kind.AMENDMENT or post.amendment.is_open)
    )


def may_amend(user: Viewer, post: Post) -> bool:
    """Whether this person may propose a change to a definition: anybody's who can answer."""
    return user.is_authenticated and post.takes_amendments and post.author_id != user.pk


def may_answer(user: Viewer, post: Post) -> bool:
    """Whether this person may accept or decline an amendment: the definition's author."""
    return (
        user.is_authenticated
        and post.kind == Post.Kind.AMENDMENT
        and post.is_public
        and post.amendment.definition.author_id == user.pk
        and post.amendment.is_open
        and not post.amendment.answer_waits
    )
