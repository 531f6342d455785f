"""An export is asked for before it is made: a plane adds it queued, and without a result (D1)."""

from django.db import migrations

RULES = """
CREATE FUNCTION exports_queued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF rlhfhub_plane() IS NOT NULL THEN
        RAISE EXCEPTION 'an export begins queued' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER queued AFTER INSERT ON projects_exports_export
    FOR EACH ROW WHEN (NEW.state <> 'queued' OR NEW.frozen_at IS NOT NULL OR NEW.rows <> 0)
    EXECUTE FUNCTION exports_queued();
"""


class Migration(migrations.Migration):
    dependencies = [("projects_exports", "0006_database_stamps"), ("rlhfhub_tenancy", "0006_own_names")]
    operations = [migrations.RunSQL(RULES, "DROP FUNCTION exports_queued() CASCADE")]
