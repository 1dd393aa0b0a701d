import pytest
from django.urls import reverse
from django.utils import translation

from cmdebate.accounts.models import User
from essays.models import Term

pytestmark = pytest.mark.django_db

PUBLIC = [
    *("home", "essays:list", "definitions:list", "definitions:words", "calls:list", "role"),
    *("claims", "survey", "rules", "record"),
]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def term():
    return Term.objects.create(slug="community-manager", headword="community manager", position=1)


@pytest.fixture
def community_manager():
    return User.objects.create_user("Agathe", "agathe@example.org", role="community_manager")


@pytest.mark.parametrize("name", PUBLIC)
def test_anonymous_page_has_no_cookie_and_no_token(client, name):
    page = client.get(reverse(name))
    assert page.status_code == 200
    assert not page.cookies
    assert "csrfmiddlewaretoken" not in page.text


def test_language_link_keeps_page_and_query(client):
    page = client.get(reverse("record"), {"page": "2", "q": "a&b"})
    assert (
        '<a href="/journal/?page=2&amp;q=a%26b" lang="fr" hreflang="fr">Français</a>' in page.text
    )
    assert 'hreflang="en" href="http://testserver/en/journal/">' in page.text
    assert 'rel="canonical" href="http://testserver/en/journal/">' in page.text


def test_current_place_is_marked(client):
    page = client.get(reverse("survey"))
    assert '<a href="/en/sondage/" aria-current="page">Survey</a>' in page.text
    assert page.text.count("aria-current") == 1


def test_desk_is_offered_to_community_managers_only(client, community_manager):
    desk = f'href="{reverse("moderation:desk")}"'
    assert desk not in client.get(reverse("rules")).text
    client.force_login(community_manager)
    assert desk in client.get(reverse("rules")).text
