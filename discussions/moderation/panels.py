"""The panels of two duties: animating and watching."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from discussions import access
from discussions.models import Case, RecordHead
from discussions.prompts import queries as prompts
from discussions.prompts.forms import PromptForm
from essays.models import Term

from . import animating, watching
from .guards import moderators_only


@moderators_only
@require_safe
def animate(request: HttpRequest) -> HttpResponse:
    """Who and what waits for a word, and the prompts that are in course."""
    user = request.user
    may_start = access.may_speak_for_role(user) and Term.objects.exists()
    return render(
        request,
        "moderation/animate.html",
        _around()
        | {
            "replies": animating.unanswered_replies(user),
            "definitions": animating.unanswered_definitions(user),
            "members": animating.members_waiting(),
            "essays": animating.quiet_essays(),
            "quiet_days": animating.QUIET.days,
            "lately": animating.LATELY.days,
            "prompts": animating.prompts(user),
            "validation": prompts.validation(),
            "form": PromptForm() if may_start else None,
        },
    )


@moderators_only
@require_safe
def watch(request: HttpRequest) -> HttpResponse:
    """What heats up, what is slow or closed, and who is reported."""
    return render(
        request,
        "moderation/watch.html",
        _around()
        | {
            "threads": watching.threads(),
            "braked": watching.braked(),
            "members": watching.members(),
            "usual_days": watching.USUAL,
            "lately": watching.LATELY.days,
        },
    )


def _around() -> dict[str, Any]:
    """What the list of the desk's panels shows."""
    return {"waiting_count": Case.objects.count(), "head": RecordHead.objects.get()}
