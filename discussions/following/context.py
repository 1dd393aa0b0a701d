"""What the masthead shows of a member's notices."""

from functools import cache
from typing import Any

from django.http import HttpRequest

from discussions.models import Notice


def unread(request: HttpRequest) -> dict[str, Any]:
    """How many notices are unread: asked for once, by a template that shows it to a member."""

    @cache
    def count() -> int:
        if not request.user.is_authenticated:
            return 0
        return Notice.objects.shown_to(request.user).unread().count()

    return {"unread_count": count}
