"""Triggers and functions: rounds keep their rule, attempts begin and end along their edges, and only an attempt that was
passed clears an annotator for main work.

The functions that are not triggers run with the rights of their caller; the doors call them as the keeper.
"""

from django.db import migrations

ROUNDS = """
CREATE FUNCTION calibration_round_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(OLD) - '{state,guideline_version_id,opened_at,closed_at,override_by_id,override_at,override_reason}'::text[]
       <> to_jsonb(NEW) - '{state,guideline_version_id,opened_at,closed_at,override_by_id,override_at,override_reason}'::text[]
       OR OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
            ('draft', 'open'), ('draft', 'closed'), ('open', 'closed'))
       OR OLD.state <> 'draft' AND (OLD.guideline_version_id, OLD.opened_at) IS DISTINCT FROM
                                   (NEW.guideline_version_id, NEW.opened_at) THEN
        RAISE EXCEPTION 'a round keeps its rule, and is opened and closed once'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'round_edge';
    END IF;
    IF OLD.state = 'draft' AND NEW.state = 'open' AND NOT (
            (SELECT count(*) = 2 FROM projects_items_batch b
             WHERE b.id IN (NEW.batch_id, NEW.retake_batch_id) AND b.status = 'open')
            AND EXISTS (SELECT 1 FROM projects_plan_project p
                        WHERE p.id = NEW.project_id AND p.guideline_version_id = NEW.guideline_version_id)) THEN
        RAISE EXCEPTION 'a round is opened with both of its batches, under the guidelines in force'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'round_opened';
    END IF;
    IF NEW.override_at IS DISTINCT FROM OLD.override_at AND (OLD.override_at IS NOT NULL OR NOT EXISTS (
            SELECT 1 FROM rlhfhub_tenancy_membership m
            WHERE m.workspace_id = NEW.workspace_id AND m.user_id = NEW.override_by_id AND m.role = 'owner')) THEN
        RAISE EXCEPTION 'only an owner overrides the gate of a round, and once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'round_override_by_owner';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER edge AFTER UPDATE ON projects_calibration_round FOR EACH ROW EXECUTE FUNCTION calibration_round_edge();

CREATE FUNCTION calibration_round_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'draft' OR (SELECT count(*) <> 2 FROM projects_items_batch b
            WHERE b.id IN (NEW.batch_id, NEW.retake_batch_id) AND b.project_id = NEW.project_id
              AND b.phase = 'calibration' AND b.items_count = NEW.items
              AND b.overlap = CASE b.id WHEN NEW.batch_id THEN NEW.seats ELSE (NEW.seats + 1) / 2 END) THEN
        RAISE EXCEPTION 'a round begins as a draft with two calibration batches of its own size'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'round_made';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER made AFTER INSERT ON projects_calibration_round FOR EACH ROW EXECUTE FUNCTION calibration_round_made();

CREATE FUNCTION calibration_items_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM made m JOIN projects_calibration_round r ON r.id = m.round_id
               LEFT JOIN projects_items_item i ON i.id = m.item_id LEFT JOIN projects_items_batch b ON b.id = i.batch_id
               WHERE r.state <> 'draft' OR m.position NOT BETWEEN 1 AND r.items OR i.project_id <> r.project_id
                  OR NOT b.is_pool OR i.repeat_of_id IS NOT NULL) THEN
        RAISE EXCEPTION 'the items of a round are keyed items of its project, and are drawn while it is a draft'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'round_items';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER made AFTER INSERT ON projects_calibration_rounditem REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION calibration_items_made();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_calibration_rounditem
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
CREATE TRIGGER append_only BEFORE DELETE ON projects_calibration_round
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

# The last major version in force when `version` is: who accepted it, or a later one, has accepted `version`.
BEGIN = """
CREATE FUNCTION calibration_major(version uuid) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT max(m.number) FROM projects_plan_guidelineversion v JOIN projects_plan_guidelineversion m
      ON m.project_id = v.project_id AND m.change = 'major' AND m.published_at IS NOT NULL AND m.number <= v.number
    WHERE v.id = version
$$;

