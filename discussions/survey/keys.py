"""What a browser is known by: a random key, in a cookie that an answer sets and nothing else.

The cookie comes back on the page of the form only, so that all other pages stay the same for
everybody and are kept by the page cache.
"""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

SALT = "discussions.survey"
LONGEST = timedelta(days=400)  # browsers keep none for longer


def read(request: HttpRequest) -> str:
    """The key of this browser, or "" before its first answer."""
    name = _name(translation.get_language())
    return request.get_signed_cookie(name, "", salt=SALT, max_age=LONGEST) or ""


def keep(response: HttpResponse, key: str) -> None:
    for language, path in _pages():
        response.set_signed_cookie(
            _name(language),
            key,
            salt=SALT,
            max_age=LONGEST,
            path=path,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def digest(key: str) -> str:
    """What is stored of a key: too random to be guessed back."""
    return sha256(key.encode()).hexdigest()


def _pages() -> Iterator[tuple[str, str]]:
    """The page of the form in each language."""
    for language, _name_of_language in settings.LANGUAGES:
        with translation.override(language):
            yield language, reverse("survey_answer")


def _name(language: str) -> str:
    return f"survey-{language}"
