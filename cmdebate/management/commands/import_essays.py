from typing import Any

from django.db import transaction

from discussions.search import index
from essays.management.commands.import_essays import Command as ImportEssays


class Command(ImportEssays):
    """The import of the essays, and what they say in the search index at once."""

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            super().handle(*args, **options)
            index.index_essays()
