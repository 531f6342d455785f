"""Triggers: a published guideline version cannot be changed, and the versions of forms and requirements never."""

from django.db import migrations

RULES = """
CREATE FUNCTION plan_guideline_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'a published guideline version cannot be changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER published BEFORE UPDATE ON projects_plan_guidelineversion
    FOR EACH ROW EXECUTE FUNCTION plan_guideline_published();
CREATE TRIGGER append_only BEFORE UPDATE ON projects_plan_form
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
CREATE TRIGGER append_only BEFORE UPDATE ON projects_plan_requirement
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("projects_plan", "0001_initial"), ("rlhfhub_tenancy", "0002_rules")]
    operations = [migrations.RunSQL(RULES, migrations.RunSQL.noop)]
