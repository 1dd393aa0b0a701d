"""Pages on which an amendment is written, read beside the definition, and answered."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from discussions import access, composing, posting, reading, shown, threads
from discussions.comparing import pairs
from discussions.differences import readable, words
from discussions.drafts import for_members, kept
from discussions.following import visits
from discussions.forms import ReplyForm, initial_clauses
from discussions.models import Post, Revision
from discussions.views import in_place, place_in

from . import verbs
from .forms import AmendmentEditForm, AmendmentForm, DeclineForm


@for_members
def amend(request: HttpRequest, public_id: str) -> HttpResponse:
    """A change to somebody else's definition, written on its present version."""
    definition = in_place(request, public_id)
    base = definition.published_revision
    if definition.kind != Post.Kind.DEFINITION or base is None:
        raise Http404
    if request.method != "POST" and not access.may_amend(request.user, definition):
        return redirect(definition)

    def send(cleaned: composing.Cleaned) -> Post:
        return verbs.propose(
            access.member(request),
            definition,
            composing.wording_of(cleaned),
            seen=cleaned["seen"],
            form_key=cleaned["key"],
        )

    return composing.compose(
        request,
        "discussions/amendment_form.html",
        {"definition": definition, "term": definition.term},
        form_class=partial(AmendmentForm, seen=verbs.base_of(definition)),
        initial={"body": base.body, "tags": ", ".join(base.tags)},
        clauses=initial_clauses(base),
        send=send,
    )


@for_members
def amendment_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    """One's own amendment written anew: on the present version of the definition."""
    post = composing.own(request, public_id)
    if post.kind != Post.Kind.AMENDMENT:
        raise Http404
    definition = _definition_of(request, post)
    latest = post.latest_revision

    def send(cleaned: composing.Cleaned) -> Post:
        return verbs.edit(
            post, access.member(request), composing.wording_of(cleaned), seen=cleaned["seen"]
        )

    return composing.compose(
        request,
        "discussions/amendment_form.html",
        {"definition": definition, "term": post.term, "post": post}
        | _since(latest.base, definition),
        form_class=partial(AmendmentEditForm, seen=verbs.version_of(post)),
        initial={"body": latest.body, "tags": ", ".join(latest.tags)},
        clauses=initial_clauses(latest),
        send=send,
    )


@login_not_required
@require_safe
def amendment(request: HttpRequest, public_id: str) -> HttpResponse:
    return _page(request, _amendment(request, public_id))


@for_members
def amendment_answer(request: HttpRequest, public_id: str) -> HttpResponse:
    """What the definition's author says to it: yes, or no with a word."""
    post = _amendment(request, public_id)
    if post.amendment.definition.author_id != access.member(request).pk:
        raise Http404
    if request.method != "POST":
        typed = kept(request)
        form = DeclineForm(initial={"body": typed.get("body", "")}) if typed else None
        return _page(request, post, form) if form else redirect(post)
    seen = request.POST.get("seen", "")
    form = DeclineForm(request.POST)
    accepts = "accept" in request.POST
    if not accepts and not form.is_valid():
        return _page(request, post, form, status=422)
    try:
        if accepts:
            verbs.accept(post, access.member(request), seen=seen)
        else:
            verbs.decline(
                post,
                access.member(request),
                form.cleaned_data["body"],
                seen=seen,
                form_key=form.cleaned_data["key"],
            )
    except posting.PostingRefused as refusal:
        messages.error(request, composing.say(refusal))
        # As it is now, which may be why it was refused.
        return _page(request, _amendment(request, public_id), form, status=409)
    _acknowledge(request, _amendment(request, public_id))
    return redirect(post)


def _acknowledge(request: HttpRequest, post: Post) -> None:
    if post.amendment.is_open:
        said = _("Your answer is kept; it is published once a community manager has read it.")
    elif post.amendment.outcome == post.amendment.Outcome.ACCEPTED:
        said = _("Your definition says now what the amendment proposed.")
    else:
        said = _("The amendment is declined; your word stands below it.")
    messages.success(request, said)


def _amendment(request: HttpRequest, public_id: str) -> Post:
    post = in_place(request, public_id)
    if post.kind != Post.Kind.AMENDMENT:
        raise Http404
    return post


def _definition_of(request: HttpRequest, post: Post) -> Post:
    """The definition that an amendment would change, with the version that is read now."""
    return shown.read(request.user, [post.amendment.definition_id])[0]


def _page(
    request: HttpRequest, post: Post, decline: DeclineForm | None = None, status: int = 200
) -> HttpResponse:
    definition = _definition_of(request, post)
    post.amendment.definition = definition
    thread = threads.own_thread(post)
    context: dict[str, Any] = {
        "post": post,
        "amendment": post.amendment,
        "definition": definition,
        "thread": reading.read(thread, request.user, place_in(request)),
    }
    if post.shown and definition.shown:
        context |= _sides(post.shown, definition, is_open=post.amendment.is_open)
    if access.may_answer(request.user, post):
        context |= {"decline": decline or DeclineForm(), "seen": verbs.version_of(post)}
    elif definition.author_id == request.user.pk:
        context["answer_waits"] = post.amendment.is_open and post.amendment.answer_waits
    context |= visits.arrive(request, post, thread)
    if access.may_reply(request.user, post):
        context["form"] = ReplyForm(speaker=request.user)
    return render(request, "discussions/amendment_detail.html", context, status=status)


def _sides(proposed: Revision, definition: Post, *, is_open: bool) -> dict[str, Any]:
    """The definition today beside what is proposed; once that is answered, as it was then."""
    before = definition.published_revision if is_open else proposed.base
    if before is None:
        return {}
    text = pairs.split(words(before.body, proposed.body))
    tags = pairs.split(words(", ".join(before.tags), ", ".join(proposed.tags)))
    context: dict[str, Any] = {
        "before": before,
        "changes": pairs.changes([*before.clauses.all()], [*proposed.clauses.all()]),
        "text": text if before.body or proposed.body else None,
        "tags": tags if before.tags or proposed.tags else None,
    }
    return context | (_since(proposed.base, definition) if is_open else {})


def _since(base: Revision | None, definition: Post) -> dict[str, Any]:
    """What has changed in the definition since that version of it."""
    present = definition.published_revision
    if base is None or present is None or not definition.shown or base == present:
        return {}
    return {"base": base, "since": words(readable(base), readable(present))}
