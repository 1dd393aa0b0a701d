"""The way of a letter: written in a verb's transaction, claimed, sent, marked.

A letter is claimed before a server hears of it and marked after the server has taken it. So a
worker that is killed loses none, and doubles at most the one it had in hand, if the server
had just taken it: SMTP cannot tell. That one keeps its Message-ID.

While the server is down or hangs, letters wait, however long. One that the server refuses is
tried again ever more rarely, and at last given up; the admin shows it.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPServerDisconnected

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.utils import timezone

from discussions.models import Letter

from . import tasks, writing

BATCH = 50  # letters in one task, so that a worker told to stop need not wait long
CLAIM = timedelta(minutes=5)  # longer than a server may take over one letter
MAX_TRIES = 10  # the last one about 17 hours after the first
PAUSE = timedelta(minutes=1)  # before the clock looks for a server again

logger = logging.getLogger(__name__)


def wake() -> None:
    """Calls the worker; it comes when the present transaction has ended."""
    tasks.deliver.enqueue()


def due(now: datetime) -> bool:
    """Takes back what a worker that is gone had claimed, and says whether anything waits."""
    Letter.objects.filter(state=Letter.State.SENDING, claimed_at__lt=now - CLAIM).update(
        state=Letter.State.WAITING, claimed_at=None
    )
    return Letter.objects.filter(state=Letter.State.WAITING, due_at__lte=now).exists()


def deliver() -> bool:
    """Sends what is due, up to a batch; says whether there may be more to send now."""
    connection: BaseEmailBackend = get_connection()
    try:
        for _turn in range(BATCH):
            letter = claim(timezone.now())
            if letter is None:
                return False
            if not _send(letter, connection):
                return False
    finally:
        _close(connection)
    return True


def claim(now: datetime) -> Letter | None:
    """A letter that no other worker has, the longest due first."""
    waiting = Letter.objects.filter(state=Letter.State.WAITING, due_at__lte=now)
    whole = waiting.select_related("recipient__preferences", "notice__through")
    while letter := whole.order_by("due_at", "pk").first():
        if waiting.filter(pk=letter.pk).update(
            state=Letter.State.SENDING, claimed_at=now, tries=F("tries") + 1
        ):
            letter.tries += 1
            return letter
    return None


def _send(letter: Letter, connection: BaseEmailBackend) -> bool:
    """Sends one letter; says whether the server can be asked to take another."""
    try:
        message = writing.message(letter)
        if message is None:
            _mark(letter, state=Letter.State.DROPPED)
            return True
        connection.open()
        connection.send_messages([message])
    except Exception as error:
        _close(connection)
        return _set_back(letter, error)
    _mark(letter, state=Letter.State.SENT, sent_at=timezone.now(), error="")
    return True


def _set_back(letter: Letter, error: Exception) -> bool:
    """Puts the letter back among those that wait, or gives it up."""
    told = f"{type(error).__name__}: {error}"[:300]
    now = timezone.now()
    refused = isinstance(error, SMTPException) and not isinstance(error, SMTPServerDisconnected)
    if isinstance(error, OSError) and not refused:
        # Nobody takes letters at present: no fault of this one.
        logger.warning("No mail leaves: %s", told)
        waiting = Letter.State.WAITING
        _mark(letter, state=waiting, due_at=now + PAUSE, tries=letter.tries - 1, error=told)
        return False
    logger.warning("Letter %s is not sent: %s", letter, told, exc_info=not refused)
    given_up = letter.tries >= MAX_TRIES
    _mark(
        letter,
        state=Letter.State.FAILED if given_up else Letter.State.WAITING,
        due_at=now + timedelta(minutes=2**letter.tries),
        error=told,
    )
    return True


def _mark(letter: Letter, **columns: object) -> None:
    Letter.objects.filter(pk=letter.pk).update(claimed_at=None, **columns)


def _close(connection: BaseEmailBackend) -> None:
    with suppress(OSError):
        connection.close()
