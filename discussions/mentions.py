"""@Name in a text: whom it names, and the names to choose from while one writes."""

import re

from django.db.models import Exists, OuterRef

from cmdebate.accounts.models import User, fold
from discussions import markdown
from discussions.models import Post

MAX_MENTIONS = 10  # a text that calls more people than that calls nobody after these
SUGGESTIONS = 8

_CANDIDATE = re.compile(rf"(?<![\w@/.]){markdown.MENTION.pattern}")


def named_in(body: str) -> dict[str, User]:
    """The members whom a text names, by their folded names."""
    wanted: list[str] = []
    for found in _CANDIDATE.finditer(body[: markdown.MAX_LENGTH]):
        wanted += [fold(name) for name in markdown.readings(found[1])]
        if len(wanted) >= MAX_MENTIONS * 2:
            break
    if not wanted:
        return {}
    members = User.objects.filter(name_key__in=wanted, is_active=True)
    return {member.name_key: member for member in members[:MAX_MENTIONS]}


def addresses_in(body: str) -> dict[str, str]:
    """The pages of those members: what the renderer turns their names into."""
    return {key: member.get_absolute_url() for key, member in named_in(body).items()}


def suggested(start: str) -> list[str]:
    """Names that begin so, of members who have published something."""
    key = fold(start)
    if not key:
        return []
    published = Post.objects.filter(author=OuterRef("pk"), state=Post.State.PUBLISHED)
    members = User.objects.filter(Exists(published), name_key__startswith=key, is_active=True)
    return list(members.order_by("name_key").values_list("name", flat=True)[:SUGGESTIONS])
