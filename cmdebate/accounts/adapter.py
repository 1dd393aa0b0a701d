"""What allauth is told of our members."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .models import NAME_MAX_LENGTH, NAME_TAKEN, FormerName, User, fold, validate_name


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def clean_username(self, username: str, shallow: bool = False) -> str:
        validate_name(username)
        if len(username) > NAME_MAX_LENGTH:
            raise ValidationError(_("That name is too long: 40 characters at most."))
        taken = User.objects.filter(name_key=fold(username)).exists()
        if not shallow and (taken or FormerName.knows(username)):
            raise ValidationError(NAME_TAKEN)
        return username

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.language = get_language() or user.language
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        # allauth compares names as the database does, and SQLite folds ASCII only.
        if name := credentials.get("username"):
            known = User.objects.filter(name_key=fold(name)).first()
            credentials["username"] = known.name if known else name
        user: User | None = super().authenticate(request, **credentials)
        return user
