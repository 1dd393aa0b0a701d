"""The policy at the desk: its values, what others would change, and setting them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _

from discussions import access, duties, policies
from discussions.models import Post, Revision
from discussions.moderation import replay
from discussions.moderation.decisions import DecisionRefused, Incomplete
from discussions.moderation.guards import moderators_only
from discussions.policy import Policy, Reason
from essays.models import Term

from .forms import PolicyForm, mark_of
from .verbs import PolicyChanged, set_policy

# Of a text in which a word was found, the letters before and after it that are shown.
AROUND = 80


@moderators_only
def policy(request: HttpRequest) -> HttpResponse:
    """Other values are tried on past texts first, and only then set."""
    if request.method != "POST":
        return _page(request, PolicyForm.showing(policies.current(), policies.number()))
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    tried = form.policy()
    if "set" not in request.POST:
        return _page(request, _again(form, tried=mark_of(tried)), tried)
    if form.cleaned_data["tried"] != mark_of(tried):
        messages.warning(
            request,
            _("You have changed the values since you tried them: this is what they would do."),
        )
        return _page(request, _again(form, tried=mark_of(tried)), tried, status=422)
    try:
        entry = set_policy(
            access.member(request),
            tried.values(),
            form.cleaned_data["reason"].strip(),
            seen=form.cleaned_data["seen"],
        )
    except PolicyChanged as refusal:
        messages.error(request, str(refusal.message))
        return _page(request, _again(form, seen=str(policies.number()), tried=""), status=422)
    except Incomplete as refusal:
        form.say_missing(refusal.fields)
        return _page(request, form, tried, status=422)
    except DecisionRefused as refusal:
        messages.error(request, str(refusal.message))
        return _page(request, form, tried, status=422)
    if entry is None:
        messages.info(request, _("These values are in force already: nothing has changed."))
        return redirect("moderation:policy")
    messages.success(
        request,
        format_html(
            _('In force from now on: <a href="{record}">entry {number} of the record</a>.'),
            record=entry.get_absolute_url(),
            number=entry.number,
        ),
    )
    assert entry.policy
    return redirect(entry.policy)


def _again(form: PolicyForm, **hidden: str) -> PolicyForm:
    """The form as it was filled in, with other values where nobody types."""
    return PolicyForm(dict(form.data.items()) | hidden)


def _page(
    request: HttpRequest, form: PolicyForm, tried: Policy | None = None, status: int = 200
) -> HttpResponse:
    now = policies.current()
    context: dict[str, Any] = {
        "form": form,
        "number": policies.number(),
        "may_set": access.member(request).decides,
        "sides": duties.sides_of(Term.objects.site_term(), duties.HAVE_IT_READ),
    }
    if tried:
        context |= {"changes": policies.changes(now, tried), "words": _words(now, tried)}
        context |= _replayed(request, now, tried)
    elif form.is_bound and form.is_valid():
        # Somebody else was quicker: what is typed here against what is in force now.
        context |= {"differing": policies.changes(now, form.policy())}
    return render(request, "moderation/policy.html", context, status=status)


def _words(now: Policy, tried: Policy) -> dict[str, list[str]]:
    return {
        "added": [word for word in tried.words if word not in now.words],
        "taken": [word for word in now.words if word not in tried.words],
    }


def _replayed(request: HttpRequest, now: Policy, tried: Policy) -> dict[str, Any]:
    made = replay.replay(now, tried)
    shown = [each for difference in (made.more, made.fewer) for each, *_more in difference.examples]
    texts = [revision for revision, _text in made.found]
    found = Revision.objects.filter(post__in=Post.objects.visible_to(request.user))
    found = found.select_related("post__author", "post__definition__source")
    posts = {each.pk: each.post for each in found.filter(pk__in=[*shown, *texts])}
    return {
        "replay": made,
        "differences": [
            {
                "name": name,
                "made": difference,
                "published": difference.outcomes[replay.Outcome.STANDS],
                "outcomes": _counted(replay.Outcome, difference.outcomes),
                "reasons": _counted(Reason, difference.reasons),
                "examples": [
                    {
                        "post": posts[revision],
                        "outcome": outcome.label,
                        "reasons": [reason.label for reason in verdict.reasons],
                    }
                    for revision, outcome, verdict in difference.examples
                    if revision in posts
                ],
            }
            for name, difference in (("more", made.more), ("fewer", made.fewer))
        ],
        "by_word": [(word, made.words[word]) for word in tried.words],
        "found": [
            {"post": posts[revision], "excerpt": _excerpt(tried, text)}
            for revision, text in made.found
            if revision in posts
        ],
    }


def _counted(choices: Any, counts: Any) -> list[tuple[str, int]]:
    """In words, the most frequent first."""
    return [(str(choices(value).label), count) for value, count in counts.most_common()]


def _excerpt(tried: Policy, text: str) -> tuple[str, str, str]:
    """The first word that is found, with what stands before and after it."""
    begins, ends = tried.places_in(text)[0]
    start, stop = max(0, begins - AROUND), ends + AROUND
    before = ("… " if start else "") + text[start:begins]
    after = text[ends:stop] + (" …" if stop < len(text) else "")
    return before, text[begins:ends], after
