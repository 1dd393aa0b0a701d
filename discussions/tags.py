"""Tags of definitions: chosen by their authors, from those in use or new.

They are part of a version, kept, judged and shown with it. A tag of definitions that nobody
may read is not in use: no page, feed or suggestion has it.
"""

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from taggit.models import Tag

from essays.models import Essay
from essays.tags import slug_of

from .models import Definition, Post
from .models.posts import PostQuerySet

MOST = 5  # on one definition
LONGEST = 40  # characters
SUGGESTIONS = 8
LISTED = 40  # above the definitions


def in_use() -> QuerySet[Tag]:
    """Those of essays and of definitions that anybody may read."""
    definitions = Definition.objects.filter(tags=OuterRef("pk"), post__state=Post.State.PUBLISHED)
    essays = Essay.objects.filter(tags=OuterRef("pk"))
    found: QuerySet[Tag] = Tag.objects.filter(Q(Exists(definitions)) | Q(Exists(essays)))
    return found.order_by("slug")  # as a dictionary sorts them


def most_borne(definitions: PostQuerySet) -> list[Tag]:
    """The tags that most of these definitions bear, as a dictionary sorts them."""
    borne = Tag.objects.filter(definition__post__in=definitions)
    counted = borne.annotate(definitions=Count("definition"))
    return sorted(counted.order_by("-definitions", "slug")[:LISTED], key=lambda tag: tag.slug)


def definitions_under(tag: Tag) -> PostQuerySet:
    """Those that bear it and that anybody may read."""
    return Post.objects.definitions().filter(state=Post.State.PUBLISHED, definition__tags=tag)


def spelled(names: Iterable[str]) -> list[str]:
    """The names, each as it is spelled already where it is in use, none twice."""
    wanted = {slug_of(name): name for name in names}
    here = dict(in_use().filter(slug__in=wanted).values_list("slug", "name"))
    return [name for _slug, name in sorted((wanted | here).items())]


def suggested(start: str) -> list[str]:
    """Tags in use that begin so."""
    slug = slug_of(start)
    if not slug:
        return []
    return list(in_use().filter(slug__startswith=slug).values_list("name", flat=True)[:SUGGESTIONS])


def put_on(definition: Definition, names: Iterable[str]) -> None:
    """For those who look for definitions by tag, once a version is public."""
    wanted = {slug_of(name): name for name in names}
    here = {tag.slug: tag for tag in Tag.objects.filter(slug__in=wanted)}
    if wanted or definition.tags.exists():
        definition.tags.set([here.get(slug, name) for slug, name in wanted.items()])
