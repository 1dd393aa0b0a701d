"""The signed link by which a mail is stopped: one click, no sign-in, as often as one likes.

It stops one thing for one member and opens nothing else, so that it need not end.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from cmdebate.accounts.models import User
from discussions.models import Letter, Notice, Preferences, Rhythm

from . import follows, subjects
from .subjects import Name

SALT = "discussions.following.unsubscribing"
ANSWERS, DIGEST, MONTHLY = "answers", "digest", "monthly"


@dataclass(frozen=True)
class Subscription:
    member: User
    name: Name

    def stop(self) -> None:
        if self.name.what == ANSWERS:
            Preferences.objects.update_or_create(member=self.member, defaults={"answers": False})
        elif self.name.what == DIGEST:
            Preferences.objects.update_or_create(
                member=self.member, defaults={"rhythm": Rhythm.SITE}
            )
        elif self.name.what == MONTHLY:
            Preferences.objects.update_or_create(member=self.member, defaults={"monthly": False})
        else:
            follows.stop(self.member, self._subject())

    def title(self) -> str:
        if self.name.what == ANSWERS:
            return _("answers to what you write, and mentions of your name")
        if self.name.what == DIGEST:
            return _("the daily or weekly mail")
        if self.name.what == MONTHLY:
            return _("the monthly report of moderation")
        return subjects.title(self._subject())

    def _subject(self) -> subjects.Subject:
        return subjects.find(self.name.what, self.name.key, self.member)


def name(letter: Letter) -> Name | None:
    """What a letter's link stops; nothing for a decision, which its author has to hear, nor for
    an answer to what somebody asked."""
    if letter.kind == Letter.Kind.DIGEST:
        return Name(DIGEST, "")
    if letter.kind == Letter.Kind.MONTH:
        return Name(MONTHLY, "")
    if letter.notice is None:
        return None
    if letter.notice.kind in Notice.ADDRESSED:
        return Name(ANSWERS, "")
    through = letter.notice.through
    return subjects.name(through.subject) if through else None


def address(member: User, name: Name) -> str:
    return settings.SITE_URL + reverse("unsubscribe", args=[token(member, name)])


def token(member: User, name: Name) -> str:
    signed: str = signing.dumps([member.pk, name.what, name.key], salt=SALT)
    return signed


def read(signed: str) -> Subscription:
    try:
        member, what, key = signing.loads(signed, salt=SALT)
        return Subscription(User.objects.get(pk=member), Name(what, key))
    except (signing.BadSignature, User.DoesNotExist) as error:
        raise Http404 from error
