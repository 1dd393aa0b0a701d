"""Makes the search index anew, while the site goes on."""

from typing import Any

from django.core.management.base import BaseCommand

from discussions.search import index


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{index.rebuild()} essay(s) and post(s) can be searched.")
