"""Which survey is asked, and its wording."""

from django.db import transaction

from cmdebate import edition
from discussions.models import Survey
from essays.models import Term


def on(term: Term | None) -> Survey | None:
    return getattr(term, "survey", None)


@transaction.atomic
def make_missing() -> None:
    """Gives each term its survey. Called when essays, and with them terms, are brought in."""
    for term in Term.objects.filter(survey=None):
        Survey.objects.create(term=term)
        edition.turn()


@transaction.atomic
def change(survey: Survey) -> None:
    """Keeps what its owner has changed."""
    survey.save()
    edition.turn()
