import getpass
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser
from django.core.management.base import no_translations
from django.db import transaction

from cmdebate import edition
from cmdebate.accounts.models import User, fold
from cmdebate.management.people import create_person, new_password


class Command(BaseCommand):
    help = "Make somebody a community manager: a member, or a newcomer with an e-mail address."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("email", nargs="?", help="only for somebody who is no member yet")
        parser.add_argument(
            "--ask-password", action="store_true", help="type the password instead of reading it"
        )

        parser.add_argument("--owner", action="store_true", help="make them the site's owner")

    @no_translations
    def handle(
        self, *, name: str, email: str | None, ask_password: bool, owner: bool, **options: Any
    ) -> None:
        role = User.Role.OWNER if owner else User.Role.COMMUNITY_MANAGER
        if member := User.objects.filter(name_key=fold(name)).first():
            self.promote(member, role)
        elif email:
            self.create(name, email, ask_password, role)
        else:
            raise CommandError(
                f"Nobody is called {name} here. Give an e-mail address to create an account."
            )

    def promote(self, member: User, role: User.Role) -> None:
        if member.role in (role, User.Role.OWNER):
            raise CommandError(f"{member.name} is already: {member.get_role_display()}.")
        if not member.is_active:
            raise CommandError(f"{member.name} has no active account.")
        with transaction.atomic():
            member.role = role
            member.save(update_fields=["role"])
            edition.turn()
        self.stdout.write(f"{member.name} is now: {role.label}.")

    def create(self, name: str, email: str, ask_password: bool, role: User.Role) -> None:
        if EmailAddress.objects.filter(email__iexact=email).exists():
            raise CommandError(f"{email} belongs to another account.")
        password = self.asked_password(name, email) if ask_password else new_password()
        try:
            person = create_person(name, email, password, role)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{person.name} is now: {role.label}.")
        if not ask_password:
            self.stdout.write(f"Password, shown only this once: {password}")

    def asked_password(self, name: str, email: str) -> str:
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Again: "):
            raise CommandError("These two passwords differ.")
        try:
            validate_password(password, User(name=name, email=email))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return password
