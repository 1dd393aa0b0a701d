"""Keeps the search documents: with each verb, after an import, or all of them anew."""

from collections.abc import Iterable, Iterator

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Q

from discussions.models import Post, SearchDocument
from discussions.models.posts import PostQuerySet
from essays.models import Essay, EssayQuerySet, OriginalComment

from . import texts, words

SEARCHED = (
    Post.Kind.DEFINITION,
    Post.Kind.AMENDMENT,
    Post.Kind.REPLY,
    Post.Kind.ANSWER,
    Post.Kind.CALL,
    Post.Kind.PROMPT,
)
COLUMNS = ("post", "essay", "ref", "version", "words", "facets", "text")
BATCH = 1000


def follow(post: Post) -> None:
    """After a verb changed what readers see of a post: called in its transaction."""
    if post.is_public and post.kind in SEARCHED:
        put([texts.of_post(post)])
    else:
        SearchDocument.objects.filter(post=post).delete()


def follow_amendments(definition: Post) -> None:
    """After it was shown to readers or taken from them: they are public with it."""
    index_posts(Post.objects.filter(amendment__definition=definition))


def follow_comment(comment: OriginalComment) -> None:
    """The same for an original comment."""
    if comment.is_hidden:
        SearchDocument.objects.filter(essay=comment.essay, ref=comment.ref).delete()
    else:
        put([texts.of_comment(comment)])


def put(documents: Iterable[SearchDocument]) -> None:
    SearchDocument.objects.bulk_create(
        documents,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=COLUMNS,
    )


def index_essays(essays: EssayQuerySet | None = None) -> int:
    """Writes what differs from the essays as they are now; says how many have changed."""
    changed = 0
    for essay in Essay.objects.all() if essays is None else essays:
        with transaction.atomic():
            # Nobody hides one of them meanwhile.
            list(essay.original_comments.select_for_update())
            stored = SearchDocument.objects.filter(essay=essay)
            documents = list(texts.of_essay(essay))
            if {_content(row) for row in stored} != {_content(row) for row in documents}:
                stored.delete()
                put(documents)
                changed += 1
    return changed


def _content(document: SearchDocument) -> tuple[object, ...]:
    return (document.pk, *(getattr(document, name) for name in COLUMNS if name != "essay"))


def index_posts(posts: PostQuerySet | None = None) -> int:
    """Writes the documents of these posts, or of all, a batch at a time; says how many."""
    count = 0
    posts = (Post.objects.all() if posts is None else posts).filter(kind__in=SEARCHED)
    for first, last in _batches(posts):
        with transaction.atomic():
            batch = posts.filter(pk__gte=first, pk__lte=last).order_by("pk")
            # Locked before they are read, all of them: so a text that is hidden at this moment is
            # not put back, nor an amendment whose definition is.
            list(batch.select_for_update(of=("self",)).values_list("pk"))
            public = with_texts(batch.visible_to(AnonymousUser()))
            documents = [texts.of_post(post) for post in public]
            SearchDocument.objects.filter(post__in=batch.order_by()).exclude(
                pk__in=[document.pk for document in documents]
            ).delete()
            put(documents)
            count += len(documents)
    return count


def with_texts(posts: PostQuerySet) -> PostQuerySet:
    """With all that `texts.of_post` reads."""
    return posts.select_related(
        "published_revision",
        "definition__term",
        "definition__source__essay",
        "amendment__definition__definition__term",
        "prompt",
        "thread__original_comment",
        "thread__passage",
    ).prefetch_related("published_revision__clauses")


def index_definitions_of_essays() -> None:
    """Writes what differs: what an essay says is searched under the essay's day."""
    posts = Post.objects.filter(definition__source__isnull=False, state=Post.State.PUBLISHED)
    found = SearchDocument.objects.filter(post__in=posts)
    stored = {post: rest for post, *rest in found.values_list("post", "pk", "text")}
    changed = []
    for post in with_texts(posts):
        document = texts.of_post(post)
        if stored.get(post.pk) != [document.pk, document.text]:
            changed.append(document)
    if changed:
        found.filter(post__in=[document.post for document in changed]).delete()
        put(changed)


def _batches(posts: PostQuerySet) -> Iterator[tuple[int, int]]:
    """First and last id of each batch."""
    ids, last = posts.order_by("pk").values_list("pk", flat=True), 0
    while batch := list(ids.filter(pk__gt=last)[:BATCH]):
        last = batch[-1]
        yield batch[0], last


def bring_up_to_date() -> int:
    """Indexes what an earlier version of the site left out, or prepared in another way."""
    stale = Q(search_document=None) | ~Q(search_document__version=words.VERSION)
    posts = Post.objects.visible_to(AnonymousUser()).filter(stale)
    return index_essays() + index_posts(posts)


def rebuild() -> int:
    """All of it anew, while the site goes on."""
    SearchDocument.objects.filter(essay__isnull=False).delete()
    return index_essays() + index_posts()
