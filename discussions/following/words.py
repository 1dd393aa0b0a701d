"""A notice in one line, on the page and as the subject of a mail."""

from typing import Any

from django.utils.translation import gettext as _

from discussions.models import Action, Notice, Post

from . import subjects


def headline(notice: Notice) -> str:
    """In words that show no text of anybody's: the text stands below it, or does not."""
    post = notice.post
    words: dict[str, Any] = {
        "name": post.signature,
        "place": subjects.title(subjects.place(post)),
    }
    if notice.decision:
        # Whole sentences, one for each act.
        said = {
            Action.APPROVE: _("Your text is published: %(place)s"),
            Action.REFUSE: _("Your text was refused: %(place)s"),
            Action.HIDE: _("Your text was hidden: %(place)s"),
            Action.RESTORE: _("Your text is back: %(place)s"),
            Action.CLOSE: _("The ballots are counted, and the minute is to be signed: %(place)s"),
        }[Action(notice.decision.action)]
    elif notice.kind == Notice.Kind.REPLY:
        said = _("%(name)s answers you: %(place)s")
    elif notice.kind == Notice.Kind.MENTION:
        said = _("%(name)s mentions you: %(place)s")
    elif notice.kind == Notice.Kind.ANSWERED and post.kind == Post.Kind.AMENDMENT:
        words["name"] = post.amendment.definition.signature
        said = _("%(name)s takes up your amendment: %(place)s")
    elif notice.kind == Notice.Kind.ANSWERED:
        assert post.thread and post.thread.post  # the amendment
        words["place"] = subjects.title(post.thread.post.amendment.definition)
        said = _("%(name)s declines your amendment: %(place)s")
    elif post.kind == Post.Kind.AMENDMENT:
        said = _("%(name)s proposes an amendment: %(place)s")
    elif notice.kind == Notice.Kind.DEFINITION:
        said = _("%(name)s proposes a definition: %(place)s")
    elif post.kind == Post.Kind.CALL:
        said = _("%(name)s opens a call: %(place)s")
    else:
        said = _("%(name)s replies: %(place)s")
    return said % words
