"""Prompts: the list, the page of one, and what is done from there."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from discussions import access, posting, reading, shown, threads
from discussions.composing import Cleaned, compose, own, say
from discussions.drafts import for_members
from discussions.following import visits
from discussions.forms import ReplyForm
from discussions.models import Post
from discussions.models.posts import Wording
from discussions.posting import PostingRefused
from discussions.views import cursor_in, place_in
from essays.models import Term

from . import queries, verbs
from .forms import PromptEditForm, PromptForm

PER_PAGE = 20


@login_not_required
@require_safe
def prompt_list(request: HttpRequest) -> HttpResponse:
    """All of them, the latest first."""
    placed = Post.objects.placed_for(request.user).filter(prompt__isnull=False).order_by("-pk")
    before = cursor_in(request, "avant")
    if before and (cursor := placed.filter(public_id=before).only("pk").first()):
        placed = placed.filter(pk__lt=cursor.pk)
    rows = shown.of(request.user, placed[: PER_PAGE + 1])
    page = rows[:PER_PAGE]
    context = {
        "posts": page,
        "before": before,
        "next": page[-1].public_id if len(rows) > len(page) else "",
    }
    return render(request, "prompts/prompt_list.html", context)


@login_not_required
@require_safe
def prompt_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    post = _prompt(request, public_id)
    thread = threads.own_thread(post)
    context: dict[str, Any] = {
        "post": post,
        "prompt": post.prompt,
        "terms": Term.objects.count(),
        "thread": reading.read(thread, request.user, place_in(request)),
        "validation": queries.validation(),
        "may_lead": post.state == Post.State.PUBLISHED and access.may_speak_for_role(request.user),
    }
    context |= visits.arrive(request, post, thread)
    if access.may_reply(request.user, post):
        context["form"] = ReplyForm(speaker=request.user)
    return render(request, "prompts/prompt_detail.html", context)


def _prompt(request: HttpRequest, public_id: str) -> Post:
    """The post of a prompt that this person may know of."""
    placed = Post.objects.placed_for(request.user).filter(kind=Post.Kind.PROMPT)
    return shown.get(request.user, placed, public_id)


@for_members
def prompt_create(request: HttpRequest) -> HttpResponse:
    if not access.may_speak_for_role(request.user):
        raise PermissionDenied
    if not Term.objects.exists():
        raise Http404

    def send(cleaned: Cleaned) -> Post:
        return verbs.start(
            access.member(request),
            cleaned["term"],
            _wording(cleaned),
            essay=cleaned["essay"],
            pinned=cleaned["pinned"],
            form_key=cleaned["key"],
        )

    return compose(
        request,
        "prompts/prompt_form.html",
        {"validation": queries.validation()},
        form_class=PromptForm,
        initial={"essay": request.GET.get("essai", "")[:100]},
        send=send,
    )


@for_members
def prompt_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    post = own(request, public_id)
    if post.kind != Post.Kind.PROMPT:
        raise Http404
    latest = post.latest_revision

    def send(cleaned: Cleaned) -> Post:
        return posting.edit(post, access.member(request), _wording(cleaned), seen=cleaned["seen"])

    return compose(
        request,
        "prompts/prompt_form.html",
        {"post": post, "validation": queries.validation()},
        form_class=PromptEditForm,
        initial={"question": latest.title, "body": latest.body, "seen": post.version},
        send=send,
    )


def _wording(cleaned: Cleaned) -> Wording:
    return Wording(cleaned["body"], title=cleaned["question"])


@for_members
@require_POST
def prompt_act(request: HttpRequest, public_id: str) -> HttpResponse:
    """A community manager pins a prompt, takes it down, or ends it."""
    if not access.may_speak_for_role(request.user):
        raise PermissionDenied
    post = _prompt(request, public_id)
    by = access.member(request)
    try:
        if "end" in request.POST:
            verbs.end(post.prompt, by)
            said = _("The prompt is ended; what it was answered stays.")
        elif "unpin" in request.POST:
            verbs.unpin(post.prompt, by)
            said = _("The prompt is pinned no more.")
        else:
            verbs.pin(post.prompt, by)
            said = _("The prompt is pinned.")
    except PostingRefused as refusal:
        messages.error(request, say(refusal))
    else:
        messages.success(request, said)
    return redirect(post)
