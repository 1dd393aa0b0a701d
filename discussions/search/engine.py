"""The questions to the index, as each database understands them.

Words hold letters and digits only and facets are ours (see words.py, texts.py): quoted, they
can't be taken for an operator.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from .query import Phrase, Query

Value = str | int | float

# Matches that PostgreSQL expects, from where its word is taken for it: fewer are soon counted, and
# what it expects of a small table may be long out of date.
VERY_COMMON = 50_000


@dataclass(frozen=True)
class Request:
    query: Query
    facets: tuple[str, ...] = ()
    # From the first to the last, in order of time; None: from whenever to whenever.
    keys: tuple[int, int] | None = None


@dataclass(frozen=True)
class Dialect:
    index: str
    with_texts: str
    key: str
    matches: str

    def expression(self, request: Request) -> str:
        raise NotImplementedError

    def expected(self, where: str, values: Sequence[Value]) -> int:
        """How many matches the database expects; 0 where it would have to count them."""
        return 0


class Sqlite(Dialect):
    def expression(self, request: Request) -> str:
        def column(name: str, phrases: Iterable[Phrase]) -> list[str]:
            return [f'({name} : "{" ".join(phrase)}")' for phrase in phrases]

        wanted = column("words", request.query.wanted)
        wanted += column("facets", [(facet,) for facet in request.facets])
        unwanted = column("words", request.query.unwanted)
        excluding = f" NOT ({' OR '.join(unwanted)})" if unwanted else ""
        return f"({' AND '.join(wanted)}){excluding}"


class Postgresql(Dialect):
    def expression(self, request: Request) -> str:
        def adjacent(phrase: Phrase) -> str:
            return "(" + " <-> ".join(f"'{word}'" for word in phrase) + ")"

        return " & ".join(
            [
                *map(adjacent, request.query.wanted),
                *(f"'{facet}'" for facet in request.facets),
                *(f"!{adjacent(phrase)}" for phrase in request.query.unwanted),
            ]
        )

    def expected(self, where: str, values: Sequence[Value]) -> int:
        ((plan,),) = _rows(
            f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {self.index} WHERE {where}",  # noqa: S608
            values,
        )
        return int(plan[0]["Plan"]["Plan Rows"])


DIALECTS = {
    "sqlite": Sqlite(
        index="discussions_searchwords",
        with_texts="discussions_searchwords JOIN discussions_searchdocument AS document"
        " ON document.id = discussions_searchwords.rowid",
        key="discussions_searchwords.rowid",
        matches="discussions_searchwords MATCH %s",
    ),
    "postgresql": Postgresql(
        index="discussions_searchdocument AS document",
        with_texts="discussions_searchdocument AS document",
        key="document.id",
        matches="document.vector @@ %s::tsquery",
    ),
}


class Found(NamedTuple):
    """A document that matches, as the results show it."""

    id: int
    post_id: int | None
    essay_id: int | None
    ref: str
    text: str
    score: float


def count(request: Request, limit: int) -> int:
    """How many documents match; no more than `limit` are counted.

    Of a very common word PostgreSQL knows without counting that there are many more: to find
    the first ones, its index would have to be read for all of them.
    """
    dialect, where, values = _where(request)
    if dialect.expected(where, values) > max(10 * limit, VERY_COMMON):
        return limit
    ((found,),) = _rows(
        f"SELECT count(*) FROM (SELECT 1 FROM {dialect.index} WHERE {where} LIMIT %s) AS found",  # noqa: S608
        [*values, limit],
    )
    return int(found)


def newest(request: Request, limit: int, offset: int) -> list[Found]:
    """Documents, the newest first."""
    dialect, where, values = _where(request)
    return _documents(
        f"SELECT {dialect.key} AS id, 0.0 AS score FROM {dialect.index} WHERE {where}"  # noqa: S608
        f" ORDER BY {dialect.key} DESC LIMIT %s OFFSET %s",
        [*values, limit, offset],
    )


def best(request: Request, limit: int, offset: int) -> list[Found]:
    """Documents, the best first: each that matches is read."""
    dialect, where, values = _where(request)
    score, words = _score(request.query.wanted)
    return _documents(
        f"SELECT {dialect.key} AS id, {score} AS score"  # noqa: S608
        f" FROM {dialect.with_texts} WHERE {where}"
        " ORDER BY score DESC, id DESC LIMIT %s OFFSET %s",
        [*words, *values, limit, offset],
    )


def _documents(hits: str, values: list[Value]) -> list[Found]:
    found = _rows(
        "SELECT document.id, post_id, essay_id, ref, text, score"  # noqa: S608
        f" FROM ({hits}) AS hit"
        " JOIN discussions_searchdocument AS document ON document.id = hit.id",
        values,
    )
    return sorted((Found(*row) for row in found), key=lambda f: (f.score, f.id), reverse=True)


def _where(request: Request) -> tuple[Dialect, str, list[Value]]:
    dialect = DIALECTS[connection.vendor]
    where, values = dialect.matches, [dialect.expression(request)]
    if request.keys:
        return dialect, f"{where} AND {dialect.key} BETWEEN %s AND %s", [*values, *request.keys]
    return dialect, where, [*values]


def _score(phrases: Sequence[Phrase]) -> tuple[str, list[Value]]:
    """How much a text is about the phrases, the same on both databases.

    As BM25 has it, for texts of 300 characters in the mean: a word counts less each time that
    it comes again, and less in a long text. All phrases are required, so that a rare one need
    not weigh more than a common one.
    """
    # How often: by how much shorter the text is without them. Never 0, if it matches.
    shorter = "nullif(length(document.words) - length(replace(document.words, %s, ' ')), 0)"
    length = "CAST(length(document.words) AS double precision)"  # or PostgreSQL counts in decimals
    one = f"coalesce(1 / (1 + (0.3 + {length} * 0.003) * %s / {shorter}), 0)"
    values: list[Value] = []
    for phrase in phrases:
        written = f" {' '.join(phrase)} "
        values += [len(written) - 1.0, written]
    return " + ".join([one] * len(phrases)), values


def _rows(sql: str, values: Sequence[Value]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
