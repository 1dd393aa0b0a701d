import re
import unicodedata

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import translation

from cmdebate.accounts.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "papier-et-vermillon-9"
LINK = re.compile(r"http://testserver(/\S+)")


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def elodie():
    user = User.objects.create_user("Élodie", "elodie@example.org", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def sign_up(client, name, email="new@example.org", password=PASSWORD):
    data = {"username": name, "email": email, "password1": password, "password2": password}
    return client.post(reverse("account_signup"), data)


def sign_in(client, login, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": login, "password": password})


def signed_in(client):
    return client.session.get("_auth_user_id")


def link_in(mail):
    (path, *_) = LINK.findall(mail.body)
    return path


@pytest.mark.parametrize("language", ["fr", "en"])
def test_newcomer_gets_mail_in_the_language_of_the_page(client, language):
    with translation.override(language):
        sign_up(client, "Colette")
    assert User.objects.get().language == language


def test_newcomer_signs_in_once_the_link_was_followed(client, mailoutbox):
    assert sign_up(client, "O'Neil").url == reverse("account_email_verification_sent")
    (mail,) = mailoutbox
    assert mail.subject == "cmdebate: confirm your address"
    assert mail.to == ["new@example.org"]
    assert mail.body.startswith("O'Neil gave this address to cmdebate.")

    sign_in(client, "O'Neil")
    assert signed_in(client) is None

    confirmation = link_in(mail)
    assert "new@example.org" in client.get(confirmation).text
    client.post(confirmation)
    sign_in(client, "O'Neil")
    assert signed_in(client) == str(User.objects.get().pk)


@pytest.mark.parametrize(
    "name", ["Élodie", "élodie", "ÉLODIE", unicodedata.normalize("NFD", "Élodie")]
)
def test_name_that_reads_alike_is_taken(client, elodie, name):
    page = sign_up(client, name)
    assert page.context["form"].errors == {
        "username": ["That name is taken, now or by somebody who has left."]
    }
    assert list(User.objects.all()) == [elodie]


@pytest.mark.parametrize("name", ["a b", "<script>", "@elodie", "-a", "a/b", "a" * 41, "a\0b"])
def test_bad_name_is_refused_at_its_field(client, name):
    page = sign_up(client, name)
    assert list(page.context["form"].errors) == ["username"]
    assert 'aria-invalid="true" aria-describedby="id_username_error"' in page.text
    assert 'href="#id_username"' in page.text
    assert not User.objects.exists()


def test_known_address_is_told_by_mail_only(client, elodie, mailoutbox):
    answer = sign_up(client, "Autre", email="elodie@example.org")
    assert answer.url == reverse("account_email_verification_sent")
    assert [mail.subject for mail in mailoutbox] == ["cmdebate: you have an account already"]
    assert list(User.objects.all()) == [elodie]


@pytest.mark.parametrize(
    "login",
    ["Élodie", "élodie", "ÉLODIE", unicodedata.normalize("NFD", "élodie"), "Elodie@Example.org"],
)
def test_member_signs_in_whatever_the_case(client, elodie, login):
    sign_in(client, login)
    assert signed_in(client) == str(elodie.pk)


def test_wrong_password_keeps_the_name_and_says_so(client, elodie):
    page = sign_in(client, "Élodie", "something-else")
    assert signed_in(client) is None
    assert page.context["form"].non_field_errors()
    assert 'role="alert"' in page.text
    assert 'value="Élodie"' in page.text


def test_forgotten_password_is_replaced(client, elodie, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": "elodie@example.org"})
    (mail,) = mailoutbox
    assert mail.subject == "cmdebate: choose a new password"
    form = client.get(link_in(mail), follow=True)
    new = "encore-plus-vermillon-7"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    sign_in(client, "Élodie", new)
    assert signed_in(client) == str(elodie.pk)


def test_reset_of_an_unknown_address_looks_the_same(client, elodie, mailoutbox):
    known = client.post(reverse("account_reset_password"), {"email": "elodie@example.org"})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [mail.to for mail in mailoutbox] == [["elodie@example.org"], ["nobody@example.org"]]
    assert mailoutbox[1].subject == "cmdebate: no account has this address"


def test_too_many_attempts_get_our_page(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    assert sign_in(client, "Nobody").status_code == 200
    page = sign_in(client, "Nobody")
    assert page.status_code == 429
    assert "Too many attempts" in page.text


def test_signing_out_is_a_post(client, elodie):
    client.force_login(elodie)
    client.get(reverse("account_logout"))
    assert signed_in(client) == str(elodie.pk)
    client.post(reverse("account_logout"))
    assert signed_in(client) is None


@pytest.mark.parametrize(
    "name", ["account_email", "account_change_password", "mfa_index", "usersessions_list"]
)
def test_account_page_opens_in_our_look(client, elodie, name):
    sign_in(client, "Élodie")
    page = client.get(reverse(name))
    assert page.status_code == 200
    assert '<div class="main account">' in page.text
    assert "style=" not in page.text


def test_second_factor_is_set_up_after_the_password_is_asked_again(client, elodie):
    sign_in(client, "Élodie")
    asked = client.get(reverse("mfa_activate_totp"))
    assert asked.url.startswith(reverse("account_reauthenticate"))
    page = client.post(asked.url, {"password": PASSWORD}, follow=True)
    assert page.redirect_chain[-1][0] == reverse("mfa_activate_totp")
    assert '<img class="account__code" src="data:image/svg+xml' in page.text
