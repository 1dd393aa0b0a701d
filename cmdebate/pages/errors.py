"""The pages for what went wrong. None of them says more than the reader may know."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

# The fields in which people write at length, alone or in a numbered set. A password is never one.
TYPED = re.compile(r"(?:.+-)?(?:body|reason|text)")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    # Without the request: its host, its query or its body may be what cannot be read.
    return HttpResponse(render_to_string("400.html"), status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    # Without the request: nothing here may ask for a session, a member or the database.
    return HttpResponse(render_to_string("500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    typed = [
        text
        for name, texts in request.POST.lists()
        if TYPED.fullmatch(name)
        for text in texts
        if text.strip()
    ]
    came_from = request.headers.get("Referer", "")
    here = {request.get_host()}
    return render(
        request,
        "403_csrf.html",
        {
            "typed": typed,
            "back": came_from if url_has_allowed_host_and_scheme(came_from, here) else None,
        },
        status=403,
    )
