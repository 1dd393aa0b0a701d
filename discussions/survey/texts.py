"""The published texts of a survey: a page of them, and where one stands."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from discussions import shown
from discussions.models import Post, Survey
from discussions.models.posts import PostQuerySet, Viewer

PER_PAGE = 20


@dataclass(frozen=True)
class Page:
    posts: list[Post]
    is_first: bool
    next: str  # the text after which the next page begins, if there is one


def page(user: Viewer, survey: Survey, *, after: str = "", start: str = "") -> Page:
    """The newest first; those that come after one text, or from one text on."""
    standing = _standing(survey)
    found = standing.filter(public_id=after or start).values_list("pk", flat=True)
    place = found.first() if after or start else None
    if place is not None:
        standing = standing.filter(pk__lt=place) if after else standing.filter(pk__lte=place)
    posts = shown.of(user, standing[: PER_PAGE + 1])
    more = len(posts) > PER_PAGE
    return Page(posts[:PER_PAGE], place is None, posts[PER_PAGE - 1].public_id if more else "")


def address_of(post: Post) -> str:
    """Where that text stands; "" while it stands nowhere."""
    survey = post.answer.survey
    if not post.was_public:
        return ""
    newer = _standing(survey).filter(pk__gt=post.pk)
    query = f"?depuis={post.public_id}" if newer[PER_PAGE - 1 : PER_PAGE].exists() else ""
    return f"{survey.address}{query}#{post.anchor}"


def _standing(survey: Survey) -> PostQuerySet:
    """Those that readers meet: what waits, or was refused, is on nobody's page."""
    posts = Post.objects.standing_for(AnonymousUser())
    return posts.filter(answer__survey=survey).order_by("-pk")
