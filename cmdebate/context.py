"""What the frame of every page needs, without a question to the database."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language_info


def site(request: HttpRequest) -> dict[str, Any]:
    """This page in each language; nothing for an address that has but one."""
    paths = {code: translate_url(request.path, code) for code, _ in settings.LANGUAGES}
    if len(set(paths.values())) == 1:
        return {}
    return {
        "translations": [
            {"code": code, "path": path, "name": get_language_info(code)["name_local"].capitalize()}
            for code, path in paths.items()
        ]
    }
