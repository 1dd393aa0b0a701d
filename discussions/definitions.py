"""Definitions by what people call them: a number, an address, an id."""

import re

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from essays.models import Term

from .models import Post
from .models.posts import PUBLIC_ID_ALPHABET, PUBLIC_ID_LENGTH

LONGEST = 200  # characters of what is typed

_NUMBER = re.compile(r"(?:n[°ºo.]*\s*|#)?(\d{1,9})", re.IGNORECASE)
_ID = re.compile(
    rf"(?:.*/definitions/)?([{PUBLIC_ID_ALPHABET}]{{{PUBLIC_ID_LENGTH}}})/?(?:[?#].*)?"
)


def find(said: str, term: Term | None) -> Post | None:
    """The definition that everybody may read under that name; numbers are those of the term."""
    said = said.strip().replace("\0", "")[:LONGEST]
    if number := _NUMBER.fullmatch(said):
        wanted = Q(definition__term=term, definition__number=int(number[1]))
    elif public_id := _ID.fullmatch(said):
        wanted = Q(public_id=public_id[1])
    else:
        wanted = Q(definition__source__ref__iexact=said, definition__term=term)
    public = Post.objects.visible_to(AnonymousUser()).definitions()
    return public.filter(wanted).select_related("definition__term", "definition__source").first()


def name_of(post: Post) -> str:
    """What a form calls a definition, and `find` knows it by."""
    return str(post.definition.number or post.public_id)
