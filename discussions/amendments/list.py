"""The amendments to a definition, as its page lists them."""

from django.db.models import Q

from discussions.models import Amendment, Post
from discussions.models.posts import PostQuerySet, Viewer

SHOWN = 30


def amendments_of(definition: Post, user: Viewer) -> PostQuerySet:
    """Those that this person may read: open ones first, then the latest."""
    return (
        Post.objects.visible_to(user)
        .amendments()
        .filter(amendment__definition=definition)
        .exclude(state=Post.State.WITHDRAWN)
        .select_related("author", "amendment")
        .alias(is_open=Q(amendment__outcome=Amendment.Outcome.OPEN))
        .order_by("-is_open", "-pk")[:SHOWN]
    )
