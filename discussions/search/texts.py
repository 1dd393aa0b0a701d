"""What is searched of each thing: its text as plain words, its place in time, its facets."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from html import unescape

from django.conf import settings
from django.utils import timezone, translation
from django.utils.html import strip_tags
from django.utils.translation import pgettext

from discussions.models import Clause, Post, SearchDocument
from essays.models import Essay, OriginalComment

from . import words

# The numbers of an essay's texts: which essay, whether a comment, and which one.
_ESSAY_BITS, _COMMENT = 18, 1 << 17


def kind_facet(kind: str) -> str:
    return f"kind_{kind}"


def essay_facet(essay_id: int) -> str:
    return f"essay_{essay_id}"


def member_facet(member_id: int) -> str:
    return f"member_{member_id}"


def of_post(post: Post) -> SearchDocument:
    """The published version: read it with `index.with_texts`."""
    revision = post.published_revision
    assert revision  # only a published post comes here
    lines = [unescape(strip_tags(revision.html)).strip()]
    facets = [kind_facet(post.kind)]
    if post.author_id:
        facets.append(member_facet(post.author_id))
    moment: datetime | None = post.created_at.astimezone(UTC)
    if source := post.source:
        lines = [source.exact]
        facets.append(essay_facet(source.essay_id))
        moment = _moment_of(source.essay)
    elif post.has_clauses:
        assert post.term  # it stands alone
        headword = post.term.headword
        lines[:0] = [_sentence(headword, clause) for clause in revision.clauses.all()]
        lines.append(", ".join(revision.tags))
    if revision.title:
        lines.insert(0, revision.title)
    if post.kind == Post.Kind.PROMPT and post.prompt.essay_id:
        facets.append(essay_facet(post.prompt.essay_id))
    if post.thread and (essay_id := post.thread.about_essay_id):
        facets.append(essay_facet(essay_id))
    key = SearchDocument.key(moment, post.pk, of_post=True)
    return _document(key, "\n".join(filter(None, lines)), facets, post=post)


def _sentence(headword: str, clause: Clause) -> str:
    """A clause as its definition says it, whatever the language of the one who publishes it."""
    with translation.override(settings.LANGUAGE_CODE):
        is_not = clause.polarity == Clause.Polarity.IS_NOT
        verb = pgettext("clause", "is not") if is_not else pgettext("clause", "is")
    return f"{headword} {verb} {clause.text}"


def of_essay(essay: Essay) -> Iterator[SearchDocument]:
    """Its title, its paragraphs, and those original comments that everybody may read."""
    named = " · ".join(filter(None, (essay.title, essay.author, essay.site)))
    facets = [kind_facet("essay"), essay_facet(essay.pk)]
    yield _of_essay(essay, 0, "", named, facets)
    for paragraph in essay.paragraphs:
        number = paragraph.number
        yield _of_essay(essay, number, f"p{number}", paragraph.text, facets)
    for comment in essay.original_comments.all():
        if not comment.is_hidden:
            comment.essay = essay
            yield of_comment(comment)


def of_comment(comment: OriginalComment) -> SearchDocument:
    text = "\n".join(paragraph.text for paragraph in comment.paragraphs)
    facets = [kind_facet("comment"), essay_facet(comment.essay_id)]
    return _of_essay(comment.essay, _COMMENT + comment.position, comment.ref, text, facets)


def _of_essay(essay: Essay, number: int, ref: str, text: str, facets: list[str]) -> SearchDocument:
    if number >> _ESSAY_BITS:
        raise OverflowError("more paragraphs than a search document can name")
    key = SearchDocument.key(
        _moment_of(essay),
        essay.pk << _ESSAY_BITS | number,
        of_post=False,
    )
    return _document(key, text, facets, essay=essay, ref=ref)


def _moment_of(essay: Essay) -> datetime | None:
    return day_start(essay.published_on) if essay.published_on else None


def day_start(day: date) -> datetime:
    """When that day begins where the site is."""
    return datetime.combine(day, time(), timezone.get_default_timezone())


def _document(
    key: int,
    text: str,
    facets: list[str],
    *,
    post: Post | None = None,
    essay: Essay | None = None,
    ref: str = "",
) -> SearchDocument:
    return SearchDocument(
        id=key,
        post=post,
        essay=essay,
        ref=ref,
        version=words.VERSION,
        words=f" {' '.join(words.stems(text)[: words.MAX_WORDS])} ",
        facets=" ".join(facets),
        text=text,
    )