-- Ends what is left of the enrollment's right to lease for calibration.
CREATE FUNCTION calibration_unclear(who uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE projects_enrollment_clearance SET batch_id = NULL
    WHERE enrollment_id = who AND phase = 'calibration' AND batch_id IS NOT NULL
$$;

-- Begins an attempt, or lets the enrollment wait for a round. Returns what came of it in one word. Nothing begins twice.
CREATE FUNCTION calibration_begin(who uuid, why text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    e record;
    major integer;
    running record;
    chosen record;
    cause text := why;
    is_cleared boolean;
BEGIN
    SELECT n.workspace_id, n.project_id, n.annotator_id, n.state, p.calibration, p.guideline_version_id INTO e
    FROM projects_enrollment_enrollment n JOIN projects_plan_project p ON p.id = n.project_id WHERE n.id = who;
    -- One at a time: the seats of a round are counted, and nobody makes two attempts at once.
    PERFORM pg_advisory_xact_lock(hashtextextended(e.project_id::text, 31));
    -- Everybody locks an enrollment before its attempt: who pauses somebody does.
    SELECT n.state INTO e.state FROM projects_enrollment_enrollment n WHERE n.id = who FOR NO KEY UPDATE;
    SELECT p.calibration INTO e.calibration FROM projects_plan_project p WHERE p.id = e.project_id;
    IF e.calibration <> 'required' THEN
        RETURN 'not_asked';
    END IF;
    IF e.state NOT IN ('onboarding', 'calibrating', 'active') OR why IN ('alert', 'schedule') AND e.state <> 'active' THEN
        RETURN 'not_active';
    END IF;
    major := calibration_major(e.guideline_version_id);
    IF NOT EXISTS (
        SELECT 1 FROM projects_enrollment_guidelineacceptance g
        JOIN projects_plan_guidelineversion v ON v.id = g.guideline_version_id
        WHERE g.enrollment_id = who AND v.number >= major) THEN
        RETURN 'not_accepted';
    END IF;
    SELECT a.id, v.number >= major AS is_current INTO running
    FROM projects_calibration_attempt a JOIN projects_calibration_round r ON r.id = a.round_id
    JOIN projects_plan_guidelineversion v ON v.id = r.guideline_version_id
    WHERE a.enrollment_id = who AND a.state = 'running';
    IF running.is_current THEN
        RETURN 'running';
    END IF;
    is_cleared := EXISTS (
        SELECT 1 FROM projects_enrollment_clearance c JOIN projects_plan_guidelineversion v ON v.id = c.guideline_version_id
        WHERE c.enrollment_id = who AND c.phase = 'main' AND v.project_id = e.project_id AND v.number >= major);
    IF e.state = 'active' AND is_cleared AND why NOT IN ('alert', 'schedule') THEN
        RETURN 'cleared';
    END IF;
    IF running.id IS NOT NULL THEN
        UPDATE projects_calibration_attempt SET state = 'left', decided_at = clock_timestamp(),
            why = 'A major version of the guidelines came into force before this attempt was decided.'
        WHERE id = running.id;
    END IF;
    IF EXISTS (
        SELECT 1 FROM projects_calibration_attempt a JOIN projects_calibration_round r ON r.id = a.round_id
        JOIN projects_plan_guidelineversion v ON v.id = r.guideline_version_id
        WHERE a.enrollment_id = who AND a.state = 'failed' AND v.number >= major
          AND a.decided_at + r.wait_hours * interval '1 hour' > clock_timestamp()) THEN
        RETURN 'too_early';
    END IF;
    SELECT r.id, n.number, b.id AS batch INTO chosen
    FROM projects_calibration_round r CROSS JOIN (VALUES (1), (2)) n (number)
    JOIN projects_items_batch b ON b.id = CASE n.number WHEN 1 THEN r.batch_id ELSE r.retake_batch_id END
    JOIN projects_plan_guidelineversion v ON v.id = r.guideline_version_id
    WHERE r.project_id = e.project_id AND r.state = 'open' AND v.number >= major AND b.status IN ('open', 'paused')
      AND NOT EXISTS (SELECT 1 FROM projects_calibration_attempt a
                      WHERE a.round_id = r.id AND a.enrollment_id = who AND a.number = n.number)
      AND (n.number = 1 OR EXISTS (
          SELECT 1 FROM projects_calibration_attempt a WHERE a.round_id = r.id AND a.enrollment_id = who AND a.number = 1
            AND (a.state <> 'failed' OR calibration_begin.why = 'retake')))
      AND (SELECT count(*) FROM projects_calibration_attempt a WHERE a.round_id = r.id AND a.number = n.number)
          < CASE n.number WHEN 1 THEN r.seats ELSE (r.seats + 1) / 2 END
      -- All of its items are new to the person: nobody gets an item twice, for whatever purpose they had it.
      AND NOT EXISTS (
          SELECT 1 FROM projects_calibration_rounditem i JOIN projects_work_lease l ON l.item_id = i.item_id
          WHERE i.round_id = r.id AND i.attempt = n.number AND l.annotator_id = e.annotator_id
            AND (l.ended_as IS NULL OR l.ended_as IN ('submitted', 'returned')))
    ORDER BY r.number DESC, n.number LIMIT 1;
    IF chosen.id IS NULL AND why IN ('alert', 'schedule') THEN
        RETURN 'no_round';
    END IF;
    IF why = 'joined' AND (is_cleared OR EXISTS (
            SELECT 1 FROM projects_enrollment_clearance c WHERE c.enrollment_id = who AND c.phase = 'main')) THEN
        cause := 'guideline';
    END IF;
    IF e.state <> 'calibrating' THEN
        UPDATE projects_enrollment_enrollment SET state = 'calibrating' WHERE id = who;
    END IF;
    -- Main clearance is carried over here too: the desk does so only while there is none for the version in force.
    IF is_cleared THEN
        INSERT INTO projects_enrollment_clearance (id, workspace_id, enrollment_id, guideline_version_id, phase, cleared_at)
        VALUES (rlhfhub_uuid7(), e.workspace_id, who, e.guideline_version_id, 'main', clock_timestamp())
        ON CONFLICT DO NOTHING;
    END IF;
    PERFORM calibration_unclear(who);
    INSERT INTO projects_enrollment_clearance
        (id, workspace_id, enrollment_id, guideline_version_id, phase, batch_id, cleared_at)
    VALUES (rlhfhub_uuid7(), e.workspace_id, who, e.guideline_version_id, 'calibration', chosen.batch, clock_timestamp())
    ON CONFLICT (enrollment_id, guideline_version_id, phase) DO UPDATE SET batch_id = EXCLUDED.batch_id
        WHERE projects_enrollment_clearance.batch_id IS DISTINCT FROM EXCLUDED.batch_id;
    IF chosen.id IS NULL THEN
        RETURN 'waits';
    END IF;
    INSERT INTO projects_calibration_attempt
        (id, workspace_id, round_id, project_id, enrollment_id, number, batch_id, cause, state, began_at, why)
    VALUES (rlhfhub_uuid7(), e.workspace_id, chosen.id, e.project_id, who, chosen.number, chosen.batch, cause, 'running',
            clock_timestamp(), '');
    RETURN 'begun';
END $$;

-- Undoes a recalibration that nobody has decided yet. Returns whether the enrollment is active now.
CREATE FUNCTION calibration_undo(who uuid, because text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM projects_enrollment_enrollment n WHERE n.id = who FOR NO KEY UPDATE;
    UPDATE projects_calibration_attempt SET state = 'left', decided_at = clock_timestamp(), why = because
    WHERE enrollment_id = who AND state = 'running' AND cause IN ('alert', 'schedule');
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE projects_enrollment_enrollment SET state = 'active' WHERE id = who AND state = 'calibrating';
    RETURN FOUND;
END $$;
"""

ATTEMPTS = """
CREATE FUNCTION calibration_attempt_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'running' OR (NEW.seen, NEW.hits) <> (
            SELECT count(*), count(*) FILTER (WHERE m.hit) FROM projects_calibration_mark m
            WHERE m.attempt_id = NEW.id AND m.counted)
       OR to_jsonb(OLD) - '{state,seen,hits,decided_at,why}'::text[] <> to_jsonb(NEW) - '{state,seen,hits,decided_at,why}'::text[]
    THEN
        RAISE EXCEPTION 'an attempt is decided once, and counts its marks'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'attempt_edge';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER edge AFTER UPDATE ON projects_calibration_attempt
    FOR EACH ROW EXECUTE FUNCTION calibration_attempt_edge();

CREATE FUNCTION calibration_attempt_decided() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    round_version uuid := (SELECT guideline_version_id FROM projects_calibration_round WHERE id = NEW.round_id);
    in_force uuid := (SELECT guideline_version_id FROM projects_plan_project WHERE id = NEW.project_id);
BEGIN
    PERFORM calibration_unclear(NEW.enrollment_id);
    IF NEW.state = 'passed' THEN
        -- For the version in force, unless a major one came since the round was opened: that asks for another round.
        INSERT INTO projects_enrollment_clearance (id, workspace_id, enrollment_id, guideline_version_id, phase, cleared_at)
        VALUES (rlhfhub_uuid7(), NEW.workspace_id, NEW.enrollment_id,
                CASE calibration_major(in_force) WHEN calibration_major(round_version) THEN in_force ELSE round_version END,
                'main', clock_timestamp())
        ON CONFLICT DO NOTHING;
        UPDATE projects_enrollment_enrollment SET state = 'active' WHERE id = NEW.enrollment_id AND state = 'calibrating';
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION calibration_attempt_decided() OWNER TO rlhfhub_keeper;
CREATE TRIGGER decided AFTER UPDATE OF state ON projects_calibration_attempt
    FOR EACH ROW WHEN (OLD.state = 'running' AND NEW.state <> 'running') EXECUTE FUNCTION calibration_attempt_decided();
CREATE TRIGGER append_only BEFORE DELETE ON projects_calibration_attempt
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

CREATE FUNCTION calibration_enrollment_stopped() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE projects_calibration_attempt SET state = 'left', decided_at = clock_timestamp(),
        why = 'Your work in this project was ' || NEW.state || ' before this attempt was decided.'
    WHERE enrollment_id = NEW.id AND state = 'running';
    RETURN NULL;
END $$;
ALTER FUNCTION calibration_enrollment_stopped() OWNER TO rlhfhub_keeper;
CREATE TRIGGER attempt_left AFTER UPDATE OF state ON projects_enrollment_enrollment
    FOR EACH ROW WHEN (NEW.state IN ('paused', 'ended')) EXECUTE FUNCTION calibration_enrollment_stopped();

-- A project that asks for calibration no more: who was recalibrated is active at once, and no attempt runs on.
CREATE FUNCTION calibration_switched_off() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.id::text, 31));
    FOR who IN
        SELECT a.enrollment_id AS id FROM projects_calibration_attempt a
        WHERE a.project_id = NEW.id AND a.state = 'running' ORDER BY a.enrollment_id
    LOOP
        IF NOT calibration_undo(who.id, 'The project asks for no calibration any more.') THEN
            UPDATE projects_calibration_attempt SET state = 'left', decided_at = clock_timestamp(),
                why = 'The project asks for no calibration any more.'
            WHERE enrollment_id = who.id AND state = 'running';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
ALTER FUNCTION calibration_switched_off() OWNER TO rlhfhub_keeper;
CREATE TRIGGER calibration_off AFTER UPDATE OF calibration ON projects_plan_project
    FOR EACH ROW WHEN (OLD.calibration = 'required' AND NEW.calibration = 'none')
    EXECUTE FUNCTION calibration_switched_off();

CREATE FUNCTION calibration_mark_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM projects_calibration_attempt t JOIN projects_work_annotation a ON a.id = NEW.annotation_id
        WHERE t.id = NEW.attempt_id AND a.purpose = 'calibration' AND (t.state = 'running' OR NOT NEW.counted)
          AND (a.enrollment_id, a.batch_id, a.item_id) = (t.enrollment_id, t.batch_id, NEW.item_id)) THEN
        RAISE EXCEPTION 'a mark is of an answer in its attempt, and counts only before the verdict'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mark_of_attempt';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER made AFTER INSERT ON projects_calibration_mark FOR EACH ROW EXECUTE FUNCTION calibration_mark_made();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_calibration_mark
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

GRANT = "GRANT CREATE ON SCHEMA public TO rlhfhub_keeper"
REVOKE = "REVOKE CREATE ON SCHEMA public FROM rlhfhub_keeper"


class Migration(migrations.Migration):
    dependencies = [
        ("projects_calibration", "0001_initial"),
        ("projects_enrollment", "0002_rules"),
        ("projects_items", "0002_rules"),
        ("projects_work", "0002_rules"),
    ]
    operations = [
        migrations.RunSQL([ROUNDS, BEGIN, GRANT, ATTEMPTS, REVOKE], migrations.RunSQL.noop)
    ]
