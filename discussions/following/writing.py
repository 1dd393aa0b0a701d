"""What a letter says, read from the tables when it leaves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from discussions import access, markdown, months, reasons
from discussions.models import Complaint, Letter, Notice, Rhythm

from . import digests, subjects, unsubscribing, words

DIGEST_LENGTH = 50


@dataclass
class Draft:
    template: str
    subject: str
    context: dict[str, Any] = field(default_factory=dict)


def message(letter: Letter) -> EmailMultiAlternatives | None:
    """The mail, in its reader's language; None where nothing is left that they may read."""
    reader = letter.recipient
    if not letter.address:
        return None
    with translation.override(letter.language):
        draft = _DRAFTS[letter.kind](letter)
        if draft is None:
            return None
        name = unsubscribing.name(letter)
        stop = unsubscribing.address(reader, name) if name and reader else ""
        context = draft.context | {
            "site": settings.SITE_URL,
            "subject": draft.subject,
            "reader": reader,
            "unsubscribe": stop,
            "LANGUAGE_CODE": letter.language,
        }
        headers = {"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"}
        if stop:
            headers |= {
                "List-Unsubscribe": f"<{stop}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        mail = EmailMultiAlternatives(
            subject=" ".join(draft.subject.split()),
            body=render_to_string(f"mail/{draft.template}.txt", context).strip() + "\n",
            to=[letter.address],
            headers=headers,
        )
        mail.attach_alternative(
            render_to_string(f"mail/{draft.template}.html", context), "text/html"
        )
        return mail


def _notice(letter: Letter) -> Draft | None:
    notice = _shown(letter)
    if notice is None or notice.read_at or not _still_wanted(letter, notice):
        return None
    template = "label" if notice.label else "notice"
    return Draft(template, words.headline(notice), _told(notice))


def _decision(letter: Letter) -> Draft | None:
    notice = _shown(letter)
    if notice is None:
        return None
    assert notice.decision
    told = _told(notice) | {"parts": reasons.parts(notice.decision)}
    return Draft("decision", words.headline(notice), told)


def _complaint(letter: Letter) -> Draft | None:
    complaint = letter.complaint
    assert complaint
    if letter.kind == Letter.Kind.OUTCOME and complaint.state == Complaint.State.OPEN:
        return None  # the answer is taken back: another one will come
    if letter.kind == Letter.Kind.RECEIVED and complaint.state != Complaint.State.OPEN:
        return None  # what came of it is in another letter
    headline = words.of_complaint(complaint)
    return Draft(
        "complaint",
        headline,
        {
            "headline": headline,
            "complaint": complaint,
            "decision": complaint.answer,
            "parts": reasons.parts(complaint.answer, for_author=False) if complaint.answer else (),
            "address": settings.SITE_URL + complaint.get_absolute_url(),
        },
    )


def _digest(letter: Letter) -> Draft | None:
    notices = list(digests.told_in(letter).with_texts().order_by("-pk")[: DIGEST_LENGTH + 1])
    if not notices:
        return None
    told = notices[:DIGEST_LENGTH]
    subject = ngettext(
        "cmdebate: %(count)d message for you", "cmdebate: %(count)d messages for you", len(told)
    ) % {"count": len(told)}
    groups: dict[str, list[dict[str, Any]]] = {}
    for notice in told:
        assert notice.post  # `digests.told_in`
        place = subjects.title(subjects.place(notice.post))
        groups.setdefault(place, []).append(_told(notice))
    return Draft(
        "digest", subject, {"groups": list(groups.items()), "more": len(notices) > len(told)}
    )


def _month(letter: Letter) -> Draft | None:
    assert letter.since
    preferences = getattr(letter.recipient, "preferences", None)
    if preferences and not preferences.monthly:
        return None
    report = months.report(months.Period.of(letter.since), compared=False)
    if report.month is None:
        return None
    median = report.acts["delays"]["median"]
    return Draft(
        "month",
        _("cmdebate: report of %(month)s") % {"month": report.month},
        {
            "report": report,
            "delay": "" if median is None else months.in_words(median),
            "address": settings.SITE_URL + report.month.get_absolute_url(),
        },
    )


_DRAFTS: dict[str, Callable[[Letter], Draft | None]] = {
    Letter.Kind.NOTICE: _notice,
    Letter.Kind.DECISION: _decision,
    Letter.Kind.DIGEST: _digest,
    Letter.Kind.RECEIVED: _complaint,
    Letter.Kind.OUTCOME: _complaint,
    Letter.Kind.MONTH: _month,
}


def _shown(letter: Letter) -> Notice | None:
    assert letter.recipient
    return Notice.objects.shown_to(letter.recipient).with_texts().filter(letter=letter).first()


def _still_wanted(letter: Letter, notice: Notice) -> bool:
    """Whether its reader has not stopped it since it was written."""
    preferences = getattr(letter.recipient, "preferences", None)
    if preferences and preferences.rhythm == Rhythm.SITE:
        return False
    if notice.kind in Notice.ADDRESSED:
        return preferences is None or preferences.answers
    return notice.through is not None


def _told(notice: Notice) -> dict[str, Any]:
    """What the templates show of a notice, and of no text but what its reader may read."""
    if notice.post is None:
        assert notice.decision
        return {
            "notice": notice,
            "decision": notice.decision,
            "headline": words.headline(notice),
            "address": settings.SITE_URL + notice.decision.get_absolute_url(),
        }
    post = access.shown_to(notice.person, [notice.post])[0]
    if notice.decision and notice.decision.revision:
        post.shown = notice.decision.revision  # their own text, as it was judged
    html = post.shown.html if post.shown else ""
    clauses = list(post.shown.clauses.all()) if post.shown else []
    if notice.label:
        html, clauses = "", [notice.label.clause]
    return {
        "notice": notice,
        "post": post,
        "decision": notice.decision,
        "headline": words.headline(notice),
        "address": settings.SITE_URL + notice.get_absolute_url(),
        "clauses": clauses,
        # A mailbox knows no site that a path could belong to.
        "html": markdown.stored(html.replace('href="/', f'href="{settings.SITE_URL}/')),
    }
