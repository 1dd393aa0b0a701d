"""Pages and forms through which members write, edit, withdraw, vote."""

from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from essays.models import Essay, OriginalComment, Term

from . import (
    access,
    definitions,
    markdown,
    mentions,
    posting,
    quotations,
    reading,
    shown,
    tags,
    threads,
    votes,
)
from .calls import voting
from .drafts import for_members, kept
from .forms import (
    BLANK_CLAUSES,
    DefinitionEditForm,
    DefinitionForm,
    Draft,
    QuoteForm,
    ReplyEditForm,
    ReplyForm,
    clause_forms,
    initial_clauses,
)
from .models import Call, Post
from .models.posts import Wording
from .terms import of_term
from .views import in_place

Cleaned = dict[str, Any]
FormClass = Callable[..., forms.Form]


@for_members
@of_term
def definition_create(request: HttpRequest, term: Term | None) -> HttpResponse:
    """With ?definition=, one that does something with that other one."""
    call = _call_asked_for(request)
    term = call.term if call else term
    if term is None:
        raise Http404
    answered = definitions.find(request.GET.get("definition", ""), term)

    def send(cleaned: Cleaned) -> Post:
        author = access.member(request)
        with transaction.atomic():
            post = posting.propose_definition(
                author, term, wording_of(cleaned), form_key=cleaned["key"]
            )
            if call:
                _enter(request, call, post)
            return post

    return compose(
        request,
        "discussions/definition_form.html",
        {"term": term, "call": call, "answered": answered},
        form_class=partial(DefinitionForm, term=term),
        initial={"related": definitions.name_of(answered)} if answered else None,
        clauses=BLANK_CLAUSES,
        send=send,
    )


def _call_asked_for(request: HttpRequest) -> Call | None:
    """The call that a definition is written for, if the address names one that is open."""
    asked = request.GET.get("appel", "").replace("\0", "")
    visible = Post.objects.visible_to(request.user).filter(kind=Post.Kind.CALL, public_id=asked)
    call = Call.objects.select_related("term", "post").filter(post__in=visible).first()
    return call if call and call.is_open(timezone.now()) else None


def _enter(request: HttpRequest, call: Call, post: Post) -> None:
    """The definition is kept, whatever has become of the call meanwhile."""
    try:
        voting.enter(access.member(request), call, post)
    except posting.PostingRefused as refusal:
        messages.warning(request, say(refusal))
    else:
        messages.success(request, _("Your definition is entered for the call."))


@for_members
def essay_reply(request: HttpRequest, slug: str) -> HttpResponse:
    essay = threads.essay_with_thread(slug)
    return _reply(request, essay, essay)


@for_members
def comment_reply(request: HttpRequest, slug: str, ref: str) -> HttpResponse:
    comment = get_object_or_404(
        OriginalComment.objects.select_related("essay"), essay__slug=slug, ref=ref
    )
    if not access.may_read_comment(request.user, comment):
        raise Http404
    return _reply(request, comment, comment.essay)


@for_members
def post_reply(request: HttpRequest, public_id: str) -> HttpResponse:
    post = in_place(request, public_id)
    answerable = access.may_reply(request.user, post)
    if request.method != "POST" and not answerable:
        return redirect(post)
    quoted = post.published_revision if "citer" in request.GET and answerable else None
    if quoted is None or post.kind != Post.Kind.REPLY:
        return _reply(request, post, None)
    return _reply(
        request,
        post,
        None,
        form_class=partial(QuoteForm, quoted=quoted),
        initial={"quote": quotations.offered(request.GET["citer"], quoted)},
    )


def _reply(
    request: HttpRequest,
    subject: Essay | OriginalComment | Post,
    essay: Essay | None,
    *,
    form_class: FormClass = ReplyForm,
    initial: dict[str, Any] | None = None,
) -> HttpResponse:
    def send(cleaned: Cleaned) -> Post:
        return posting.reply(
            access.member(request),
            subject,
            cleaned["body"],
            form_key=cleaned["key"],
            quoting=cleaned.get("quote"),
            in_role=cleaned.get("in_role", False),
        )

    return compose(
        request,
        "discussions/reply_form.html",
        {"subject": subject, "essay": essay, "thread": reading.ahead(subject)},
        form_class=partial(form_class, speaker=request.user),
        initial=initial,
        send=send,
    )


