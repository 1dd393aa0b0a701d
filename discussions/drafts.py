"""What was typed is not lost: forms keep it through errors, more fields and lost sessions."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict

_SESSION_KEY = "kept_draft"
_MAX_LENGTH = 200_000  # characters, encoded: the longest definition we accept, were it emoji

View = Callable[..., HttpResponse]


def for_members(view: View) -> View:
    """Lets members in. What a visitor sends, their session having ended, waits for them
    behind the sign-in page (see `kept`), if their address has not sent too much."""

    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method == "POST" and ratelimit.consume(request, action="post"):
            typed = request.POST.copy()
            typed.pop("csrfmiddlewaretoken", None)
            request.session[_SESSION_KEY] = [request.path, typed.urlencode()[:_MAX_LENGTH]]
        return redirect_to_login(request.get_full_path())

    return guarded


def kept(request: HttpRequest) -> QueryDict | None:
    """What was typed at this address before the session ended, once."""
    path, typed = request.session.get(_SESSION_KEY) or ("", "")
    if path != request.path:
        return None
    del request.session[_SESSION_KEY]
    return QueryDict(typed)
