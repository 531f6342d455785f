"""Triggers: a published guideline version cannot be changed, the versions of forms and requirements never, no review
has a review, and a project's price changes by a new version alone.
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

CREATE FUNCTION plan_price_begins() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO projects_plan_priceversion (id, workspace_id, project_id, number, price_minor, because, set_by_id)
    VALUES (rlhfhub_uuid7(), NEW.workspace_id, NEW.id, 1, NEW.price_minor, '', NEW.created_by_id);
    RETURN NULL;
END $$;
ALTER FUNCTION plan_price_begins() OWNER TO rlhfhub_keeper;
CREATE TRIGGER price_begins AFTER INSERT ON projects_plan_project
    FOR EACH ROW WHEN (NEW.price_minor > 0) EXECUTE FUNCTION plan_price_begins();

-- A project's price changes by a new version alone, so that there is a record of who changed it, when and why.
CREATE FUNCTION plan_price_set() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.number = 1 THEN
        IF NOT EXISTS (SELECT 1 FROM projects_plan_project WHERE id = NEW.project_id AND price_minor = NEW.price_minor) THEN
            RAISE EXCEPTION 'the first price is that with which the project was made'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'price_version_first';
        END IF;
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM projects_plan_priceversion WHERE project_id = NEW.project_id AND number = NEW.number - 1) THEN
        RAISE EXCEPTION 'price versions have no gaps' USING ERRCODE = 'check_violation', CONSTRAINT = 'price_version_next';
    END IF;
    UPDATE projects_plan_project SET price_minor = NEW.price_minor
        WHERE id = NEW.project_id AND access = 'market' AND purpose = 'work' AND status = 'active';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only an active project for work of the market changes its price'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'price_version_of_market';
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION plan_price_set() OWNER TO rlhfhub_keeper;
CREATE TRIGGER price_set AFTER INSERT ON projects_plan_priceversion
    FOR EACH ROW EXECUTE FUNCTION plan_price_set();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_plan_priceversion
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

GRANT = "GRANT CREATE ON SCHEMA public TO rlhfhub_keeper"
REVOKE = "REVOKE CREATE ON SCHEMA public FROM rlhfhub_keeper"


class Migration(migrations.Migration):
    dependencies = [("projects_plan", "0001_initial"), ("rlhfhub_tenancy", "0002_rules")]
    operations = [migrations.RunSQL([GRANT, RULES, REVOKE], migrations.RunSQL.noop)]
