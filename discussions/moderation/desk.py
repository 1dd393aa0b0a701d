"""The desk: the queue, one case at a time, the acts on it."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import Exists
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cmdebate.accounts.models import User, fold
from discussions import access, shown
from discussions.models import (
    Action,
    Case,
    Decision,
    Note,
    Post,
    ReadyReason,
    RecordHead,
    Suggestion,
    Target,
    Thread,
)
from discussions.models.decisions import ON_MEMBERS, ON_THREADS, RESTRICTIONS, STATED
from discussions.models.targets import named
from essays.models import OriginalComment

from . import around, queue, recusal
from .decisions import (
    ChangedSince,
    DecisionRefused,
    Incomplete,
    acts_now,
    decide,
    suggest,
    version_of,
)
from .forms import DAYS, DecisionForm, StatementForm
from .guards import moderators_only
from .queue import Item, Place
from .recusal import Recusal
from .statements import EXPLAINED, Statement
from .undoing import UNDO_TIME, may_undo, undo

# One key for each act: the letter of its French name, where it is free.
KEYS = {
    Action.APPROVE: "a",
    Action.REFUSE: "n",
    Action.HIDE: "m",
    Action.RESTORE: "t",
    Action.REWRITE: "r",
    Action.KEEP: "g",
    Action.ERASE: "e",
    Action.WARN: "v",
    Action.SILENCE: "s",
    Action.EXCLUDE: "x",
    Action.LIFT: "l",
    Action.SHUT: "f",
    Action.SLOW: "d",
    Action.REOPEN: "o",
}
# What to do with several texts at once: of each pair, what its state allows.
ON_SEVERAL = {
    "approve": (Action.APPROVE, Action.KEEP),
    "hide": (Action.REFUSE, Action.HIDE),
}
NOTE_LENGTH = 2000


class Act(NamedTuple):
    """A button of the desk."""

    action: Action
    key: str
    fields: str  # of the statement that it owes, for the script


@moderators_only
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What waits, and the first item open; with ?liste=masques, what is hidden."""
    return _render(request)


@moderators_only
def post_case(request: HttpRequest, public_id: str) -> HttpResponse:
    return _case(request, _post(request, public_id))


@moderators_only
def comment_case(request: HttpRequest, slug: str, ref: str) -> HttpResponse:
    comments = OriginalComment.objects.select_related("essay")
    return _case(request, get_object_or_404(comments, essay__slug=slug, ref=ref))


@moderators_only
def member_case(request: HttpRequest, name: str) -> HttpResponse:
    people = User.objects.filter(left_at=None)
    return _case(request, get_object_or_404(people, name_key=fold(name.replace("\0", ""))))


@moderators_only
def thread_case(request: HttpRequest, pk: int) -> HttpResponse:
    threads = Thread.objects.select_related("restriction__payload", *queue.THREAD_SUBJECTS)
    return _case(request, get_object_or_404(threads.defer(*queue.THREAD_TEXTS), pk=pk))


def _post(request: HttpRequest, public_id: str) -> Post:
    """The post, with all that is shown around it."""
    return shown.get(request.user, Post.objects.visible_to(request.user), public_id)


def _case(request: HttpRequest, target: Target) -> HttpResponse:
    """One thing and the decision on it."""
    if request.method != "POST":
        return _render(request, target)
    if "note" in request.POST:
        return _note(request, target)
    form = DecisionForm(request.POST)
    seen = ""
    if form.is_valid():
        case = Case.objects.filter(**named(target)).first()
        try:
            said = _do(request, target, form)
        except Incomplete as refusal:
            form.say_missing(refusal.fields)
        except DecisionRefused as refusal:
            # Not an error of the form: there is none where nothing can be decided any more.
            messages.error(request, str(refusal.message))
            seen = form.cleaned_data["seen"] if isinstance(refusal, ChangedSince) else ""
        else:
            messages.success(request, said)
            return _go_on(request, target, case)
    # As it is now, which may be why the decision was refused.
    if isinstance(target, Post):
        target = _post(request, target.public_id)
    else:
        target.refresh_from_db()
    return _render(request, target, form=form, seen=seen, status=422)


