"""What came of an amendment, once readers see the text that answers it."""

from django.utils import timezone

from discussions.following import notices
from discussions.models import Amendment, Post, Revision


def settle(post: Post, revision: Revision) -> None:
    """Called by `effects.follow` for a version that readers see for the first time."""
    if post.kind == Post.Kind.DEFINITION:
        if revision.adopted and _close(revision.adopted.pk, Amendment.Outcome.ACCEPTED):
            notices.answered(revision.adopted, revision.adopted)
    elif post.thread and post.thread.post_id and not post.depth:
        for amendment in Amendment.objects.filter(answer=post).select_related("post"):
            if _close(amendment.pk, Amendment.Outcome.DECLINED):
                notices.answered(amendment.post, post)


def _close(key: int, outcome: Amendment.Outcome) -> bool:
    """Whether it was open until now."""
    still_open = Amendment.objects.filter(pk=key, outcome=Amendment.Outcome.OPEN)
    return bool(still_open.update(outcome=outcome, answered_at=timezone.now()))
