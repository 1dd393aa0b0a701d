"""Where a post stands, in words."""

from django.utils.translation import gettext as _

from discussions.models import Passage, Post
from discussions.models.posts import PostQuerySet
from essays.models import Essay, OriginalComment


def with_places(posts: PostQuerySet) -> PostQuerySet:
    """With what `place_of` asks for, and without the essays' texts."""
    return (
        posts.with_place()
        .select_related(
            "definition__term", "thread__post__definition__term", "thread__post__author"
        )
        .defer(
            "thread__essay__text",
            "thread__original_comment__essay__text",
            "thread__passage__essay__text",
        )
    )


def place_of(post: Post) -> str:
    """What a reply is about, or the term that a definition defines."""
    if post.kind == Post.Kind.DEFINITION:
        return post.definition.term.headword
    assert post.thread  # a reply stands in one
    subject = post.thread.subject
    if isinstance(subject, Essay):
        return subject.title
    if isinstance(subject, OriginalComment):
        return _("original comment %(ref)s, %(essay)s") % {
            "ref": subject.ref,
            "essay": subject.essay.title,
        }
    if isinstance(subject, Passage):
        return str(subject)
    if subject.kind == Post.Kind.DEFINITION:
        return subject.definition.term.headword
    return _("a reply by %(name)s") % {"name": subject.author}
