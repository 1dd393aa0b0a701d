"""What a letter says, read from the tables when it leaves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import ngettext

from discussions import access, markdown
from discussions.models import Letter, Notice, Rhythm

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
    if not (reader.is_active and reader.email):
        return None
    with translation.override(reader.language):
        draft = _DRAFTS[letter.kind](letter)
        if draft is None:
            return None
        name = unsubscribing.name(letter)
        stop = unsubscribing.address(reader, name) if name else ""
        context = draft.context | {
            "site": settings.SITE_URL,
            "subject": draft.subject,
            "reader": reader,
            "unsubscribe": stop,
            "LANGUAGE_CODE": reader.language,
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
            to=[reader.email],
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
    return Draft("notice", words.headline(notice), _told(notice))


def _decision(letter: Letter) -> Draft | None:
    notice = _shown(letter)
    if notice is None:
        return None
    return Draft("decision", words.headline(notice), _told(notice))


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
        place = subjects.title(subjects.place(notice.post))
        groups.setdefault(place, []).append(_told(notice))
    return Draft(
        "digest", subject, {"groups": list(groups.items()), "more": len(notices) > len(told)}
    )


_DRAFTS: dict[str, Callable[[Letter], Draft | None]] = {
    Letter.Kind.NOTICE: _notice,
    Letter.Kind.DECISION: _decision,
    Letter.Kind.DIGEST: _digest,
}


def _shown(letter: Letter) -> Notice | None:
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
    post = access.shown_to(notice.person, [notice.post])[0]
    html = post.shown.html if post.shown else ""
    return {
        "notice": notice,
        "post": post,
        "decision": notice.decision,
        "headline": words.headline(notice),
        "address": settings.SITE_URL + post.get_absolute_url(),
        # A mailbox knows no site that a path could belong to.
        "html": markdown.stored(html.replace('href="/', f'href="{settings.SITE_URL}/')),
    }
