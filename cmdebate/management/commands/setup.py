from hashlib import sha256
from typing import Any

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, CommandParser, call_command
from django.db import transaction

from cmdebate import catalogue
from cmdebate.accounts.models import User
from cmdebate.management.people import create_person, new_password
from discussions.search import index

FIRST_PEOPLE = {
    "proprietaire": User.Role.OWNER,
    "animatrice": User.Role.COMMUNITY_MANAGER,
    "membre": User.Role.MEMBER,
}


class Command(BaseCommand):
    help = "Make the site ready to serve: safe to run again, and needed after every upgrade."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--first-people",
            action="store_true",
            default=settings.LOCAL,
            help="when nobody is registered yet, make an owner, a community manager and a member",
        )

    def handle(self, *, first_people: bool, **options: Any) -> None:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        catalogue.compile_translations()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        if not settings.DEBUG:
            self.collect_static()
        call_command("import_essays", stdout=self.stdout)
        index.bring_up_to_date()
        if first_people and not User.objects.exists():
            self.create_first_people()
        if mail_folder := getattr(settings, "EMAIL_FILE_PATH", None):
            self.stdout.write(f"Mail goes to files in {mail_folder}")

    def collect_static(self) -> None:
        """Compressing takes seconds, so it is done only when a file has changed."""
        seen = sha256(django.__version__.encode())
        for finder in get_finders():
            for path, storage in finder.list(ignore_patterns=[]):
                changed = storage.get_modified_time(path).timestamp()
                seen.update(f"{path} {storage.size(path)} {changed}\n".encode())
        stamp = settings.STATIC_ROOT / ".collected"
        if not stamp.exists() or stamp.read_text() != seen.hexdigest():
            call_command("collectstatic", verbosity=0, interactive=False)
            stamp.write_text(seen.hexdigest())

    def create_first_people(self) -> None:
        passwords = {name: new_password() for name in FIRST_PEOPLE}
        with transaction.atomic():
            for name, role in FIRST_PEOPLE.items():
                create_person(name, f"{name}@example.org", passwords[name], role)
        self.stdout.write("\nFirst accounts. Their passwords are shown only this once:\n\n")
        for name, role in FIRST_PEOPLE.items():
            self.stdout.write(f"  {name:<14}{passwords[name]}   {role.value.replace('_', ' ')}")
        self.stdout.write("")
