from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cmdebate.accounts.models import User
from discussions.filling.simulation import SimulationRefused, simulate
from essays.models import Essay


class Command(BaseCommand):
    help = "Fills a site with made-up members, definitions and replies, to measure with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--replies", type=int, default=1000)
        parser.add_argument("--members", type=int, default=200)
        parser.add_argument("--definitions", type=int, default=20)
        parser.add_argument("--seed", type=int, default=1, help="the same seed, the same debate")
        parser.add_argument("--essay", metavar="SLUG", help="the first one unless said otherwise")
        parser.add_argument(
            "--yes", action="store_true", help="also on a site that real people have joined"
        )

    def handle(
        self,
        *,
        replies: int,
        members: int,
        definitions: int,
        seed: int,
        essay: str | None,
        yes: bool,
        **options: Any,
    ) -> None:
        if members < 1 or replies < 0 or definitions < 0:
            raise CommandError("At least one member, and no less than nothing of the rest.")
        if not yes and has_real_members():
            raise CommandError(
                "Real people have joined this site, and what is made up here cannot be taken "
                "away again. If that is meant, say --yes."
            )
        chosen = Essay.objects.filter(slug=essay).first() if essay else Essay.objects.first()
        if chosen is None:
            raise CommandError(f"There is no essay {essay or 'yet'}. Run setup, or name another.")
        try:
            made = simulate(
                chosen, replies=replies, members=members, definitions=definitions, seed=seed
            )
        except SimulationRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"Made under “{chosen.slug}”: {made.replies} replies, {made.definitions} definitions, "
            f"{made.members} new members."
        )


def has_real_members() -> bool:
    """Whether anybody here has an address that mail could reach: no reserved one."""
    people = User.objects.all()
    for domain in (".invalid", "@example.org", ".test"):
        people = people.exclude(email__endswith=domain)
    return people.exists()
