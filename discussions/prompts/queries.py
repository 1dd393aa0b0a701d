"""Prompts as pages show them, and what the essays say of having one's words read first."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.contrib.auth.models import AnonymousUser

from cmdebate.prepared import Given, Prepared
from discussions import policies, shown
from discussions.models import Post
from discussions.models.posts import Viewer
from essays.models import Claim, Essay, Term

MOST_PINNED = 3
READ_FIRST = "faire-valider"  # the duty, by its slug


def pinned(user: Viewer, about: Term | Essay | None) -> list[Post]:
    """The prompts that stand on the page of a term or an essay, the latest first."""
    if about is None:
        return []
    column = "essay" if isinstance(about, Essay) else "term"
    rows = _pinned_prepared(column).rows(about=about.pk)
    return shown.read(user, [key for (key,) in rows])


@cache
def _pinned_prepared(column: str) -> Prepared:
    posts = Post.objects.visible_to(AnonymousUser()).filter(prompt__pinned=True)
    about = posts.filter(**{f"prompt__{column}": Given("about")})
    return Prepared(about.order_by("-published_at").values_list("pk")[:MOST_PINNED])


@dataclass(frozen=True)
class Validation:
    """Whether a second person reads what is said in the role's name, and who wants it so."""

    is_on: bool
    claiming: Sequence[Claim]
    refusing: Sequence[Claim]


def validation() -> Validation:
    claims = (
        Claim.objects.standing()
        .filter(duty__term=Term.objects.site_term())
        .select_related("essay", "original_comment")
        .defer("essay__text")
        .order_by("essay__position", "start", "ref")
    )
    return Validation(
        policies.current().validation,
        list(claims.filter(claims_for__slug=READ_FIRST)),
        list(claims.filter(claims_against__slug=READ_FIRST)),
    )
