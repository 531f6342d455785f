"""An export is asked for before it is made; finished, neither it nor its membership changes (D1)."""

from django.db import migrations

EXPORTS = """
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

CREATE FUNCTION exports_finished() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'finished' THEN
        RAISE EXCEPTION 'a finished export never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER finished BEFORE UPDATE ON projects_exports_export
    FOR EACH ROW EXECUTE FUNCTION exports_finished();
CREATE TRIGGER kept BEFORE DELETE ON projects_exports_export FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

# One look at a statement's rows in place of a foreign key's look at each: a freeze writes hundreds of thousands while
# its export is locked. The other half of that key is that an export is never deleted.
ROWS = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_exports_exportrow
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

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
"""


class Migration(migrations.Migration):
    dependencies = [("projects_exports", "0001_initial"), ("rlhfhub_tenancy", "0002_rules")]
    operations = [migrations.RunSQL([EXPORTS, ROWS], migrations.RunSQL.noop)]
