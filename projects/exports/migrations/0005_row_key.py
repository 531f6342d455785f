"""A row's key is its export and its number, and rows come only while their export is being frozen (D1).

A freeze writes hundreds of thousands of rows while its export is locked: one key in place of two, and one
look at a statement's rows in place of a foreign key's look at each. The other half of that key is that an
export is never deleted.
"""

from django.db import migrations, models

KEY = """
ALTER TABLE projects_exports_exportrow
    DROP CONSTRAINT export_row_export,
    DROP CONSTRAINT export_row_once,
    DROP COLUMN id,
    ADD PRIMARY KEY (export_id, number);
"""
KEY_BACK = """
ALTER TABLE projects_exports_exportrow
    DROP CONSTRAINT projects_exports_exportrow_pkey,
    ADD COLUMN id uuid PRIMARY KEY DEFAULT rlhfhub_uuid7(),
    ADD CONSTRAINT export_row_once UNIQUE (export_id, number),
    ADD CONSTRAINT export_row_export FOREIGN KEY (workspace_id, export_id)
        REFERENCES projects_exports_export (workspace_id, id);
ALTER TABLE projects_exports_exportrow ALTER COLUMN id DROP DEFAULT;
"""
RULES = """
CREATE FUNCTION exports_freezing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added a LEFT JOIN projects_exports_export e
            ON e.id = a.export_id AND e.workspace_id = a.workspace_id AND e.state = 'freezing'
        WHERE e.id IS NULL
    ) THEN
        RAISE EXCEPTION 'rows come only while their export is being frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER freezing AFTER INSERT ON projects_exports_exportrow
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION exports_freezing();

CREATE TRIGGER kept BEFORE DELETE ON projects_exports_export FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""
RULES_BACK = """
DROP TRIGGER kept ON projects_exports_export;
DROP TRIGGER freezing ON projects_exports_exportrow;
DROP FUNCTION exports_freezing();
"""


class Migration(migrations.Migration):
    dependencies = [("projects_exports", "0004_attempts"), ("rlhfhub_tenancy", "0004_cheap_uuid7")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(KEY, KEY_BACK)],
            state_operations=[
                migrations.RemoveConstraint(model_name="exportrow", name="export_row_export"),
                migrations.RemoveConstraint(model_name="exportrow", name="export_row_once"),
                migrations.RemoveField(model_name="exportrow", name="id"),
                migrations.AddField(
                    model_name="exportrow",
                    name="pk",
                    field=models.CompositePrimaryKey(
                        "export",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
        ),
        migrations.RunSQL(RULES, RULES_BACK),
    ]
