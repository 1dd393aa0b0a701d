"""What can be followed, and how it is named in a form, in a list and in a mail."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from taggit.models import Tag

from cmdebate.accounts.models import User, fold
from discussions import tags, threads
from discussions.models import Passage, Post, Thread
from essays.models import Essay, OriginalComment, Term

Subject: TypeAlias = Essay | Passage | OriginalComment | Post | Tag | User | Term


@dataclass(frozen=True)
class Name:
    """What a form and a signed link call a subject."""

    what: str
    key: str


def name(subject: Subject | Thread) -> Name:
    if isinstance(subject, Thread):
        subject = subject.subject
    if isinstance(subject, OriginalComment):
        return Name("comment", f"{subject.essay.slug}/{subject.ref}")
    if isinstance(subject, Passage):
        return Name("passage", subject.public_id)
    if isinstance(subject, Post):
        what = "discussion" if subject.kind == Post.Kind.REPLY else subject.kind
        return Name(what, subject.public_id)
    if isinstance(subject, User):
        return Name("member", subject.name)
    return Name(name_of_column(subject), str(subject.slug))


def find(what: str, key: str, user: User) -> Subject:
    """The subject of that name, among those whose page this person can open."""
    found = _FINDERS[what](key.replace("\0", ""), user).first() if what in _FINDERS else None
    if found is None:
        raise Http404
    return found


def _comment(key: str, user: User) -> Any:
    slug, _slash, ref = key.partition("/")
    return OriginalComment.objects.select_related("essay").filter(essay__slug=slug, ref=ref)


_FINDERS: dict[str, Callable[[str, User], Any]] = {
    "essay": lambda key, user: Essay.objects.filter(slug=key),
    "passage": lambda key, user: (
        Passage.objects.placed_for(user).select_related("essay").filter(public_id=key)
    ),
    "comment": _comment,
    "definition": lambda key, user: (
        Post.objects.placed_for(user).select_related("definition__term").filter(public_id=key)
    ),
    "call": lambda key, user: (
        Post.objects.placed_for(user)
        .select_related("call__term")
        .filter(kind=Post.Kind.CALL, public_id=key)
    ),
    "prompt": lambda key, user: (
        Post.objects.placed_for(user)
        .select_related("prompt__term")
        .filter(kind=Post.Kind.PROMPT, public_id=key)
    ),
    "amendment": lambda key, user: (
        Post.objects.placed_for(user)
        .amendments()
        .select_related("amendment__definition__definition__term")
        .filter(public_id=key)
    ),
    "discussion": lambda key, user: (
        Post.objects.placed_for(user).replies().filter(own_thread__isnull=False, public_id=key)
    ),
    "tag": lambda key, user: tags.in_use().filter(slug=key),
    "member": lambda key, user: User.objects.filter(name_key=fold(key), is_active=True),
    "term": lambda key, user: Term.objects.filter(slug=key),
}


def column(subject: Subject) -> dict[str, Any]:
    """Where a Follow names the subject, to look for one."""
    if isinstance(subject, OriginalComment):
        return {"thread__original_comment": subject}
    if isinstance(subject, Passage):
        return {"thread__passage": subject}
    return {"person" if isinstance(subject, User) else name_of_column(subject): subject}


def column_made(subject: Subject) -> dict[str, Any]:
    """The same to make one: an original comment nobody has answered gets its thread."""
    if isinstance(subject, OriginalComment | Passage):
        return {"thread": threads.thread_of(subject)}
    return column(subject)


def name_of_column(subject: Subject) -> str:
    return type(subject).__name__.lower()


def title(subject: Subject | Thread) -> str:
    """In words that show no text anybody wrote here: the text may be hidden one day."""
    if isinstance(subject, Thread):
        subject = subject.subject
    if isinstance(subject, OriginalComment):
        return _("Original comment %(ref)s, %(title)s") % {
            "ref": subject.ref,
            "title": subject.essay.title,
        }
    if isinstance(subject, Passage):
        return str(subject)
    if isinstance(subject, Post):
        if subject.kind == Post.Kind.REPLY:
            return _("A discussion of its own")
        if subject.kind == Post.Kind.AMENDMENT:
            return _("Amendment to: %(definition)s") % {
                "definition": title(subject.amendment.definition)
            }
        if source := subject.source:
            return _("A definition of “%(term)s” in essay %(number)s") % {
                "number": source.essay.number,
                "term": subject.definition.term.headword,
            }
        if subject.kind == Post.Kind.ANSWER:
            return _("The survey on “%(term)s”") % {"term": subject.answer.term.headword}
        if subject.kind == Post.Kind.CALL:
            return _("Call for definitions of “%(term)s”, %(date)s") % {
                "term": subject.call.term.headword,
                "date": date_format(subject.call.first_day),
            }
        if subject.kind == Post.Kind.PROMPT:
            return _("Prompt on “%(term)s”, %(date)s") % {
                "term": subject.prompt.term.headword,
                "date": date_format(timezone.localdate(subject.published_at or subject.created_at)),
            }
        return _("Definition %(number)s of “%(term)s”") % {
            "number": subject.definition.number or "–",
            "term": subject.definition.term.headword,
        }
    if isinstance(subject, Term):
        return _("The definitions of “%(term)s”") % {"term": subject.headword}
    if isinstance(subject, Tag):
        return _("Tag: %(name)s") % {"name": subject.name}
    return subject.title if isinstance(subject, Essay) else subject.name


def address(subject: Subject | Thread) -> str:
    if isinstance(subject, Tag):
        return f"{reverse('essays:list')}?tag={subject.slug}"
    if isinstance(subject, Post) and subject.kind == Post.Kind.REPLY:
        return reverse("discussion", args=[subject.public_id])
    return subject.get_absolute_url()


def place(post: Post) -> Thread | Post:
    """What a notice of this post stands under: its thread, the definition that it would change,
    or itself."""
    if post.kind == Post.Kind.AMENDMENT:
        return post.amendment.definition
    return post.thread or post
