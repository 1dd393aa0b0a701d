"""What Django's models cannot say: triggers, a collation, and the head of the record."""

from typing import Any

from django.db import migrations

POSTGRESQL = [
    """
    CREATE FUNCTION record_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the record is only added to';
    END $$
    """,
    """
    CREATE TRIGGER decision_is_only_added BEFORE UPDATE OR DELETE ON discussions_decision
    FOR EACH ROW EXECUTE FUNCTION record_is_only_added_to()
    """,
    """
    CREATE TRIGGER payload_is_kept BEFORE DELETE ON discussions_decisionpayload
    FOR EACH ROW EXECUTE FUNCTION record_is_only_added_to()
    """,
    """
    CREATE TRIGGER payload_is_emptied_only BEFORE UPDATE ON discussions_decisionpayload
    FOR EACH ROW WHEN (
        NEW.decision_id <> OLD.decision_id
        OR NEW.by_name NOT IN (OLD.by_name, '') OR NEW.author_name NOT IN (OLD.author_name, '')
        OR NEW.names_salt NOT IN (OLD.names_salt, '') OR NEW.reason NOT IN (OLD.reason, '')
        OR NEW.reason_salt NOT IN (OLD.reason_salt, '') OR NEW.text_salt NOT IN (OLD.text_salt, '')
    ) EXECUTE FUNCTION record_is_only_added_to()
    """,
    # Reading order is byte order, whatever the language of the database.
    'ALTER TABLE discussions_post ALTER COLUMN path TYPE varchar(60) COLLATE "C", '
    'ALTER COLUMN branch_cut TYPE varchar(60) COLLATE "C"',
]
POSTGRESQL_BACK = [
    "DROP TRIGGER decision_is_only_added ON discussions_decision",
    "DROP TRIGGER payload_is_kept ON discussions_decisionpayload",
    "DROP TRIGGER payload_is_emptied_only ON discussions_decisionpayload",
    "DROP FUNCTION record_is_only_added_to()",
    'ALTER TABLE discussions_post ALTER COLUMN path TYPE varchar(60) COLLATE "default", '
    'ALTER COLUMN branch_cut TYPE varchar(60) COLLATE "default"',
]

SQLITE = [
    """
    CREATE TRIGGER decision_is_not_updated BEFORE UPDATE ON discussions_decision
    BEGIN SELECT RAISE(ABORT, 'the record is only added to'); END
    """,
    """
    CREATE TRIGGER decision_is_not_deleted BEFORE DELETE ON discussions_decision
    BEGIN SELECT RAISE(ABORT, 'the record is only added to'); END
    """,
    """
    CREATE TRIGGER payload_is_kept BEFORE DELETE ON discussions_decisionpayload
    BEGIN SELECT RAISE(ABORT, 'the record is only added to'); END
    """,
    """
    CREATE TRIGGER payload_is_emptied_only BEFORE UPDATE ON discussions_decisionpayload
    WHEN NEW.decision_id <> OLD.decision_id
        OR NEW.by_name NOT IN (OLD.by_name, '') OR NEW.author_name NOT IN (OLD.author_name, '')
        OR NEW.names_salt NOT IN (OLD.names_salt, '') OR NEW.reason NOT IN (OLD.reason, '')
        OR NEW.reason_salt NOT IN (OLD.reason_salt, '') OR NEW.text_salt NOT IN (OLD.text_salt, '')
    BEGIN SELECT RAISE(ABORT, 'the record is only added to'); END
    """,
]
SQLITE_BACK = [
    "DROP TRIGGER decision_is_not_updated",
    "DROP TRIGGER decision_is_not_deleted",
    "DROP TRIGGER payload_is_kept",
    "DROP TRIGGER payload_is_emptied_only",
]


def forwards(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    for statement in POSTGRESQL if vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)
    apps.get_model("discussions", "RecordHead").objects.create(pk=1)


def backwards(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    for statement in POSTGRESQL_BACK if vendor == "postgresql" else SQLITE_BACK:
        schema_editor.execute(statement)
    apps.get_model("discussions", "RecordHead").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("discussions", "0001_posts_and_decisions")]

    operations = [migrations.RunPython(forwards, backwards)]
