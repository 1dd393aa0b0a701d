"""An entry of the record as a complete statement of reasons, in words.

The entry's page, the letter to its author and the form of an appeal all show these parts: what
was done and where, on what facts and ground, what led to it, by whom or what, for how long, and
how to have it looked at again.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from . import policies
from .models import Action, Decision, Ground
from .policy import Reason

# What a machine finds in a text; that a newcomer's text is read first says nothing of it.
FOUND_BY_MACHINE = (Reason.LINKS, Reason.WORDS, Reason.PACE)


class Part(NamedTuple):
    name: str
    label: str
    text: str


def entries() -> Any:
    """The entries, with all that is said of them."""
    return Decision.objects.select_related(
        "payload",
        "by",
        "post__author",
        "post__definition__source",
        "revision",
        "original_comment__essay",
        "member",
        "thread__essay",
        "thread__passage__essay",
        "thread__original_comment__essay",
        "thread__post",
        "policy",
        "month",
        "answers",
    ).defer("original_comment__essay__text", "thread__essay__text")


def parts(entry: Decision, *, for_author: bool = True) -> list[Part]:
    """Whoever complained of it is not told how its author may appeal."""
    said = [Part(*part) for part in _parts(entry) if part[-1]]
    return said if for_author else [part for part in said if part.name != "appeal"]


def _parts(entry: Decision) -> Iterator[tuple[str, str, str]]:
    yield "measure", _("What was done"), measure(entry)
    yield "facts", _("Facts"), entry.payload.facts
    yield "ground", _("Ground"), ground(entry)
    yield "reason", _("Why"), entry.payload.reason
    yield "origin", _("What led to it"), str(entry.get_origin_display() or _("own initiative"))
    yield "machine", _("By a machine or not"), machine(entry)
    yield "duration", _("For how long"), duration(entry)
    yield "by", _("Decided by"), _who(entry)
    if entry.since and entry.at - entry.since >= timedelta(minutes=1):
        yield "delay", _("It had waited"), timesince(entry.since, entry.at)
    yield "appeal", _("If you think it wrong"), remedy(entry)


def measure(entry: Decision) -> str:
    """What the act does, and where."""
    if entry.original_comment_id and entry.action == Action.HIDE:
        return _(
            "The comment is withheld, from its page, from every quotation of it and from the "
            "source file, which says which lines."
        )
    if entry.post_id and entry.action == Action.REFUSE and entry.post and entry.post.was_public:
        return _("The new version is not published; the earlier one stays in place.")
    said = {
        Action.APPROVE: _("The text is published."),
        Action.REFUSE: _(
            "The text is not published: its author and the community managers read it, and "
            "nobody else."
        ),
        Action.HIDE: _(
            "The text is hidden, everywhere on the site. Its place and the replies to it stay; "
            "its author and the community managers still read it."
        ),
        Action.RESTORE: _("The text is back in its place, as it was."),
        Action.REWRITE: _("Its author is asked for another version of the text."),
        Action.KEEP: _("Nothing changes: what stood before stands."),
        Action.UNDO: _("The decision before is taken back, and the text waits again."),
        Action.ERASE: _("The words of the text are erased for good; its place stays."),
        Action.WARN: _("A warning: it takes nothing from the member."),
        Action.SILENCE: _("The member may read, report and appeal, but not write."),
        Action.EXCLUDE: _("The member may read and appeal, and do nothing else."),
        Action.LIFT: _("The sanction ends now."),
        Action.SHUT: _("The thread takes no more replies; those it has stay."),
        Action.SLOW: _("The thread takes replies at a slower pace."),
        Action.REOPEN: _("The thread takes replies again."),
    }
    return said.get(Action(entry.action), str(entry.get_action_display()))


def ground(entry: Decision) -> str:
    if not entry.ground:
        return ""
    if entry.ground == Ground.UNLAWFUL:
        return _("the law: %(law)s") % {"law": entry.rule or _("not named")}
    return _("the rules of the house: %(rule)s") % {"rule": entry.get_ground_display()}


def found_by_machine(entry: Decision) -> list[str]:
    """Why a machine had set the version aside, before anybody read it."""
    held = entry.revision.held_for if entry.revision else ()
    return [str(Reason(reason).label) for reason in held if reason in FOUND_BY_MACHINE]


def machine(entry: Decision) -> str:
    if entry.by_id is None:
        return _("Done by the clock, on the date that a person had set.")
    if found := found_by_machine(entry):
        return _("A machine had set the text aside (%(why)s); a person decided.") % {
            "why": ", ".join(found)
        }
    return _("No machine found it, and none decided: a person did both.")


def duration(entry: Decision) -> str:
    if entry.until:
        return _("Until %(date)s; it then ends by itself.") % {"date": moment(entry.until)}
    if entry.action == Action.REWRITE:
        return _("Until its author sends another version.")
    if entry.action in (Action.WARN, Action.ERASE) or not entry.is_restriction:
        return ""
    return _("Without a date: until it is decided otherwise.")


def _who(entry: Decision) -> str:
    if entry.by_id is None:
        return ""
    said = entry.by_shown
    if entry.payload.proposer_name:
        said = _("%(by)s, on the proposal of %(proposer)s") % {
            "by": said,
            "proposer": entry.payload.proposer_name,
        }
    if entry.alone:
        said = _(
            "%(by)s, alone: somebody else should have decided, and there was nobody else who could"
        ) % {"by": said}
    return said


def remedy(entry: Decision) -> str:
    """How to have it looked at again; nothing where nobody could."""
    if entry.is_restriction:
        return _(
            "Whom it concerns may appeal it once, until %(date)s: another person answers, with "
            "reasons. Courts remain open to everybody."
        ) % {"date": moment(appeal_end(entry))}
    return ""


def appeal_end(entry: Decision) -> datetime:
    """Until when whom it concerns may appeal it."""
    return entry.at + timedelta(days=policies.current().appeal_days)


def moment(at: datetime) -> str:
    return date_format(localtime(at), "DATETIME_FORMAT")
