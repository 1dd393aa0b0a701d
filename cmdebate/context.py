"""What the frame of every page needs, without a question to the database."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language_info, override


def site(request: HttpRequest) -> dict[str, Any]:
    """This page in each language; nothing for an address that has but one."""
    match = request.resolver_match
    if match is None or match.url_name is None:
        return {}
    paths = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            paths[code] = reverse(match.view_name, args=match.args, kwargs=match.kwargs)
    if len(set(paths.values())) == 1:
        return {}
    return {
        "translations": [
            {"code": code, "path": path, "name": get_language_info(code)["name_local"].capitalize()}
            for code, path in paths.items()
        ]
    }
