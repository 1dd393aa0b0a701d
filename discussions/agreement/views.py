"""The page on which a definition is agreed or disagreed with, clause by clause."""

from collections import defaultdict
from typing import Any
from uuid import UUID, uuid4, uuid5

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cmdebate.accounts.models import User

from .. import access, posting, shown
from ..composing import say
from ..drafts import for_members
from ..models import Clause, Label, Post, Reaction
from ..models.definitions import Figures
from ..small_groups import shown_groups
from ..views import cursor_in, in_place
from . import tally, verbs
from .forms import OpinionForm, PositionForm, opinion_forms

Forms = list[tuple[Clause, OpinionForm]]
QUICK = {"agree": Reaction.Stance.AGREE, "disagree": Reaction.Stance.DISAGREE}


@login_not_required
def opinions(request: HttpRequest, public_id: str) -> HttpResponse:
    """What members think of each clause, and the form in which one says it."""
    if request.method == "POST":
        return _say(request, public_id)
    return _read(request, public_id)


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def _say(request: HttpRequest, public_id: str) -> HttpResponse:
    post = _definition(request, public_id)
    if not post.may_be_reacted_to:
        raise Http404
    if not ratelimit.consume(request, action="react"):
        messages.error(request, _("That is many views in a short time. Wait a moment."))
        return redirect("definitions:opinions", public_id)
    for name, stance in QUICK.items():
        if name in request.POST:
            return _say_at_once(request, post, request.POST[name], stance)
    if request.POST.get("seen") != str(post.published_revision_id):
        # What was not on that page would seem to be taken back.
        messages.error(request, _changed())
        return redirect("definitions:opinions", public_id)
    forms = opinion_forms(_clauses(post), _labels_of(request, post), request.POST)
    if all([form.is_valid() for _clause, form in forms]):
        try:
            _keep(request, post, forms)
        except verbs.ReactionRefused:
            messages.error(request, _changed())
        except posting.PostingRefused as refusal:
            messages.error(request, say(refusal))
        else:
            messages.success(request, _("What you think is kept. You may change it at any time."))
            return redirect("definitions:opinions", public_id)
    return _read(request, public_id, forms, status=422)


def _say_at_once(request: HttpRequest, post: Post, key: str, stance: str) -> HttpResponse:
    """A button beside a clause; the same word again takes it back."""
    for clause in _clauses(post):
        if str(clause.pk) == key:
            word = "" if clause.my_stance == stance else stance
            try:
                verbs.react(access.member(request), post, clause, word)
            except verbs.ReactionRefused:
                break
            return redirect(_back(request, post, clause))
    messages.error(request, _changed())
    return redirect(post)


def _changed() -> str:
    return _("This clause has changed since, or is no longer shown. Read it again.")


def _keep(request: HttpRequest, post: Post, forms: Forms) -> None:
    member = access.member(request)
    message = _message(request, post)
    key = _form_key(request)
    with transaction.atomic():
        for clause, form in forms:
            said = form.cleaned_data
            if form.has_changed():
                verbs.react(
                    member,
                    post,
                    clause,
                    said["stance"],
                    swayed_by=message,
                    reason=said["reason"],
                    form_key=uuid5(key, str(clause.pk)),
                )
                verbs.label(member, post, clause, said["labels"])


def _form_key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()


def _read(
    request: HttpRequest, public_id: str, forms: Forms | None = None, status: int = 200
) -> HttpResponse:
    post = _definition(request, public_id)
    if post.shown is None or not post.was_public:
        raise Http404
    clauses = _clauses(post)
    context: dict[str, Any] = {
        "post": post,
        "may_react": post.may_be_reacted_to,
        "message": _message(request, post),
        "key": request.POST.get("key") or uuid4(),
        "earlier": _earlier(post),
    }
    if context["may_react"] and forms is None:
        forms = opinion_forms(clauses, _labels_of(request, post))
    by_clause = dict(forms or [])
    groups = _groups(clauses)
    tally.with_labels(clauses)
    context["rows"] = [
        {
            "clause": clause,
            "form": by_clause.get(clause),
            "groups": groups.get(clause.first_id, []),
        }
        for clause in clauses
    ]
    return render(request, "discussions/opinions.html", context, status=status)


def _definition(request: HttpRequest, public_id: str) -> Post:
    post = in_place(request, public_id)
    if post.kind != Post.Kind.DEFINITION:
        raise Http404
    tally.with_mine(request.user, [post])
    return post


def _clauses(post: Post) -> list[Clause]:
    return list(post.shown.clauses.all()) if post.shown else []


def _message(request: HttpRequest, post: Post) -> Post | None:
    """The reply that has changed this person's mind, if they came from one."""
    name = request.POST.get("message") or cursor_in(request, "message")
    if not name or not request.user.is_authenticated:
        return None
    found = Post.objects.visible_to(request.user).filter(
        public_id=name.replace("\0", ""), thread__post=post
    )
    message = next(iter(shown.of(request.user, found)), None)
    return message if message and access.may_sway(request.user, message, post) else None


def _labels_of(request: HttpRequest, post: Post) -> dict[int, list[str]]:
    """What this member said that each clause lacks."""
    found: dict[int, list[str]] = defaultdict(list)
    mine = Label.objects.filter(
        member=access.member(request), clause__in=[c.first_id for c in _clauses(post)]
    )
    for clause, kind in mine.order_by("kind").values_list("clause", "kind"):
        found[clause].append(kind)
    return found


def _groups(clauses: list[Clause]) -> dict[int, list[tuple[str, Figures]]]:
    """What each position thinks of each clause, where enough of them have said so."""
    names = [*User.Position.choices, ("", _("no position declared"))]
    found = {}
    for clause, by_position in tally.by_clause([c.first_id for c in clauses]).items():
        large = shown_groups({name: figures.total for name, figures in by_position.items()})
        found[clause] = [
            (str(name), by_position[position]) for position, name in names if position in large
        ]
    return found


def _earlier(post: Post) -> list[Clause]:
    """Clauses that readers read once, with what was thought of them: the text has changed."""
    present = {clause.first_id for clause in _clauses(post)}
    then = Clause.objects.filter(
        revision__post=post, revision__published_at__isnull=False, origin=None
    ).exclude(pk__in=present)
    return [clause for clause in then.order_by("-pk") if any(clause.figures)]


def _back(request: HttpRequest, post: Post, clause: Clause) -> str:
    """The page that the button stands on, at the clause."""
    address = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()):
        address = post.get_absolute_url()
    return f"{address.partition('#')[0]}#c{clause.pk}"


@require_http_methods(["GET", "HEAD", "POST"])
def position(request: HttpRequest) -> HttpResponse:
    """From where a member speaks. It is shown of nobody: it is counted."""
    member = access.member(request)
    form = PositionForm(request.POST or None, initial={"position": member.position})
    if request.method == "POST":
        form = PositionForm(request.POST)
        if form.is_valid():
            verbs.declare(member, form.cleaned_data["position"])
            messages.success(request, _("Kept. Your views count under it from now on."))
            return redirect("position")
    return render(
        request,
        "account/position.html",
        {"form": form},
        status=422 if form.errors else 200,
    )
