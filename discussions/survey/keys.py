"""What a browser is known by: a random key, in a cookie that an answer sets and nothing else.

The cookie comes back on the page of that survey's form only, so that all other pages stay the
same for everybody and are kept by the page cache, and answers to two surveys tell nothing of
being one person's.
"""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from discussions.models import Survey

SALT = "discussions.survey"
LONGEST = timedelta(days=400)  # browsers keep none for longer


def read(request: HttpRequest) -> str:
    """The key of this browser, or "" before its first answer."""
    name = _name(translation.get_language())
    return request.get_signed_cookie(name, "", salt=SALT, max_age=LONGEST) or ""


def keep(response: HttpResponse, key: str, survey: Survey) -> None:
    for language, path in _pages(survey):
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


def _pages(survey: Survey) -> Iterator[tuple[str, str]]:
    """The page of the form in each language."""
    for language, _name_of_language in settings.LANGUAGES:
        with translation.override(language):
            yield language, survey.form_address


def _name(language: str) -> str:
    return f"survey-{language}"