def _do(request: HttpRequest, target: Target, form: DecisionForm) -> str:
    """Decides, or for a trainee proposes; what is then said of it."""
    user = access.member(request)
    action, seen = Action(form.cleaned_data["action"]), form.cleaned_data["seen"]
    if not user.decides:
        suggest(action, target, user, seen=seen, said=form.statement())
        return _("Proposed: somebody who decides will see it at the top of the case.")
    confirmed = Suggestion.objects.filter(**named(target), decision=None, action=action).first()
    proposer = confirmed.by if confirmed and "suggestion" in request.POST else None
    entry = decide(action, target, user, seen=seen, said=form.statement(), proposer=proposer)
    return format_html(
        _('Done: {act}, <a href="{record}">entry {number} of the record</a>.'),
        act=entry.get_action_display(),
        record=entry.get_absolute_url(),
        number=entry.number,
    )


def _go_on(request: HttpRequest, target: Target, case: Case | None) -> HttpResponse:
    """The next item opens by itself; what was in no queue stays open."""
    place = Place.of(request)
    opened: str | None = queue.address_of(target)
    if case is not None:
        found = queue.next_for(access.member(request), place, case)
        opened = found.address if found else None
    query = place.at(1).query
    return redirect(f"{opened}{query}#case" if opened else f"{reverse('moderation:desk')}{query}")


def _note(request: HttpRequest, target: Target) -> HttpResponse:
    body = request.POST["note"].strip()[:NOTE_LENGTH]
    if body:
        Note.objects.create(**named(target), by=access.member(request), body=body)
        messages.success(request, _("Your note is kept; other moderators read it, nobody else."))
    return redirect(f"{request.get_full_path()}#notes")


@moderators_only
@require_POST
def undo_decision(request: HttpRequest, number: int) -> HttpResponse:
    decision = get_object_or_404(
        Decision.objects.select_related("post"), number=number, post__isnull=False
    )
    assert decision.post
    try:
        entry = undo(decision, access.member(request))
    except DecisionRefused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(
            request,
            format_html(
                _(
                    "Undone: entry {undone} is taken back by "
                    '<a href="{record}">entry {number} of the record</a>.'
                ),
                undone=decision.number,
                record=entry.get_absolute_url(),
                number=entry.number,
            ),
        )
    return redirect(f"{queue.address_of(decision.post)}#case")


@moderators_only
@require_POST
def presence(request: HttpRequest) -> JsonResponse:
    """A page that stays open says so now and then, and is told who else looks at what."""
    user = access.member(request)
    key = request.POST.get("case", "")
    if key.isascii() and key.isdecimal():
        case = Case.objects.filter(pk=int(key[:12])).first()
        if case:
            queue.look(user, case)
    return JsonResponse({"lookers": queue.lookers(user)})


@moderators_only
@require_POST
def several(request: HttpRequest) -> HttpResponse:
    """One act on each of the cases that are ticked, for one reason, with an entry each."""
    user = access.member(request)
    form = StatementForm(request.POST, prefix="several")
    offered = ON_SEVERAL.get(request.POST.get("together", ""))
    ticked = dict(tick.split(":", 1) for tick in request.POST.getlist("case") if ":" in tick)
    keys = [int(key) for key in ticked if key.isascii() and key.isdecimal()][: queue.LENGTH]
    if not keys:
        messages.error(request, _("Tick the cases to decide on first."))
    if not offered or not keys or not form.is_valid():
        return _render(request, several=form, ticked=set(ticked.values()), status=422)
    items = queue.read(user, Case.objects.filter(pk__in=keys))
    said, entries = form.statement(), []
    if len(items) < len(keys):
        messages.error(request, _("Some of the cases that you ticked were decided on meanwhile."))
    left: set[str] = set()
    for item in items:
        assert item.case
        try:
            entries.append(_one_of_several(user, item, offered, ticked[str(item.case.pk)], said))
        except Incomplete as refusal:
            left.add(item.tick)
            _say_missing_once(form, refusal)
        except DecisionRefused as refusal:
            left.add(item.tick)
            messages.error(
                request,
                _("%(name)s: %(why)s") % {"name": item.name, "why": refusal.message},
            )
    if entries:
        messages.success(request, _told_of(entries))
    if left:
        return _render(request, several=form, ticked=left, status=422)
    return redirect(f"{reverse('moderation:desk')}{Place.of(request).at(1).query}")


