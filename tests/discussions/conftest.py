from collections.abc import Iterator

import pytest
from django.utils import translation

from cmdebate.accounts.models import User
from essays.models import Essay, Term
from tests.essays.factories import EssayFactory, TermFactory
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def term(db: None) -> Term:
    return TermFactory.create(headword="community manager")


@pytest.fixture
def essay(db: None) -> Essay:
    return EssayFactory.create()


@pytest.fixture
def member(db: None) -> User:
    return UserFactory.create(name="Marthe")


@pytest.fixture
def moderator(db: None) -> User:
    return UserFactory.create(name="Agathe", community_manager=True)
