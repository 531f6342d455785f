"""A finished export and its membership never change (D1)."""

from django.db import migrations

RULES = """
CREATE FUNCTION exports_finished() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'finished' THEN
        RAISE EXCEPTION 'a finished export never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER finished BEFORE UPDATE ON projects_exports_export
    FOR EACH ROW EXECUTE FUNCTION exports_finished();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_exports_exportrow
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("projects_exports", "0001_initial"), ("rlhfhub_tenancy", "0002_rules")]
    operations = [migrations.RunSQL(RULES, migrations.RunSQL.noop)]
