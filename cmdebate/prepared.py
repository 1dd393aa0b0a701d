"""Questions to the database whose SQL is put together once.

Django builds the SQL of a query set anew each time it is asked, which for the page of a thread
takes longer than everything the database does for it. A `Prepared` is the SQL of one query set
in which some values were left open. What it asks is still said by the query set: by the same
methods, so with the same rules on who may see what.
"""

from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, Field, QuerySet
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler


class _Place(NamedTuple):
    """Where in the parameters a value goes."""

    given: "Given"
    index: int | None  # of a list's element


class Given(Expression):
    """A value of a query set that is given each time it is asked; a list of them, if `length`."""

    def __init__(
        self, name: str, field: Field[Any, Any] | None = None, *, length: int | None = None
    ) -> None:
        super().__init__(output_field=field or BigIntegerField())
        self.name, self.length = name, length

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[_Place]]:
        if self.length is None:
            return "%s", [_Place(self, None)]
        places = [_Place(self, index) for index in range(self.length)]
        return f"({', '.join(['%s'] * self.length)})", places


class Prepared:
    """A query set of values to be asked for again and again, with other values each time."""

    def __init__(self, queryset: "QuerySet[Any, Any]") -> None:
        self.compiler = queryset.query.get_compiler(connection=connection)
        self.sql, self.parameters = self.compiler.as_sql()
        columns = [expression for expression, *_ in self.compiler.select]
        self.converters = self.compiler.get_converters(columns)

    def rows(self, **given: Any) -> list[list[Any]]:
        """What it finds. A list that is shorter than its place goes on with its last value."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [_value(part, given) for part in self.parameters])
            rows = cursor.fetchall()
        return list(self.compiler.apply_converters(rows, self.converters))


def _value(part: Any, given: dict[str, Any]) -> Any:
    if not isinstance(part, _Place):
        return part
    value = given[part.given.name]
    if part.index is not None:
        value = value[min(part.index, len(value) - 1)]
    return part.given.output_field.get_db_prep_value(value, connection)
