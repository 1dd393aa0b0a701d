import pytest
from django.urls import reverse

from cmdebate.accounts.models import User
from tests.essays.factories import EssayFactory, TermFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client):
    user = User.objects.create_superuser("Odile", "odile@example.org", "une longue phrase de passe")
    client.force_login(user)
    return client


@pytest.mark.parametrize("factory", [EssayFactory, TermFactory])
def test_admin_shows_a_row_and_changes_nothing(owner, factory):
    row = factory.create()
    name = f"admin:essays_{row._meta.model_name}"
    address = reverse(f"{name}_change", args=[row.pk])
    assert owner.get(reverse(f"{name}_changelist")).status_code == 200
    assert owner.get(address).status_code == 200
    assert owner.post(address, {"slug": "autre"}).status_code == 403
    assert owner.get(reverse(f"{name}_add")).status_code == 403
    assert owner.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert type(row).objects.get(pk=row.pk).slug == row.slug
