"""The role and the claims of the essays: who says what, where, and what stands against it."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from essays.models import Claim, Essay, OriginalComment
from tests.essays.conftest import DebateFolder
from tests.essays.factories import ClaimFactory, DutyFactory, TermFactory
from tests.factories import UserFactory, act, client_of, passage_of, published, reply

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def folder(tmp_path):
    folder = DebateFolder(tmp_path)
    call_command("import_essays", folder.path, stdout=StringIO())
    return folder


def test_role_has_each_duty_with_who_claims_and_who_refuses_it(client, folder):
    sides = client.get(reverse("role")).context["sides"]
    assert [
        (
            side.duty.name,
            [claim.exact for claim in side.claiming],
            [claim.exact for claim in side.refusing],
        )
        for side in sides
    ] == [
        ("animer", ["Premier"], ["Un commentaire"]),
        ("veiller", [], ["Un commentaire"]),
    ]


def test_claims_stand_by_duty_beside_what_contradicts_them(client, folder):
    groups = client.get(reverse("claims")).context["groups"]
    assert [
        (
            group.duty.name,
            row.claim.ref,
            [(other.claim.ref, other.pair.kind) for other in row.against],
        )
        for group in groups
        for row in group.rows
    ] == [
        ("animer", "a1", [("a2", "frontal")]),
        ("veiller", "a2", [("a1", "frontal")]),
    ]


@pytest.mark.parametrize("name", ["role", "claims"])
def test_words_lead_to_their_place_and_to_a_discussion(client, folder, name):
    page = client.get(reverse(name)).text
    claim = Claim.objects.get(ref="a1")
    start = reverse("passage_create", args=["un-titre"])
    assert 'href="/en/essais/un-titre/#p1"' in page
    assert 'href="/en/essais/un-titre/#c1"' in page
    assert f'href="{start}?de={claim.start}&amp;a={claim.end}"' in page
    assert "un commentaire (A, d’après la réponse), ironique" in page
    assert "one reader’s judgement" in page
    member = client_of(UserFactory.create())
    assert member.get(f"{start}?de={claim.start}&a={claim.end}").status_code == 200


@pytest.mark.parametrize("name", ["role", "claims"])
def test_discussed_words_say_how_many_replies_and_lead_there(client, folder, name):
    passage = passage_of(Essay.objects.get(), "Premier")
    before = client.get(reverse(name)).text
    waiting = reply(passage)
    assert client.get(reverse(name)).text == before
    published(waiting)
    page = client.get(reverse(name)).text
    assert f'<a href="{waiting.thread.passage.get_absolute_url()}">1 reply</a>' in page
    act("hide", waiting)
    assert client.get(reverse(name)).text == before


@pytest.mark.parametrize("name", ["role", "claims"])
@pytest.mark.parametrize("role", ["member", "community_manager"])
def test_claims_of_a_hidden_comment_are_on_no_page(folder, name, role):
    client = client_of(UserFactory.create(role=role))
    assert "Un commentaire" in client.get(reverse(name)).text
    comment = OriginalComment.objects.get(ref="c1")
    act("hide", comment)
    page = client.get(reverse(name)).text
    assert "Un commentaire" not in page
    assert "d’après la réponse" not in page and "Il ne veille pas" not in page
    act("restore", comment)
    assert "Un commentaire" in client.get(reverse(name)).text


@pytest.mark.parametrize("name", ["role", "claims"])
def test_page_without_claims_says_so(client, name):
    TermFactory.create()
    page = client.get(reverse(name))
    assert page.status_code == 200
    assert "Nobody has noted yet" in page.text


def test_pages_are_of_the_first_term(client):
    first, other = TermFactory.create_batch(2)
    own = ClaimFactory.create(duty=DutyFactory.create(term=first))
    ClaimFactory.create(duty=DutyFactory.create(term=other))
    (group,) = client.get(reverse("claims")).context["groups"]
    assert [row.claim for row in group.rows] == [own]
    (side,) = client.get(reverse("role")).context["sides"]
    assert side.duty == own.duty


def test_claims_of_two_essays_may_have_one_name(client):
    duty = DutyFactory.create()
    one, other = (ClaimFactory.create(duty=duty, ref="a1") for _i in range(2))
    page = client.get(reverse("claims")).text
    assert all(page.count(f'id="{claim.essay.number}-a1"') == 1 for claim in (one, other))
