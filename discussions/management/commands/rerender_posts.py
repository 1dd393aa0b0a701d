"""Renders again what an older renderer made, so that every page shows the present one's HTML."""

from typing import Any

from django.core.management.base import BaseCommand

from cmdebate import edition
from discussions import markdown, mentions
from discussions.models import Revision


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        stale = Revision.objects.exclude(renderer=markdown.RENDERER).order_by("pk")
        count = 0
        for revision in stale.iterator(chunk_size=500):
            Revision.objects.filter(pk=revision.pk).update(
                html=markdown.render(revision.body, mentions.addresses_in(revision.body)),
                renderer=markdown.RENDERER,
            )
            count += 1
        if count:
            edition.turn()
        self.stdout.write(f"{count} text(s) rendered again.")