@for_members
def post_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    post = own(request, public_id)
    if post.kind == Post.Kind.AMENDMENT:
        return redirect("amendment_edit", post.public_id)
    if post.kind == Post.Kind.PROMPT:
        return redirect("prompt_edit", post.public_id)
    is_definition = post.kind == Post.Kind.DEFINITION
    latest = post.latest_revision
    initial = {"body": latest.body, "tags": ", ".join(latest.tags), "seen": post.version}
    if latest.related:
        initial |= {
            "relation": latest.relation,
            "related": definitions.name_of(latest.related),
        }

    def send(cleaned: Cleaned) -> Post:
        return posting.edit(
            post,
            access.member(request),
            wording_of(cleaned),
            seen=cleaned["seen"],
        )

    return compose(
        request,
        "discussions/post_edit.html",
        {"post": post, "term": post.term},
        form_class=partial(DefinitionEditForm, term=post.term, post=post)
        if is_definition
        else ReplyEditForm,
        initial=initial,
        clauses=initial_clauses(latest) if is_definition else None,
        send=send,
    )


@for_members
def post_withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    post = own(request, public_id)
    if request.method == "POST":
        try:
            posting.withdraw(post, access.member(request))
        except posting.PostingRefused as refusal:
            messages.error(request, say(refusal))
        else:
            messages.success(
                request,
                _(
                    "Your text is withdrawn. You and the community managers can still read it; "
                    "nobody else can."
                ),
            )
        return redirect(post)
    return render(request, "discussions/post_withdraw.html", {"post": post})


def own(request: HttpRequest, public_id: str) -> Post:
    """The post, if this member wrote it and may change it now."""
    written = Post.objects.visible_to(request.user).filter(author=access.member(request))
    post = shown.get(request.user, written, public_id)
    if not access.may_change(request.user, post):
        raise Http404
    return post


@for_members
@require_POST
def discussion_open(request: HttpRequest, public_id: str) -> HttpResponse:
    post = in_place(request, public_id)
    try:
        posting.open_discussion(post, access.member(request))
    except posting.PostingRefused as refusal:
        messages.error(request, say(refusal))
        return redirect(post)
    messages.success(request, _("The discussion is open. New answers to this text come here."))
    return redirect("discussion", post.public_id)


@for_members
@require_POST
def vote(request: HttpRequest) -> HttpResponse:
    """A member's word on a reply. A page's one form holds the buttons of all its replies."""
    useful = "useful" in request.POST
    public_id = request.POST.get("useful" if useful else "not_useful", "").replace("\0", "")
    post = get_object_or_404(Post.objects.visible_to(request.user).replies(), public_id=public_id)
    said = ""
    if not ratelimit.consume(request, action="vote"):
        said = _("That is many votes in a short time. Wait a moment.")
    else:
        try:
            votes.cast(access.member(request), post, useful)
        except votes.VoteRefused:
            said = _("You can’t vote on this text: it is yours, or no longer shown.")
    if "application/json" in request.headers.get("Accept", ""):
        post.refresh_from_db()
        mine = (
            post.votes.filter(voter=access.member(request)).values_list("useful", flat=True).first()
        )
        figures = {"useful": post.useful, "not_useful": post.not_useful, "mine": mine}
        return JsonResponse(figures | {"said": said}, status=403 if said else 200)
    if said:
        messages.error(request, said)
    return redirect(_back(request, post))


def _back(request: HttpRequest, post: Post) -> str:
    """The page that the vote came from, at the reply."""
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()):
        return f"{address.partition('#')[0]}#{post.anchor}"
    return post.get_absolute_url()


