"""What becomes of an account when its member leaves."""

import secrets

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.utils import timezone

from .models import FormerName, User


def forget(user: User) -> None:
    """Empties the account for good; its row stays, since texts and decisions point to it.

    Runs in the transaction of whoever empties the rest.
    """
    FormerName.objects.create(digest=FormerName.digest_of(user.name))
    for kept in (EmailAddress, Authenticator, UserSession):
        rows = kept.objects.filter(user=user)
        _forget_in_the_log(kept, [str(pk) for pk in rows.values_list("pk", flat=True)])
        if kept is UserSession:
            keys = list(rows.values_list("session_key", flat=True))
            Session.objects.filter(session_key__in=keys).delete()
        rows.delete()
    _forget_in_the_log(User, [str(user.pk)])
    # With underscores, which no member's name has: nobody can take it.
    user.name = f"ancien_membre_{secrets.token_hex(4)}"
    user.email = user.position = ""
    user.set_unusable_password()
    user.role = User.Role.MEMBER
    user.is_active = False
    user.last_login = None
    user.left_at = timezone.now()
    user.save()


def _forget_in_the_log(model: type[Model], ids: list[str]) -> None:
    """The admin's log keeps the words that stood for what was changed."""
    kind = ContentType.objects.get_for_model(model)
    LogEntry.objects.filter(content_type=kind, object_id__in=ids).update(object_repr="–")
