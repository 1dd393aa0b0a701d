"""Who comes to the desk."""

from typing import Any

from django.contrib.auth.decorators import user_passes_test
from django.core.exceptions import PermissionDenied

from discussions import access


def _moderators(user: Any) -> bool:
    if not access.may_moderate(user):
        raise PermissionDenied
    return True


moderators_only = user_passes_test(_moderators)
