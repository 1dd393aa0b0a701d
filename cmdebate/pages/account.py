"""What members do with their account as a whole: take a copy of it, leave."""

import json
import logging

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from discussions import access
from discussions.leaving import LastOwner, leave

from . import own_data
from .forms import LeaveForm

logger = logging.getLogger(__name__)


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """What the site keeps of a member, and where to take a copy of it."""
    return render(request, "account/own_data.html", {"sections": own_data.SECTIONS})


@require_safe
@never_cache
def data_json(request: HttpRequest) -> HttpResponse:
    if refused := _too_many(request, "own_data"):
        return refused
    copy = own_data.of(access.member(request))
    text = json.dumps(copy, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    return _file(text + "\n", "application/json", "cmdebate.json")


@require_safe
@never_cache
def data_html(request: HttpRequest) -> HttpResponse:
    if refused := _too_many(request, "own_data"):
        return refused
    member = access.member(request)
    context = {"member": member, "sections": own_data.readable(member)}
    text = render_to_string("account/own_data_copy.html", context)
    return _file(text, "text/html; charset=utf-8", "cmdebate.html")


def _too_many(request: HttpRequest, action: str) -> HttpResponse | None:
    refused: HttpResponse | None = ratelimit.consume_or_429(
        request, action=action, user=request.user, limit_get=True
    )
    return refused


def _file(text: str, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        text,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def leave_site(request: HttpRequest) -> HttpResponse:
    """Closes the account for good, once its member has shown that it is theirs."""
    member = access.member(request)
    form = LeaveForm(member, request.POST if request.method == "POST" else None)
    if form.is_bound:
        if refused := _too_many(request, "reauthenticate"):
            return refused
        if form.is_valid():
            name, email = member.name, member.email
            erase = form.cleaned_data["texts"] == "erase"
            try:
                leave(member, erase=erase)
            except LastOwner:
                form.add_error(
                    None,
                    _("You are the only owner of this site: make somebody else owner first."),
                )
            else:
                logout(request)
                _confirm(name, email, erase=erase)
                return redirect("left")
    status = 422 if form.is_bound else 200
    return render(request, "account/leave.html", {"form": form}, status=status)


def _confirm(name: str, email: str, *, erase: bool) -> None:
    context = {"name": name, "erase": erase}
    try:
        get_adapter().send_mail("account/email/account_closed", email, context)
    except OSError:  # what smtplib raises, too
        # The account is closed all the same; nobody is left to be told of an error.
        logger.exception("the mail that confirms a closed account was not sent")


@login_not_required
@require_safe
def left(request: HttpRequest) -> HttpResponse:
    return render(request, "account/left.html")