def _one_of_several(
    user: User, item: Item, offered: tuple[Action, ...], seen: str, said: Statement
) -> Decision:
    possible = acts_now(item.target)
    action = next((action for action in offered if action in possible), offered[0])
    return decide(action, item.target, user, seen=seen, said=said)


def _say_missing_once(form: StatementForm, refusal: Incomplete) -> None:
    new: dict[str, str | Promise] = {
        name: said for name, said in refusal.fields.items() if name not in form.errors
    }
    form.say_missing(new)


def _told_of(entries: list[Decision]) -> str:
    numbers = sorted(entry.number for entry in entries)
    if len(numbers) == 1:
        return _("Done: entry %(number)d of the record.") % {"number": numbers[0]}
    return _("Done: %(count)d decisions, entries %(first)d to %(last)d of the record.") % {
        "count": len(numbers),
        "first": numbers[0],
        "last": numbers[-1],
    }


def _render(
    request: HttpRequest,
    target: Target | None = None,
    *,
    form: DecisionForm | None = None,
    seen: str = "",
    several: StatementForm | None = None,
    ticked: set[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    user, place = access.member(request), Place.of(request)
    items, has_next = queue.page_of(user, place)
    if place.page > 1 and not items:  # it has got shorter since
        place = place.at(1)
        items, has_next = queue.page_of(user, place)
    head, is_open = _head(), target is not None
    if target is None and items:
        chosen = queue.first_for(user, items) or items[0]
        target = chosen.target
    context: dict[str, Any] = {
        "items": items,
        "place": place,
        "reasons": _filters(head, place),
        "waiting_count": Case.objects.count(),
        "oldest": Case.objects.order_by("since").first(),
        "latest": Decision.objects.select_related("payload", "by")[:4],
        "head": head,
        "target": target,
        # Whether the case was asked for; a small screen shows the queue or the case.
        "is_open": is_open,
        "last_act": _last_act(user),
        "several": several or StatementForm(prefix="several"),
        "several_open": several is not None,
        "ticked": ticked or set(),
        "keys": [(action.label, key) for action, key in KEYS.items()],
        "queue_pages": {
            "previous": place.at(place.page - 1).query or "?" if place.page > 1 else "",
            "next": place.at(place.page + 1).query if has_next else "",
        },
    }
    if target is not None:
        context |= _about(request, user, target, form, seen)
        context |= _beside(items, target, place)
        if is_open and context["case"]:
            queue.look(user, context["case"])
    return render(request, "moderation/desk.html", context, status=status)


def _head() -> RecordHead:
    """The end of the record, with which reasons something waits for: a look-up in an index for
    each, however many cases there are."""
    waiting = {
        f"waits_{code}": Exists(Case.objects.filter(reason=code)) for code, _label in queue.REASONS
    }
    return RecordHead.objects.annotate(**waiting).get()


def _filters(head: RecordHead, place: Place) -> list[tuple[str, str, str]]:
    """Those that find something, each with its query."""
    if place.hidden:
        return []
    return [
        (code, str(label), Place(reason=code).query)
        for code, label in queue.REASONS
        if code == place.reason or getattr(head, f"waits_{code}")
    ]


def _last_act(user: User) -> Decision | None:
    """What this person has just done, while they may take it back."""
    since = timezone.now() - UNDO_TIME
    last = (
        Decision.objects.filter(by=user, at__gt=since, post__isnull=False)
        .select_related("post__author", "post__definition__source")
        .first()
    )
    return last if last and last.post and may_undo(last, user, last.post) else None


def _beside(items: list[Item], target: Target, place: Place) -> dict[str, Any]:
    """The cases before and after this one in the queue."""
    at = next((n for n, item in enumerate(items) if item.target == target), -1)
    previous = items[at - 1] if at > 0 else None
    following = items[at + 1] if at + 1 < len(items) else None
    return {
        "position": at,
        "previous_case": previous and f"{previous.address}{place.query}#case",
        "next_case": following and f"{following.address}{place.query}#case",
    }


def _about(
    request: HttpRequest, user: User, target: Target, form: DecisionForm | None, seen: str
) -> dict[str, Any]:
    """All that the case says of its target."""
    case = Case.objects.filter(**named(target)).select_related("looked_by").first()
    why = recusal.of(user, target)
    alone = why is not None and recusal.nobody_else(user, target)
    barred = why if not alone else None
    acts = _acts(user, target, barred)
    context: dict[str, Any] = {
        "case": case,
        "case_name": queue.name_of(target),
        "case_url": f"{queue.address_of(target)}{Place.of(request).query}",
        "kind": Item(target, timezone.now(), []).kind,
        "why": queue.reasons_of(case) if case else [],
        "looker": queue.looked_by_another(user, case) if case else None,
        "recusal": barred,
        "alone": why if alone else None,
        "version": version_of(target),
        "typed": form,
        **around.of(user, target),
    }
    # What others say of somebody's own text is not for them, unless nobody else could decide.
    if barred not in (Recusal.OWN, Recusal.SELF):
        context |= around.kept(target)
    if isinstance(target, Post):
        context["changes"] = around.changes(target, seen)
        context["rival"] = acts and not barred and _rival(user, target)
        if context["rival"]:
            acts = [act for act in acts if act.action not in RESTRICTIONS]
    if isinstance(target, Thread):
        context["thread_subject"] = queue.subject_of(target)
    context["acts"] = acts
    if acts:
        context |= _statement(request, target, acts, form, context.get("suggestion"))
    context["undoable"] = _undoable(user, target)
    return context


def _acts(user: User, target: Target, barred: Recusal | None) -> list[Act]:
    if barred:
        return []
    return [
        Act(action, KEYS.get(action, ""), " ".join(sorted(Statement().missing(action))))
        for action in acts_now(target)
    ]


def _rival(user: User, post: Post) -> Recusal | None:
    if post.kind != Post.Kind.DEFINITION:
        return None
    return recusal.bars(user, post, Action.HIDE)


def _undoable(user: User, target: Target) -> Decision | None:
    """The last entry on it, while this person may take it back."""
    if not isinstance(target, Post):
        return None
    last = target.decisions.order_by("number").last()
    return last if last and may_undo(last, user, target) else None


def _statement(
    request: HttpRequest,
    target: Target,
    acts: list[Act],
    form: DecisionForm | None,
    suggestion: Suggestion | None,
) -> dict[str, Any]:
    """The form of a decision: what was typed, or a ready reason, or what a trainee proposes."""
    actions = {act.action for act in acts}
    ready = list(ReadyReason.objects.all())
    wanted = request.GET.get("motif", "")
    chosen = next((reason for reason in ready if str(reason.pk) == wanted), None)
    initial: dict[str, Any] = {}
    if suggestion:
        said = Statement.of(suggestion.said)
        initial = suggestion.said | {"days": _days(said, suggestion)}
    if chosen:
        initial = {"ground": chosen.ground, "facts": chosen.facts, "reason": chosen.reason}
    form = form or DecisionForm(initial=initial)
    names = _fields(target, actions)
    return {
        "form": form,
        "fields": [form[name] for name in names],
        "ready": ready if "ground" in names else [],
        "chosen": chosen,
        # Where a text may simply be let through, the statement stays folded until it is needed.
        "statement_open": bool(form.errors or initial) or Action.APPROVE not in actions,
    }


def _fields(target: Target, actions: set[Action]) -> list[str]:
    """Those of the statement that one of these acts needs."""
    stated = not actions.isdisjoint(STATED)
    needed = {
        "ground": stated,
        "rule": stated,
        "facts": stated,
        "reason": stated or not actions.isdisjoint(EXPLAINED),
        "marked": stated and isinstance(target, Post),
        "days": not actions.isdisjoint({*ON_MEMBERS, *ON_THREADS}),
    }
    return [name for name, holds in needed.items() if holds]


def _days(said: Statement, suggestion: Suggestion) -> int | None:
    """For how long a trainee would have it, as the form offers it."""
    if not said.until:
        return None
    meant = (said.until - suggestion.at).total_seconds() / 86400
    return min(DAYS, key=lambda days: abs(days - meant))
