import getpass
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from cmdebate.accounts.models import User
from cmdebate.management.people import create_person

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> list[str]:
    output = StringIO()
    call_command("create_moderator", *arguments, stdout=output)
    return output.getvalue().splitlines()


def test_a_newcomer_becomes_a_community_manager_who_can_sign_in() -> None:
    said, password = run("Zoé", "zoe@example.org")

    zoe = User.objects.get()
    assert said == "Zoé is now: community manager."
    assert zoe.role == User.Role.COMMUNITY_MANAGER
    assert zoe.check_password(password.removeprefix("Password, shown only this once: "))
    address = EmailAddress.objects.get(user=zoe)
    assert (address.email, address.verified, address.primary) == ("zoe@example.org", True, True)


def test_a_member_becomes_a_community_manager_and_keeps_the_password() -> None:
    create_person("Zoé", "zoe@example.org", "as it was", User.Role.MEMBER)

    assert run("ZOÉ") == ["Zoé is now: community manager."]

    zoe = User.objects.get()
    assert zoe.role == User.Role.COMMUNITY_MANAGER
    assert zoe.check_password("as it was")


def test_an_owner_is_made_the_same_way() -> None:
    assert run("Zoé", "zoe@example.org", "--owner")[0] == "Zoé is now: owner."
    assert User.objects.get().is_superuser


def test_a_password_can_be_typed_and_is_not_shown(monkeypatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "typed by hand 7")

    assert run("Zoé", "zoe@example.org", "--ask-password") == ["Zoé is now: community manager."]
    assert User.objects.get().check_password("typed by hand 7")


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (["Nobody"], "Nobody is called Nobody here."),
        (["two words", "new@example.org"], "without a space"),
        (["New", "no address"], "Enter a valid email address."),
        (["New", "owner@example.org"], "owner@example.org belongs to another account."),
        (["Owner"], "Owner is already: owner."),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(arguments, refusal: str) -> None:
    create_person("Owner", "owner@example.org", "secret", User.Role.OWNER)

    with pytest.raises(CommandError, match=refusal):
        run(*arguments)

    assert User.objects.count() == 1
