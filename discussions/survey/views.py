"""The survey and its results, the same for everybody; and its form, a page of its own."""

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from discussions.models import Answer, Survey
from discussions.terms import of_term
from discussions.views import cursor_in
from essays.models import Term

from . import answering, keys, observations, results, surveys, texts
from .forms import AnswerForm, SecondAnswerForm


@login_not_required
@require_safe
@of_term
def survey(request: HttpRequest, term: Term | None) -> HttpResponse:
    """No cookie and no token: what a browser has answered stands on the page of the form."""
    survey = surveys.on(term)
    context: dict[str, Any] = {"term": term, "survey": survey}
    if survey:
        after, start = cursor_in(request, "apres"), cursor_in(request, "depuis")
        context |= {
            "results": results.of(survey),
            "observed": observations.on(survey),
            "page": texts.page(request.user, survey, after=after, start=start),
        }
    return render(request, "survey/survey.html", context)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_term
def survey_answer(request: HttpRequest, term: Term | None) -> HttpResponse:
    """The form, or what this browser has answered and what became of it."""
    survey = surveys.on(term)
    if survey is None:
        return redirect(term.address("survey") if term else "survey")
    key = keys.read(request)
    own = answering.own(survey, key)
    form = _form(survey, own)
    if request.method == "POST":
        sent = _sent(survey, request)
        if sent.is_valid() and not ratelimit.consume(request, action="survey"):
            sent.add_error(
                None,
                _("Many answers have come from your network within the hour. Try again later."),
            )
        elif sent.is_valid():
            try:
                return _take(survey, key, sent)
            except answering.AnswerRefused as refusal:
                messages.warning(request, _say(refusal))
                return redirect(survey.form_address)
        if type(sent) is not type(form):
            messages.warning(request, _say(answering.AlreadyAnswered()))
            return redirect(survey.form_address)
        form = sent
    return render(
        request,
        "survey/survey_answer.html",
        {"term": term, "survey": survey, "answers": own, "form": form},
        status=422 if form and form.is_bound else 200,
    )


def _form(survey: Survey, own: list[Answer]) -> AnswerForm | None:
    """What this browser can still answer."""
    if not survey.is_open or len(own) > 1:
        return None
    if not own:
        return AnswerForm()
    return SecondAnswerForm(survey) if survey.term.essays.exists() else None


def _sent(survey: Survey, request: HttpRequest) -> AnswerForm:
    if "essay" in request.POST:
        return SecondAnswerForm(survey, request.POST)
    return AnswerForm(request.POST)


def _take(survey: Survey, key: str, form: AnswerForm) -> HttpResponse:
    said = form.cleaned_data
    form_key = said["key"]
    # The first form is the browser's key from now on: sent twice at the same moment, both are
    # of one browser.
    key = key or str(form_key)
    if isinstance(form, SecondAnswerForm):
        answering.answer_again(
            survey, key, said["essay"], said["choice"], said["text"], form_key=form_key
        )
    else:
        answering.answer(
            survey, key, said["generation"], said["choice"], said["text"], form_key=form_key
        )
    response = redirect(survey.form_address)
    keys.keep(response, key, survey)
    return response


def _say(refusal: answering.AnswerRefused) -> str:
    if isinstance(refusal, answering.Closed):
        return _("The survey is closed: it takes no more answers.")
    if isinstance(refusal, answering.NotYetAnswered):
        return _("Answer once before you read; this browser has no first answer.")
    return _("You have already answered from this browser. That answer stands, unchanged.")
