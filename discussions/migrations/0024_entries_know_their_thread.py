from importlib import import_module
from typing import Any

from django.db import migrations

# The record refuses to be changed: its trigger steps aside for a column that no digest covers.
earlier = import_module("discussions.migrations.0002_record_is_only_added_to")
FILL = """
    UPDATE discussions_decision SET in_thread_id = COALESCE(thread_id, (
        SELECT thread_id FROM discussions_post WHERE id = discussions_decision.post_id
    ))
"""


def fill(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        name, statements = "decision_is_only_added", earlier.POSTGRESQL
        drop = f"DROP TRIGGER {name} ON discussions_decision"
        fill = [FILL, "SET CONSTRAINTS ALL IMMEDIATE"]  # before the table is altered again
    else:
        name, statements = "decision_is_not_updated", earlier.SQLITE
        drop, fill = f"DROP TRIGGER {name}", [FILL]
    create = [statement for statement in statements if f"TRIGGER {name}" in statement]
    for statement in (drop, *fill, *create):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("discussions", "0023_record_by_thread")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
