"""Decisions only grow, and none is on one's own work (W11)."""

from django.db import migrations

RULES = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_review_decision
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
CREATE FUNCTION review_not_own_work() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reviewer_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM projects_work_annotation WHERE id = NEW.annotation_id AND annotator_id = NEW.reviewer_id) THEN
        RAISE EXCEPTION 'nobody decides on their own work'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_not_own';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER not_own BEFORE INSERT ON projects_review_decision
    FOR EACH ROW EXECUTE FUNCTION review_not_own_work();
"""


class Migration(migrations.Migration):
    dependencies = [("projects_review", "0001_initial"), ("rlhfhub_tenancy", "0002_rules")]
    operations = [migrations.RunSQL(RULES, migrations.RunSQL.noop)]
