"""The edition of the site: a number that rises whenever what visitors see changes.

The page cache holds pages of one edition only. Whatever changes a page that visitors may
see calls `turn` in the same transaction: the cache can't know otherwise.
"""

import sqlite3
from typing import TYPE_CHECKING, Any, Protocol, cast

from django.db import connection, transaction

from .models import Edition

if TYPE_CHECKING:
    import psycopg


_TURN = """
UPDATE cmdebate_edition SET number = number + 1
WHERE id = (SELECT id FROM cmdebate_edition ORDER BY id LIMIT 1{passing_by})
"""
_TURN_ON = {
    "sqlite": _TURN.format(passing_by=""),  # one lock for all: this transaction holds it
    "postgresql": _TURN.format(passing_by=" FOR UPDATE SKIP LOCKED"),
}


@transaction.atomic(savepoint=False)
def turn() -> None:
    """Begins a new edition, once the transaction around this is committed."""
    with connection.cursor() as cursor:
        cursor.execute(_TURN_ON[connection.vendor])
        if not cursor.rowcount:
            Edition.objects.create(number=1)


class Unknown(Exception):
    """The edition cannot be read now."""


class Reader(Protocol):
    def read(self) -> int:
        """The edition that is committed at this moment, whoever committed it."""

    def close(self) -> None: ...


_QUERY = "SELECT COALESCE(SUM(number), 0) FROM cmdebate_edition"


class SQLiteReader:
    """Asks SQLite whether anybody has committed anything; the table only if so."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.connection: sqlite3.Connection | None = None
        self.data_version = self.edition = -1

    def read(self) -> int:
        try:
            if self.connection is None:
                self.connection = sqlite3.connect(
                    self.path, isolation_level=None, check_same_thread=False
                )
                self.data_version = -1
            (data_version,) = self.connection.execute("PRAGMA data_version").fetchone()
            if data_version != self.data_version:
                (self.edition,) = self.connection.execute(_QUERY).fetchone()
                self.data_version = data_version
        except sqlite3.Error as error:
            self.close()
            raise Unknown from error
        return self.edition

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None


class PostgreSQLReader:
    """Asks the table each time, in the cheapest way there is: a statement made ready once."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.parameters = parameters
        # Not imported above: a site on SQLite would hold its 9 MB for nothing.
        self.driver = cast(Any, connection).Database
        self.connection: psycopg.Connection | None = None

    def read(self) -> int:
        try:
            if self.connection is None:
                self.connection = self.driver.connect(**self.parameters, autocommit=True)
                self.connection.pgconn.prepare(b"edition", _QUERY.encode())
            result = self.connection.pgconn.exec_prepared(b"edition", [])
            value = result.get_value(0, 0)
            if value is None:
                raise Unknown(result.error_message)
        except (self.driver.Error, Unknown) as error:
            self.close()
            raise Unknown from error
        return int(value)

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None


def reader() -> Reader | None:
    """A reader with a connection of its own; None where no other one could see the data."""
    if connection.vendor == "postgresql":
        parameters = connection.get_connection_params()
        for of_django in ("cursor_factory", "context", "prepare_threshold"):
            parameters.pop(of_django, None)
        return PostgreSQLReader(parameters)
    path = str(connection.settings_dict["NAME"])
    return None if "memory" in path else SQLiteReader(path)
