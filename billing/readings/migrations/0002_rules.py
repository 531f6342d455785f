"""Money for reading is set aside before it is promised, promised when guidelines are accepted, and paid or given back."""

from django.db import migrations

RULES = """
-- What reading a version pays who has this enrollment: its whole text, or the changes since the version they accepted
-- last. 0 if they have accepted it. The enrollment is null for somebody who has not joined.
CREATE FUNCTION readings_due(version uuid, enrollment uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN last.number IS NULL THEN v.reading_minor
                WHEN last.number >= v.number THEN 0
                ELSE LEAST(v.reading_minor, (
                    SELECT COALESCE(sum(c.rereading_minor), 0) FROM projects_plan_guidelineversion c
                    WHERE c.project_id = v.project_id AND c.published_at IS NOT NULL
                      AND c.number > last.number AND c.number <= v.number)) END::bigint
    FROM projects_plan_guidelineversion v CROSS JOIN LATERAL (
        SELECT max(a.number) AS number FROM projects_enrollment_guidelineacceptance g
        JOIN projects_plan_guidelineversion a ON a.id = g.guideline_version_id
        WHERE g.enrollment_id = readings_due.enrollment) last
    WHERE v.id = readings_due.version
$$;

CREATE FUNCTION readings_promise() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    due bigint := readings_due(NEW.guideline_version_id, NEW.enrollment_id);
BEGIN
    IF due > 0 THEN
        INSERT INTO billing_readings_reading (id, workspace_id, project_id, enrollment_id, annotator_id,
                                              guideline_version_id, amount_minor, currency, state)
        SELECT rlhfhub_uuid7(), e.workspace_id, e.project_id, e.id, e.annotator_id, NEW.guideline_version_id, due,
               p.currency, 'promised'
        FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
        WHERE e.id = NEW.enrollment_id;
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION readings_promise() OWNER TO rlhfhub_keeper;
-- Before the row is there, so that the acceptance itself does not count as an earlier one.
CREATE TRIGGER reading BEFORE INSERT ON projects_enrollment_guidelineacceptance
    FOR EACH ROW EXECUTE FUNCTION readings_promise();

CREATE FUNCTION readings_taken() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE billing_readings_readingbudget SET free_minor = free_minor - NEW.amount_minor
    WHERE project_id = NEW.project_id AND workspace_id = NEW.workspace_id AND currency = NEW.currency;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the project has set no money aside for reading its guidelines'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reading_budget_covers';
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION readings_taken() OWNER TO rlhfhub_keeper;
CREATE TRIGGER taken AFTER INSERT ON billing_readings_reading FOR EACH ROW EXECUTE FUNCTION readings_taken();

CREATE FUNCTION readings_edge() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.state <> 'promised' OR NEW.state NOT IN ('paid', 'released') THEN
        RAISE EXCEPTION 'a reading cannot change from % to %', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'released' THEN
        UPDATE billing_readings_readingbudget SET free_minor = free_minor + NEW.amount_minor
        WHERE project_id = NEW.project_id;
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION readings_edge() OWNER TO rlhfhub_keeper;
CREATE TRIGGER edge BEFORE UPDATE ON billing_readings_reading FOR EACH ROW EXECUTE FUNCTION readings_edge();

-- What a journal of this cause moved into a workspace's promises, or out of them.
CREATE FUNCTION readings_moved(of uuid, workspace uuid, currency text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT COALESCE(sum(p.amount_minor), 0)::bigint FROM billing_ledger_journal j
    JOIN billing_ledger_posting p ON p.journal_id = j.id JOIN billing_ledger_account a ON a.id = p.account_id
    WHERE j.cause IN ('promise:' || of, 'unpromise:' || of) AND a.kind = 'workspace_promised'
      AND a.workspace_id = workspace AND p.currency = readings_moved.currency
$$;

CREATE FUNCTION readings_funding_paid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF readings_moved(NEW.id, NEW.workspace_id, NEW.currency) <> NEW.amount_minor
       OR NOT EXISTS (SELECT 1 FROM projects_plan_project p WHERE p.id = NEW.project_id AND p.currency = NEW.currency) THEN
        RAISE EXCEPTION 'money for reading must be set aside, or given back, before that is recorded'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reading_funding_paid';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER paid AFTER INSERT ON billing_readings_readingfunding
    FOR EACH ROW EXECUTE FUNCTION readings_funding_paid();

CREATE FUNCTION readings_funded() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE billing_readings_readingbudget SET free_minor = free_minor + NEW.amount_minor
    WHERE project_id = NEW.project_id;
    IF NOT FOUND THEN
        INSERT INTO billing_readings_readingbudget AS b (id, workspace_id, project_id, currency, free_minor)
        VALUES (rlhfhub_uuid7(), NEW.workspace_id, NEW.project_id, NEW.currency, NEW.amount_minor)
        ON CONFLICT (project_id) DO UPDATE SET free_minor = b.free_minor + EXCLUDED.free_minor;
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION readings_funded() OWNER TO rlhfhub_keeper;
CREATE TRIGGER spent AFTER INSERT ON billing_readings_readingfunding
    FOR EACH ROW EXECUTE FUNCTION readings_funded();
CREATE TRIGGER not_frozen AFTER INSERT ON billing_readings_readingfunding
    FOR EACH ROW WHEN (NEW.amount_minor > 0) EXECUTE FUNCTION deposits_check_not_frozen();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON billing_readings_readingfunding
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

GRANT = "GRANT CREATE ON SCHEMA public TO rlhfhub_keeper"
REVOKE = "REVOKE CREATE ON SCHEMA public FROM rlhfhub_keeper"


class Migration(migrations.Migration):
    dependencies = [
        ("billing_readings", "0001_initial"),
        ("billing_deposits", "0002_rules"),
        ("billing_ledger", "0002_rules"),
        ("projects_enrollment", "0002_rules"),
        ("projects_plan", "0002_rules"),
    ]
    operations = [migrations.RunSQL([GRANT, RULES, REVOKE], migrations.RunSQL.noop)]
