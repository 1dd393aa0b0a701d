"""How commands make members: with a verified address, and a password shown once."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.crypto import get_random_string

from cmdebate.accounts.models import User


def new_password() -> str:
    # Letters and digits that cannot be taken for one another when copied by hand.
    return get_random_string(16, "abcdefghjkmnpqrstuvwxyz23456789")


@transaction.atomic
def create_person(name: str, email: str, password: str, role: User.Role) -> User:
    person = User(name=name, email=email, role=role)
    person.set_password(password)
    person.full_clean(exclude=["name_key"])
    person.save()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person
