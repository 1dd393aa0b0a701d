"""What can be searched, with what answers a query on each database.

A later migration that changes this table on SQLite rebuilds it, and must make the triggers anew.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

SQLITE = [
    # The words are prepared already: tokens are cut at spaces and left as they are.
    """
    CREATE VIRTUAL TABLE discussions_searchwords USING fts5(
        words, facets, content='discussions_searchdocument', content_rowid='id',
        tokenize="ascii tokenchars '_'"
    )
    """,
    """
    CREATE TRIGGER searchdocument_is_added AFTER INSERT ON discussions_searchdocument BEGIN
        INSERT INTO discussions_searchwords(rowid, words, facets)
        VALUES (new.id, new.words, new.facets);
    END
    """,
    """
    CREATE TRIGGER searchdocument_is_deleted AFTER DELETE ON discussions_searchdocument BEGIN
        INSERT INTO discussions_searchwords(discussions_searchwords, rowid, words, facets)
        VALUES ('delete', old.id, old.words, old.facets);
    END
    """,
    """
    CREATE TRIGGER searchdocument_is_updated AFTER UPDATE ON discussions_searchdocument BEGIN
        INSERT INTO discussions_searchwords(discussions_searchwords, rowid, words, facets)
        VALUES ('delete', old.id, old.words, old.facets);
        INSERT INTO discussions_searchwords(rowid, words, facets)
        VALUES (new.id, new.words, new.facets);
    END
    """,
]
SQLITE_BACK = [
    "DROP TRIGGER searchdocument_is_added",
    "DROP TRIGGER searchdocument_is_deleted",
    "DROP TRIGGER searchdocument_is_updated",
    "DROP TABLE discussions_searchwords",
]

POSTGRESQL = [
    # Not to_tsvector: its parser would cut words again, in its own way. Positions end at 16,383.
    """
    CREATE FUNCTION search_vector(words text, facets text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT coalesce(string_agg(quote_literal(word) || ':' || least(n, 16383), ' '), '')::tsvector
            || array_to_tsvector(string_to_array(facets, ' '))
        FROM unnest(string_to_array(trim(words), ' ')) WITH ORDINALITY AS each(word, n)
        WHERE word <> ''
    $$
    """,
    """
    ALTER TABLE discussions_searchdocument ADD COLUMN vector tsvector
    GENERATED ALWAYS AS (search_vector(words, facets)) STORED
    """,
    # Kept as it is within the row, not packed: a walk of the newest reads it in every row.
    "ALTER TABLE discussions_searchdocument SET (toast_tuple_target = 8160)",
    # What was just written waits in a list that stays short, since every search reads it.
    """
    CREATE INDEX searchdocument_words ON discussions_searchdocument
    USING gin (vector) WITH (gin_pending_list_limit = 256)
    """,
]
POSTGRESQL_BACK = [
    "ALTER TABLE discussions_searchdocument DROP COLUMN vector",
    "DROP FUNCTION search_vector(text, text)",
]


def forwards(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    for statement in POSTGRESQL if vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def backwards(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    for statement in POSTGRESQL_BACK if vendor == "postgresql" else SQLITE_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("discussions", "0003_votes"),
        ("essays", "0001_essays_with_their_comments"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "post",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_document",
                        to="discussions.post",
                    ),
                ),
                (
                    "essay",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="essays.essay",
                    ),
                ),
                ("ref", models.CharField(blank=True, max_length=10)),
                ("version", models.PositiveSmallIntegerField()),
                ("words", models.TextField()),
                ("facets", models.TextField()),
                ("text", models.TextField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(post__isnull=False, essay__isnull=True, ref="")
                        | Q(post__isnull=True, essay__isnull=False),
                        name="searchdocument_is_of_a_post_or_an_essay",
                    ),
                    models.UniqueConstraint(
                        fields=["essay", "ref"], name="searchdocument_of_essay_once"
                    ),
                ],
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
