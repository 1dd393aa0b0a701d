"""Where a post stands, in words."""

from django.utils.translation import gettext as _

from discussions.models import Passage, Post
from essays.models import Essay, OriginalComment


def place_of(post: Post) -> str:
    """What a reply is about, or the term that another text is about."""
    if post.term:
        return post.term.headword
    assert post.thread  # a reply stands in one
    subject = post.thread.subject
    if isinstance(subject, Essay):
        return subject.title
    if isinstance(subject, OriginalComment):
        return _("original comment %(ref)s, %(essay)s") % {
            "ref": subject.ref,
            "essay": subject.essay.title,
        }
    if isinstance(subject, Passage):
        return str(subject)
    if subject.term:
        return subject.term.headword
    return _("a reply by %(name)s") % {"name": subject.signature}
