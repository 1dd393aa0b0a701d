"""Who writes here, and in which role."""

import hashlib
import re
import unicodedata
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

NAME_PATTERN = re.compile(r"^[^\W_](?:[^\W_]|[.’'-](?=[^\W_]))*$")


def fold(name: str) -> str:
    """What two names that look alike have in common: NFC, without case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def validate_name(name: str) -> None:
    if not NAME_PATTERN.match(unicodedata.normalize("NFC", name)):
        raise ValidationError(
            _("A name is made of letters, digits, dots, hyphens and apostrophes, without a space."),
            code="name",
        )


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, name: str, email: str, password: str | None = None, **extra: Any
    ) -> "User":
        user = self.model(name=name, email=self.normalize_email(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, name: str, email: str, password: str | None = None) -> "User":
        return self.create_user(name, email, password, role=User.Role.OWNER)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(name_key=fold(username or ""))


NAME_MAX_LENGTH = 40


NAME_TAKEN = _("That name is taken, now or by somebody who has left.")


class FormerName(models.Model):
    """A name that has left, as a digest of its folded form: enough to refuse it."""

    digest = models.CharField(max_length=64, primary_key=True)

    def __str__(self) -> str:
        return self.digest[:8]

    @staticmethod
    def digest_of(name: str) -> str:
        return hashlib.sha256(fold(name).encode()).hexdigest()

    @classmethod
    def knows(cls, name: str) -> bool:
        return cls.objects.filter(digest=cls.digest_of(name)).exists()


class User(AbstractBaseUser):
    class Role(models.TextChoices):
        MEMBER = "member", _("member")
        TRAINEE = "trainee", _("community manager in training")
        COMMUNITY_MANAGER = "community_manager", _("community manager")
        OWNER = "owner", _("owner")

    class Position(models.TextChoices):
        """From where somebody speaks, if they say so."""

        IN_OFFICE = "in_office", _("community manager in office")
        AGENCY = "agency", _("agency")
        BLOGGER = "blogger", _("blogger")
        BRAND = "brand", _("brand")
        COMMUNITY = "community", _("member of a community")
        RESEARCHER = "researcher", _("researcher")
        OTHER = "other", pgettext_lazy("position", "other")

    name = models.CharField(
        _("name"), max_length=NAME_MAX_LENGTH, unique=True, validators=[validate_name]
    )
    # The name, folded: two members are never told apart by case or by composition only,
    # and a name that has left is never given again.
    name_key = models.CharField(max_length=80, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.MEMBER)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Untick it instead of deleting a member.")
    )
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)
    # Of the mails that the site writes to them.
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    position = models.CharField(_("position"), max_length=12, choices=Position.choices, blank=True)
    # Set by leaving.forget, which also gives the name that stands in `name` from then on.
    left_at = models.DateTimeField(_("left"), null=True, blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "name"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    # Roles that decide; a trainee proposes.
    DECIDING = (Role.COMMUNITY_MANAGER, Role.OWNER)

    # What is read in the admin by who is at the desk, and what who decides may do there; the
    # owner may do all that it offers.
    DESK_PERMISSIONS = frozenset(
        {
            "discussions.view_post",
            "discussions.view_decision",
            "essays.view_originalcomment",
            "essays.view_essay",
        }
    )
    COMMUNITY_MANAGER_PERMISSIONS = DESK_PERMISSIONS | {
        "discussions.moderate_post",
        "essays.moderate_originalcomment",
        "discussions.view_readyreason",
        "discussions.add_readyreason",
        "discussions.change_readyreason",
        "discussions.delete_readyreason",
    }

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ("name_key",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(role__in=["member", "trainee", "community_manager", "owner"]),
                name="user_role_known",
            ),
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name = unicodedata.normalize("NFC", self.name)
        self.name_key = fold(self.name)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        if self._state.adding and FormerName.knows(self.name):
            raise ValidationError({"name": NAME_TAKEN}, code="taken")

    def __str__(self) -> str:
        return gettext("former member") if self.left_at else self.name

    def get_absolute_url(self) -> str:
        return reverse("member", args=[self.name])

    @property
    def is_community_manager(self) -> bool:
        """Whether this person is at the desk, in training or not, and reads what stands there."""
        return self.is_active and self.role != self.Role.MEMBER

    @property
    def decides(self) -> bool:
        """Whether this person is a full community manager, or the owner."""
        return self.is_active and self.role in self.DECIDING

    # What Django's admin asks for.

    @property
    def is_staff(self) -> bool:
        return self.is_community_manager

    @property
    def is_superuser(self) -> bool:
        return self.is_active and self.role == self.Role.OWNER

    @property
    def permissions(self) -> frozenset[str]:
        if self.decides:
            return self.COMMUNITY_MANAGER_PERMISSIONS
        return self.DESK_PERMISSIONS if self.is_community_manager else frozenset()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_superuser or perm in self.permissions

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_superuser or any(p.startswith(f"{app_label}.") for p in self.permissions)
