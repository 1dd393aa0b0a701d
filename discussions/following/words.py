"""A notice in one line, on the page and as the subject of a mail."""

from typing import Any

from django.utils.translation import gettext as _

from discussions.models import Action, Complaint, Label, Notice, Post

from . import subjects


def headline(notice: Notice) -> str:
    """In words that show no text of anybody's: the text stands below it, or does not."""
    if notice.post is None:
        return _of_person(notice)
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
            Action.REWRITE: _("Another version of your text is asked for: %(place)s"),
            Action.KEEP: _("Your text stays as it is: %(place)s"),
            Action.ERASE: _("Your text is erased for good: %(place)s"),
            Action.UNDO: _("The last decision on your text is taken back: %(place)s"),
            Action.CLOSE: _("Your prompt is ended: %(place)s")
            if post.kind == Post.Kind.PROMPT
            else _("The ballots are counted, and the minute is to be signed: %(place)s"),
        }[Action(notice.decision.action)]
    elif notice.label:
        # Who says so is not said here: the page counts it, and names nobody.
        said = {
            Label.Kind.NO_SOURCE: _("A clause of yours is said to lack a source: %(place)s"),
            Label.Kind.TOO_VAGUE: _("A clause of yours is said to be too vague: %(place)s"),
            Label.Kind.OFF_TOPIC: _("A clause of yours is said to be off topic: %(place)s"),
            Label.Kind.CONTRADICTORY: _("A clause of yours is said to be contradictory: %(place)s"),
        }[Label.Kind(notice.label.kind)]
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
    elif post.kind == Post.Kind.PROMPT:
        said = _("%(name)s starts a conversation: %(place)s")
    else:
        said = _("%(name)s replies: %(place)s")
    return said % words


def _of_person(notice: Notice) -> str:
    """What does not hang on a text of theirs."""
    if notice.decision:
        return {
            Action.WARN: _("You are warned"),
            Action.SILENCE: _("You are silenced for a time"),
            Action.EXCLUDE: _("You are excluded"),
            Action.LIFT: _("A sanction on you is lifted"),
            Action.KEEP: _("A sanction on you stays"),
        }[Action(notice.decision.action)]
    assert notice.complaint
    return of_complaint(notice.complaint)


def of_complaint(complaint: Complaint) -> str:
    """What came of it, or that it has come."""
    if complaint.is_report:
        return {
            Complaint.State.OPEN: _("Your report is received"),
            Complaint.State.GRANTED: _("Your report has led to a decision"),
            Complaint.State.DECLINED: _("The text that you reported stays"),
            Complaint.State.MOOT: _("The text that you reported is gone"),
        }[Complaint.State(complaint.state)]
    if complaint.kind == Complaint.Kind.REVIEW:
        return {
            Complaint.State.OPEN: _("Your request for a second look is received"),
            Complaint.State.GRANTED: _("Your request for a second look is granted"),
            Complaint.State.DECLINED: _("Your request for a second look is declined"),
            Complaint.State.MOOT: _("Your request for a second look is without object"),
        }[Complaint.State(complaint.state)]
    return {
        Complaint.State.OPEN: _("Your appeal is received"),
        Complaint.State.GRANTED: _("Your appeal is granted"),
        Complaint.State.DECLINED: _("Your appeal is declined"),
        Complaint.State.MOOT: _("Your appeal is without object"),
    }[Complaint.State(complaint.state)]
