"""Triggers: a published guideline version cannot be changed, the versions of forms and requirements never, and no review
has a review.
"""

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

CREATE FUNCTION plan_project_reviews() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM projects_plan_project WHERE id = NEW.parent_id AND purpose = 'work') THEN
        RAISE EXCEPTION 'only answers of a project for work are reviewed in another project'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'project_parent_works';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER reviews AFTER INSERT ON projects_plan_project
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION plan_project_reviews();
"""


class Migration(migrations.Migration):
    dependencies = [("projects_plan", "0001_initial"), ("rlhfhub_tenancy", "0002_rules")]
    operations = [migrations.RunSQL(RULES, migrations.RunSQL.noop)]
