"""What the role does with a prompt: start it, pin it, end it."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmdebate import edition
from cmdebate.accounts.models import User
from discussions import access, posting
from discussions.following import notices
from discussions.models import Action, Post, Prompt
from discussions.models.decisions import Duty
from discussions.models.posts import Wording
from discussions.moderation import record
from essays.models import Essay, Term


class NotNow(posting.PostingRefused):
    message = _("This prompt is not shown now, or has ended: nothing was changed.")


def start(
    by: User,
    term: Term,
    wording: Wording,
    *,
    essay: Essay | None = None,
    pinned: bool = False,
    form_key: UUID,
) -> Post:
    """Asks something in the name of the role: readers see it once a second person has read it,
    or at once where the house has it so."""
    with transaction.atomic():
        post = Post(kind=Post.Kind.PROMPT, author=by, form_key=form_key)
        prompt = Prompt(term=term, essay=essay, pinned=pinned)
        sent = posting.send(post, wording, beside=prompt, in_role=True)
        if sent is post and post.was_public:
            record.opened(post)
        return sent


def pin(prompt: Prompt, by: User) -> bool:
    return _pin(prompt, by, pinned=True)


def unpin(prompt: Prompt, by: User) -> bool:
    return _pin(prompt, by, pinned=False)


def _pin(prompt: Prompt, by: User, *, pinned: bool) -> bool:
    """Says whether anything has changed."""
    with transaction.atomic():
        prompt = _running(prompt, by)
        if prompt.pinned == pinned:
            return False
        prompt.pinned = pinned
        prompt.save(update_fields=["pinned"])
        edition.turn()
        return True


def end(prompt: Prompt, by: User) -> None:
    """It leaves the first page, and stays where it can be read and answered."""
    with transaction.atomic():
        prompt = _running(prompt, by)
        prompt.pinned, prompt.ended_at = False, timezone.now()
        prompt.save(update_fields=["pinned", "ended_at"])
        post = prompt.post
        decision = record.enter(
            Action.CLOSE, by, post, revision=post.published_revision, duty=Duty.ANIMATE
        )
        if post.author_id != by.pk:
            notices.decided(post, decision)


def _running(prompt: Prompt, by: User) -> Prompt:
    """The prompt, locked, if it is there to be led, by somebody who may."""
    if not access.may_speak_for_role(by):
        raise posting.Closed
    found = Prompt.objects.select_for_update(of=("self",)).select_related("post")
    prompt = found.get(pk=prompt.pk)
    if prompt.ended_at or prompt.post.state != Post.State.PUBLISHED:
        raise NotNow
    return prompt
