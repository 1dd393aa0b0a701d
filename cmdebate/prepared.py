"""Questions to the database whose SQL is put together once.

Django builds the SQL of a query set anew each time it is asked, which for the page of a thread
takes longer than everything the database does for it. A `Prepared` is the SQL of one query set
in which some values were left open. What it asks is still said by the query set: by the same
methods, so with the same rules on who may see what.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import chain, islice, repeat
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Field, QuerySet
from django.db.models.expressions import Expression
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler


class Given(Expression):
    """A value that a query set is given each time it is asked.

    With `length`, it stands after `__in` for a list of one to that many values.
    """

    def __init__(
        self, name: str, field: Field[Any, Any] | None = None, *, length: int | None = None
    ) -> None:
        super().__init__(output_field=field or BigIntegerField())
        self.name, self.length = name, length

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        places = "%s" if self.length is None else f"({', '.join(['%s'] * self.length)})"
        return places, (self,)

    def parameters(self, value: Any) -> Iterator[Any]:
        """What goes into its place; a short list is filled up with its last value."""
        values = [value] if self.length is None else value
        length = self.length or 1
        if not 0 < len(values) <= length:
            raise ValueError(f"{len(values)} values given for {self.name}, of 1 to {length}")
        prepared = [self.output_field.get_db_prep_value(each, connection) for each in values]
        return islice(chain(prepared, repeat(prepared[-1])), length)


class Prepared:
    """A query set to be asked for again and again, with other values each time.

    Without `one_plan`, PostgreSQL plans it for the values each time: where they decide whether
    an index leads to a few rows or through a whole table.
    """

    def __init__(self, queryset: "QuerySet[Any, Any]", *, one_plan: bool = True) -> None:
        self.compiler = queryset.query.get_compiler(connection=connection)
        self.sent = _planned_once if one_plan else nullcontext
        with self.sent():  # Django writes types where the server would not know them
            self.sql, self.parameters = _with_literals(*self.compiler.as_sql())
        columns = [expression for expression, *_ in self.compiler.select]
        self.converters = self.compiler.get_converters(columns)

    def rows(self, **given: Any) -> list[list[Any]]:
        """The values of each row."""
        parameters: list[Any] = []
        for part in self.parameters:
            if isinstance(part, Given):
                parameters += part.parameters(given[part.name])
            else:
                parameters.append(part)
        with self.sent(), connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            rows = cursor.fetchall()
        return list(self.compiler.apply_converters(rows, self.converters))

    def objects(self, **given: Any) -> list[Any]:
        """An object for each row, with those it was selected with."""
        model = self.compiler.klass_info
        columns = model["select_fields"]
        names = [self.compiler.select[column][0].target.attname for column in columns]
        others = get_related_populators(  # type: ignore[call-arg]  # typed for a later Django
            model, self.compiler.select, connection.alias
        )
        found = []
        for row in self.rows(**given):
            values = [row[column] for column in columns]
            found.append(model["model"].from_db(connection.alias, names, values))
            for other in others:
                other.populate(row, found[-1])
        return found


def _with_literals(sql: str, parameters: Sequence[Any]) -> tuple[str, list[Any]]:
    """With what is never given anew written into the SQL: a plan that is made before values are
    known can then use an index for that part of a table."""
    start, *texts = sql.split("%s")
    written, left = [start], []
    for part in parameters:
        places = (part.length or 1) if isinstance(part, Given) else 1
        if isinstance(part, int) and not isinstance(part, bool):
            place = str(int(part))
        elif isinstance(part, str) and part.isidentifier():  # as the names of states are
            place = f"'{part}'"
        else:
            place = "%s"
            left.append(part)
        for text in texts[:places]:
            written += [place, text]
        del texts[:places]
    return "".join(written), left


@contextmanager
def _planned_once() -> Iterator[None]:
    """On PostgreSQL, has what is asked here prepared on the server, with one plan for all values.

    All else is sent with its values in it, so that its plan is made for them.
    """
    if connection.vendor != "postgresql":
        yield
        return
    from django.db.backends.postgresql.base import Cursor, ServerBindingCursor

    connection.ensure_connection()
    driver: Any = connection.connection
    features: Any = connection.features
    driver.cursor_factory, driver.prepare_threshold = ServerBindingCursor, 0
    features.uses_server_side_binding = True
    try:
        yield
    finally:
        features.uses_server_side_binding = False
        driver.cursor_factory, driver.prepare_threshold = Cursor, None
