"""The cache in which attempts are counted."""

from datetime import UTC, datetime

import pytest
from django.core.cache import caches
from django.db import connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache():
    return caches["default"]


def rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache")
        return cursor.fetchone()[0]


def expire(key):
    past = connection.ops.adapt_datetimefield_value(datetime(2020, 1, 1, tzinfo=UTC))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cache SET expires = %s WHERE cache_key LIKE %s", [past, f"%{key}"])


def test_what_is_set_is_read_and_replaced(cache):
    cache.set("a", [1.5, 2.5], 60)
    assert cache.get("a") == [1.5, 2.5]
    cache.set("a", "é", 60)
    assert cache.get("a") == "é"
    assert rows() == 1


def test_a_lock_is_had_once(cache):
    assert cache.add("lock", True, 60) is True
    assert cache.add("lock", True, 60) is False
    cache.delete("lock")
    assert cache.add("lock", True, 60) is True


def test_a_lock_that_has_expired_is_had_again(cache):
    cache.add("lock", "first", 60)
    expire("lock")
    assert cache.add("lock", "second", 60) is True
    assert cache.get("lock") == "second"


def test_touch_keeps_what_is_there_and_makes_nothing(cache):
    assert cache.touch("a", 60) is False
    assert rows() == 0
    cache.set("a", 1, 60)
    assert cache.touch("a", 0) is True
    assert cache.get("a") is None


def test_never_is_never(cache):
    cache.set("a", 1, None)
    cache.purge()
    assert cache.get("a") == 1


def test_nothing_is_culled(cache):
    for number in range(400):  # Django forgets some of more than 300
        cache.set(f"address-{number}", number, 60)
    assert all(cache.get(f"address-{number}") == number for number in range(400))


def test_what_has_expired_is_purged_and_nothing_else(cache):
    cache.set("old", 1, 60)
    expire("old")
    cache.set("new", 2, 60)
    cache.purge()
    assert rows() == 1
    assert cache.get("new") == 2


def test_a_write_is_one_statement(cache, django_assert_num_queries):
    with django_assert_num_queries(3):
        cache.add("a", 1, 60)
        cache.set("a", 2, 60)
        cache.get("a")
