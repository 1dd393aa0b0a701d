from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import conditional_page, require_safe

from .models import Essay


@login_not_required
@require_safe
@conditional_page
def source(request: HttpRequest, slug: str) -> HttpResponse:
    """The file as received: the same bytes, unless a comment in it is withheld."""
    essay = get_object_or_404(Essay, slug=slug)
    return HttpResponse(
        essay.source(),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Language": essay.language},
    )