@login_not_required
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What the Markdown editor asks for while one types."""
    if not request.user.is_authenticated:
        # Not the way to the sign-in page: it would be shown as the preview.
        return HttpResponse(status=403)
    if not ratelimit.consume(request, action="preview"):
        return HttpResponse(status=429)
    if "content" not in request.POST:
        return HttpResponseBadRequest()
    content = request.POST["content"]
    return HttpResponse(markdown.render(content, mentions.addresses_in(content)))


@login_not_required
@require_safe
def suggestions(request: HttpRequest, what: str) -> HttpResponse:
    """Names of members, or tags, to choose from while a member types one."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    if not ratelimit.consume(request, action="names"):
        return HttpResponse(status=429)
    start = request.GET.get("debut", "")[:40].replace("\0", "")
    suggested = tags.suggested if what == "tags" else mentions.suggested
    return JsonResponse({"names": suggested(start)})


def wording_of(cleaned: Cleaned) -> Wording:
    """What a form of a text says."""
    return Wording(
        body=cleaned["body"],
        clauses=tuple(cleaned.get("clauses", ())),
        tags=tuple(cleaned.get("tags", ())),
        relation=cleaned.get("relation", ""),
        related=cleaned.get("related"),
    )


def compose(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    form_class: FormClass,
    send: Callable[[Cleaned], Post],
    initial: dict[str, Any] | None = None,
    clauses: list[dict[str, str]] | None = None,
) -> HttpResponse:
    """The one way a text is written: shown, given another clause, previewed, checked, sent.

    `clauses` are the rows to begin with, or None where there are none.
    """
    form = form_class(initial=initial)
    formset = None if clauses is None else clause_forms(initial=clauses)
    sent = request.method == "POST" and not {"more", "preview"} & request.POST.keys()
    typed = request.POST if request.method == "POST" else kept(request)
    if sent:
        form = form_class(request.POST)
        formset = formset and clause_forms(request.POST, term=context.get("term"))
        if form.is_valid() and (formset is None or formset.is_valid()):
            extra = {"clauses": formset.clauses()} if formset else {}
            try:
                _check_address(request)
                post = send(form.cleaned_data | extra)
            except posting.PostingRefused as refusal:
                form.add_error(None, say(refusal))
            else:
                _acknowledge(request, post)
                return redirect(post)
    elif typed:
        draft = Draft(form_class, typed, more="more" in typed)
        form, formset = draft.form, formset and draft.clauses
    read_over = typed.get("body", "") if typed and "preview" in typed and not sent else ""
    read_over = markdown.render(str(read_over), mentions.addresses_in(str(read_over)))
    context |= {"form": form, "clauses": formset, "preview": read_over}
    return render(request, template, context, status=422 if sent else 200)


class TooManyFromAddress(posting.PostingRefused):
    """More texts than one address may send."""


def _check_address(request: HttpRequest) -> None:
    if not ratelimit.consume(request, action="post"):
        raise TooManyFromAddress


def _acknowledge(request: HttpRequest, post: Post) -> None:
    if not post.is_waiting:
        messages.success(request, _("Your text is published."))
        return
    assert post.pending_revision
    messages.success(
        request,
        _(
            "Your text is kept and waits for a community manager. %(why)s "
            "You will find it here and on your page."
        )
        % {"why": " ".join(post.pending_revision.why_held)},
    )


def say(refusal: posting.PostingRefused) -> str:
    """Why a text was not taken, to the one who sent it."""
    if refusal.message:
        return str(refusal.message)
    if isinstance(refusal, TooManyFromAddress):
        return _("Many texts have come from your network within the hour. Try again later.")
    if isinstance(refusal, posting.TooManyPosts):
        return _("That is many texts in a short time. Wait a moment, then send this one again.")
    if isinstance(refusal, posting.Changed):
        return _(
            "This text has changed since you opened it, here or in another window. Yours is "
            "kept below; compare it with the present one before you send it again."
        )
    return _("This can no longer be answered or changed: it has been hidden or withdrawn.")
