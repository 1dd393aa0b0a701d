"""The cache that allauth counts attempts in: shared by all processes, and never culled.

Django's would count all rows before each write, and forget a third of them, limits on sign-in
among them, as soon as a few hundred addresses are known. Here a write is one statement, and
only what has expired goes, by the clock.
"""

import base64
import pickle
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.utils import timezone


class CounterCache(DatabaseCache):
    def _base_set(
        self, mode: str, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT
    ) -> bool:
        end = self.get_backend_timeout(timeout)
        expires = datetime.max if end is None else datetime.fromtimestamp(end, tz=UTC)
        row = [key, base64.b64encode(pickle.dumps(value)).decode(), _adapted(expires)]
        table = connection.ops.quote_name(self._table)  # type: ignore[attr-defined]
        if mode == "touch":
            sql, row = f"UPDATE {table} SET expires = %s WHERE cache_key = %s", [row[2], key]  # noqa: S608
        else:
            sql = (
                f"INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s) "  # noqa: S608
                "ON CONFLICT (cache_key) DO UPDATE "
                "SET value = excluded.value, expires = excluded.expires"
            )
            if mode == "add":
                sql += f" WHERE {table}.expires < %s"
                row.append(_adapted(timezone.now()))
        with connection.cursor() as cursor:
            cursor.execute(sql, row)
            return bool(cursor.rowcount)

    def purge(self) -> None:
        """Deletes what has expired."""
        table = connection.ops.quote_name(self._table)  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [_adapted(timezone.now())])  # noqa: S608


def _adapted(moment: datetime) -> Any:
    """To the second, as Django's own reading of the table supposes."""
    return connection.ops.adapt_datetimefield_value(moment.replace(microsecond=0))
