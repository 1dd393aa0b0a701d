from typing import Any

from django.db import transaction

from discussions import from_essays
from discussions.search import index
from discussions.survey import surveys
from essays.management.commands.import_essays import Command as ImportEssays
from essays.models import Proposal


class Command(ImportEssays):
    """The import of the essays, with the definitions that they give as posts, what they say in the
    search index, and a survey on each term at once."""

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            super().handle(*args, **options)
            from_essays.publish_all()
            index.index_essays()
            index.index_definitions_of_essays()
            surveys.make_missing()

    def release(self, proposal: Proposal) -> None:
        from_essays.release(proposal)
