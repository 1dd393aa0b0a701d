"""The verbs of the survey: answer it, and answer it again after an essay."""

from uuid import UUID

from django.db import transaction

from cmdebate import edition
from discussions import posting
from discussions.models import Answer, Post, Survey
from discussions.models.posts import Wording
from essays.models import Essay

from . import keys


class AnswerRefused(Exception):
    """Nothing was kept; the view says why."""


class Closed(AnswerRefused):
    """The survey takes no answer now."""


class AlreadyAnswered(AnswerRefused):
    """This browser has answered; what it said stands."""


class NotYetAnswered(AnswerRefused):
    """This browser has no first answer that another one could follow."""


def answer(
    survey: Survey, key: str, generation: str, choice: str, text: str = "", *, form_key: UUID
) -> Answer:
    """The first answer of the browser of that key. Nothing in it says who gave it."""
    given = Answer(survey=survey, generation=generation, choice=choice)
    return _keep(given, key, text, form_key)


def answer_again(
    survey: Survey, key: str, essay: Essay, choice: str, text: str = "", *, form_key: UUID
) -> Answer:
    """The second and last one, after reading an essay."""
    given = Answer(survey=survey, choice=choice, essay=essay)
    return _keep(given, key, text, form_key)


@transaction.atomic
def _keep(given: Answer, key: str, text: str, form_key: UUID) -> Answer:
    # One at a time, so that neither a browser nor a form is counted twice.
    survey = Survey.objects.select_for_update().get(pk=given.survey_id)
    given.browser, given.form = keys.digest(key), keys.digest(str(form_key))
    if sent := Answer.objects.filter(form=given.form).first():
        return sent
    if not survey.is_open:
        raise Closed
    before = list(survey.answers.filter(browser=given.browser).order_by("pk"))
    if (given.essay is None and before) or len(before) > 1:
        raise AlreadyAnswered
    if given.essay:
        if not before:
            raise NotYetAnswered
        given.first, given.generation = before[0], before[0].generation
    if text:
        posting.send(Post(kind=Post.Kind.ANSWER), Wording(text), beside=given)
    else:
        given.save()
    edition.turn()
    return given


def own(survey: Survey, key: str) -> list[Answer]:
    """What the browser of that key has answered, with its texts as they are now.

    Whoever holds the key wrote them: nobody else has had it, and the site keeps its digest only.
    """
    if not key:
        return []
    answers = survey.answers.filter(browser=keys.digest(key)).order_by("pk")
    return list(
        answers.select_related(
            "essay",
            "post__pending_revision",
            "post__published_revision",
            "post__restriction__payload",
            "post__restriction__by",
        ).defer("essay__text")
    )
