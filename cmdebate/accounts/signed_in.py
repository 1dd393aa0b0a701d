"""Who is signed in: what each page of a member asks first, prepared."""

from functools import cache

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from cmdebate.prepared import Given, Prepared

from .models import User


class SessionStore(db.SessionStore):
    """Django's, in the same table."""

    def _get_session_from_db(self) -> Session | None:
        found = _session_prepared().objects(key=self.session_key, now=timezone.now())
        if not found:
            self._session_key = None
            return None
        session: Session = found[0]
        return session


@cache
def _session_prepared() -> Prepared:
    key, now = Given("key", CharField()), Given("now", DateTimeField())
    return Prepared(Session.objects.filter(session_key=key, expire_date__gt=now))


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """allauth’s, by name or by address."""

    def get_user(self, user_id: int) -> User | None:
        found = _user_prepared().objects(key=user_id)
        user: User | None = found[0] if found else None
        return user if user and self.user_can_authenticate(user) else None


@cache
def _user_prepared() -> Prepared:
    return Prepared(User.objects.filter(pk=Given("key")))
