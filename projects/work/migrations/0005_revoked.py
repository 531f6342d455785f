"""A lease that ends without an answer gives its slot back; one whose holder may work no longer ends at once (T4).

One text for all ways a slot comes free again: returned, expired, revoked. Who may work is asked of the database
as it is when the lease is made, for a request may have waited while somebody was paused or sent away.
"""

from django.db import migrations

SLOT_AGAIN = """
CREATE FUNCTION work_slot_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM projects_work_draft WHERE lease_id = NEW.id;
    UPDATE projects_work_slot SET state = 'open', holder_id = NULL, seq = nextval('projects_work_slot_place')
    WHERE id = NEW.slot_id AND state = 'leased';
    RETURN NULL;
END $$;
CREATE TRIGGER slot_again AFTER UPDATE OF ended_as ON projects_work_lease
    FOR EACH ROW WHEN (NEW.ended_as <> 'submitted') EXECUTE FUNCTION work_slot_again();
"""

REVOKED = """
GRANT USAGE ON SEQUENCE projects_work_slot_place TO rlhfhub_keeper;

CREATE FUNCTION work_revoke(enrollment uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Whoever is leasing in this moment holds this lock: their lease is seen when they are done.
    PERFORM pg_advisory_xact_lock(hashtextextended(enrollment::text, 17));
    UPDATE projects_work_lease SET ended_at = clock_timestamp(), ended_as = 'revoked'
    WHERE enrollment_id = enrollment AND ended_at IS NULL;
END $$;

CREATE FUNCTION work_enrollment_stopped() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM work_revoke(NEW.id);
    RETURN NULL;
END $$;
ALTER FUNCTION work_enrollment_stopped() OWNER TO rlhfhub_keeper;
CREATE TRIGGER revoke AFTER UPDATE OF state ON projects_enrollment_enrollment
    FOR EACH ROW WHEN (NEW.state IN ('paused', 'ended')) EXECUTE FUNCTION work_enrollment_stopped();

CREATE FUNCTION work_member_left() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM work_revoke(e.id) FROM projects_enrollment_enrollment e
        JOIN projects_plan_project p ON p.id = e.project_id
    WHERE e.workspace_id = OLD.workspace_id AND e.annotator_id = OLD.user_id AND p.access = 'members';
    RETURN NULL;
END $$;
ALTER FUNCTION work_member_left() OWNER TO rlhfhub_keeper;
CREATE TRIGGER revoke AFTER DELETE ON rlhfhub_tenancy_membership
    FOR EACH ROW EXECUTE FUNCTION work_member_left();
"""

ALLOWED = """
CREATE FUNCTION work_lease_allowed() RETURNS trigger LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
        WHERE e.id = NEW.enrollment_id AND e.state = 'active' AND (p.access = 'market' OR EXISTS (
            SELECT 1 FROM rlhfhub_tenancy_membership m
            WHERE m.workspace_id = e.workspace_id AND m.user_id = e.annotator_id))) THEN
        RAISE EXCEPTION 'only who is active leases, in a project of members only a member'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lease_allowed';
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION work_lease_allowed() OWNER TO rlhfhub_keeper;
CREATE TRIGGER allowed BEFORE INSERT ON projects_work_lease FOR EACH ROW EXECUTE FUNCTION work_lease_allowed();
"""

GRANT = "GRANT CREATE ON SCHEMA public TO rlhfhub_keeper"
REVOKE = "REVOKE CREATE ON SCHEMA public FROM rlhfhub_keeper"


class Migration(migrations.Migration):
    dependencies = [
        ("projects_work", "0004_one_snapshot"),
        ("projects_enrollment", "0004_edges"),
        ("rlhfhub_tenancy", "0002_rules"),
    ]
    operations = [
        migrations.RunSQL([SLOT_AGAIN, GRANT, REVOKED, ALLOWED, REVOKE], migrations.RunSQL.noop)
    ]
