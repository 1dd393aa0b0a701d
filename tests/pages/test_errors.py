import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from cmdebate.pages import errors

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def english():
    with translation.override("en"):
        yield


@pytest.mark.django_db
def test_unknown_address_gets_our_page_in_its_language(client):
    french = client.get("/nulle-part/")
    english = client.get("/en/nowhere/")
    assert (french.status_code, english.status_code) == (404, 404)
    assert '<html lang="fr">' in french.text
    assert "Nothing at this address" in english.text


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["definitions:detail", "post"])
def test_missing_text_looks_like_any_missing_page(client, name):
    with translation.override("en"):
        missing = client.get(reverse(name, args=["nowhere"]))
    assert missing.status_code == 404
    assert "Nothing at this address" in missing.text


def test_failure_is_told_without_database_or_request(rf, english):
    page = errors.server_error(rf.get("/"))
    assert page.status_code == 500
    assert "Something went wrong here" in page.text


@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "latin-1", "unheard-of"])
def test_form_in_another_charset_is_refused(client, english, charset):
    page = client.generic("POST", "/en/compte/login/", b"login=a", f"{FORM}; charset={charset}")
    assert page.status_code == 400
    assert "This request cannot be read" in page.text


def test_unknown_host_is_refused(client):
    assert client.get("/", headers={"host": "elsewhere.example"}).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=UTF-8"])
@pytest.mark.parametrize("body", [b"login=%ff%fe&password=\xff\x00", b"%%%=&;=%ED%A0%80"])
def test_damaged_form_is_an_answer_not_a_failure(client, charset, body):
    assert client.generic("POST", "/compte/login/", body, FORM + charset).status_code == 200


@pytest.mark.django_db
class TestExpiredPage:
    def send(self, data, referer="http://testserver/en/definitions/proposer/"):
        client = Client(enforce_csrf_checks=True)
        return client.post("/en/compte/login/", data, headers={"referer": referer})

    def test_gives_back_what_was_written_and_no_password(self):
        page = self.send(
            {
                "body": "Un <b>texte</b> long",
                "reason": "Hors sujet",
                "clauses-0-text": "un hôte",
                "password": "a-secret",
                "body-blank": " ",
            }
        )
        assert page.status_code == 403
        assert page.context["typed"] == ["Un <b>texte</b> long", "Hors sujet", "un hôte"]
        assert "Un &lt;b&gt;texte&lt;/b&gt; long</textarea>" in page.text
        assert "a-secret" not in page.text

    def test_leads_back_to_the_page_it_came_from(self):
        page = self.send({})
        assert 'href="http://testserver/en/definitions/proposer/"' in page.text

    def test_never_leads_to_another_site(self):
        page = self.send({}, referer="https://elsewhere.example/")
        assert page.status_code == 403
        assert "elsewhere.example" not in page.text


def test_password_like_names_are_never_given_back():
    names = ["password", "password1", "login", "code", "email", "csrfmiddlewaretoken"]
    assert [name for name in names if errors.TYPED.fullmatch(name)] == []
