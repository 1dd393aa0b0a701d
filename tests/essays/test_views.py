import pytest
from django.urls import reverse

from tests.essays.factories import TEXT, OriginalCommentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def comment():
    return OriginalCommentFactory.create(essay__slug="un-essai")


def test_source_is_the_text_as_received(client, comment):
    response = client.get("/essais/un-essai/source.txt")
    assert response.content == TEXT.encode()
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Content-Language"] == "fr"
    assert "Content-Disposition" not in response.headers


def test_source_that_has_not_changed_is_not_sent_again(client, comment):
    address = reverse("essays:source", args=["un-essai"])
    etag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    comment.state, comment.withheld_by = "hidden", 7
    comment.save()
    response = client.get(address, headers={"If-None-Match": etag})
    assert response.status_code == 200
    assert b"commentaire num\xc3\xa9ro 1." not in response.content


def test_source_of_no_essay_is_not_found(client):
    assert client.get("/essais/un-essai/source.txt").status_code == 404


def test_source_is_only_read(client, comment):
    assert client.post("/essais/un-essai/source.txt").status_code == 405
