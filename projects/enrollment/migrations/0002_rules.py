"""Nobody is paid by a workspace they are a member of (M10), by whichever door they come in.

The function looks as the keeper, who sees memberships and enrollments whatever the plane.
"""

from django.db import migrations

RULES = """
CREATE FUNCTION enrollment_by_access() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    -- Twins (enrolling while being made a member) take turns.
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.workspace_id::text || NEW.annotator_id::text, 7));
    IF (SELECT access = 'members' FROM projects_plan_project WHERE id = NEW.project_id) IS DISTINCT FROM
       EXISTS (SELECT 1 FROM rlhfhub_tenancy_membership
               WHERE workspace_id = NEW.workspace_id AND user_id = NEW.annotator_id) THEN
        RAISE EXCEPTION 'members work unpaid in their own workspace, and only there'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'enrollment_access';
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION enrollment_by_access() OWNER TO rlhfhub_keeper;
CREATE TRIGGER access BEFORE INSERT ON projects_enrollment_enrollment
    FOR EACH ROW EXECUTE FUNCTION enrollment_by_access();

CREATE FUNCTION enrollment_before_membership() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.workspace_id::text || NEW.user_id::text, 7));
    IF EXISTS (SELECT 1 FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
               WHERE e.workspace_id = NEW.workspace_id AND e.annotator_id = NEW.user_id
                 AND e.state <> 'ended' AND p.access = 'market') THEN
        RAISE EXCEPTION 'this person is paid by the workspace and cannot be its member'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_unpaid';
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION enrollment_before_membership() OWNER TO rlhfhub_keeper;
CREATE TRIGGER unpaid BEFORE INSERT ON rlhfhub_tenancy_membership
    FOR EACH ROW EXECUTE FUNCTION enrollment_before_membership();
"""

GRANT = "GRANT CREATE ON SCHEMA public TO rlhfhub_keeper"
REVOKE = "REVOKE CREATE ON SCHEMA public FROM rlhfhub_keeper"


class Migration(migrations.Migration):
    dependencies = [("projects_enrollment", "0001_initial"), ("rlhfhub_tenancy", "0002_rules")]
    operations = [migrations.RunSQL([GRANT, RULES, REVOKE], migrations.RunSQL.noop)]
