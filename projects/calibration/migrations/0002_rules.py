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
    IF (NEW.override_at, NEW.override_by_id, NEW.override_reason)
       IS DISTINCT FROM (OLD.override_at, OLD.override_by_id, OLD.override_reason)
       AND (OLD.override_at IS NOT NULL OR NOT EXISTS (
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
    IF NEW.state <> 'draft' OR NEW.override_at IS NOT NULL OR (SELECT count(*) <> 2 FROM projects_items_batch b
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

-- Whether an enrollment holds, has answered or has returned an item, and so is not given it again.
CREATE FUNCTION calibration_had(who uuid, item uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM projects_enrollment_enrollment e
                   JOIN projects_work_lease l ON l.annotator_id = e.annotator_id AND l.item_id = item
                   WHERE e.id = who AND l.enrollment_id = who
                     AND (l.ended_as IS NULL OR l.ended_as IN ('submitted', 'returned')))
$$;

-- Whether `who`, null for somebody new to its items, can make an attempt with this number in a round. An attempt that was
-- left frees its seat while one can get nine tenths of its items or more, those included that `who` has had: what was
-- answered stays filled, and each running attempt needs the items it has not had.
CREATE FUNCTION calibration_has_seat(of uuid, nth integer, who uuid) RETURNS boolean
LANGUAGE plpgsql STABLE COST 100000 AS $$ -- asked last
DECLARE
    r record;
    used record;
BEGIN
    SELECT n.items, CASE nth WHEN 1 THEN n.batch_id ELSE n.retake_batch_id END AS batch_id,
           CASE nth WHEN 1 THEN n.seats ELSE (n.seats + 1) / 2 END AS seats
    INTO r FROM projects_calibration_round n WHERE n.id = of;
    SELECT count(*) AS every, count(*) FILTER (WHERE a.state <> 'left') AS kept INTO used
    FROM projects_calibration_attempt a WHERE a.round_id = of AND a.number = nth;
    IF used.every < r.seats OR used.kept >= r.seats THEN
        RETURN used.every < r.seats;
    END IF;
    RETURN (SELECT count(*) FROM (
        SELECT s.item_id FROM projects_work_slot s WHERE s.batch_id = r.batch_id GROUP BY s.item_id
        HAVING calibration_had(who, s.item_id) OR count(*) FILTER (WHERE s.state = 'open') > (
            SELECT count(*) FROM projects_calibration_attempt a
            WHERE a.round_id = of AND a.number = nth AND a.state = 'running'
              AND NOT calibration_had(a.enrollment_id, s.item_id))) items
    ) >= r.items - (r.items + 9) / 10;
END $$;

-- The attempt that an enrollment can begin: in the newest open round under the rules in force that has a seat, and whose
-- items are all new to the person, for whatever purpose they had others. After a failed first attempt, the second one
-- begins only if its annotator asks for it; after an idle one, the same (`attempt_id`) goes on if its annotator asks,
-- and no second one begins, unless the annotator is active and recalibrated anew.
CREATE FUNCTION calibration_next(who uuid, asks boolean)
RETURNS TABLE (round_id uuid, nth integer, batch_id uuid, attempt_id uuid)
LANGUAGE sql STABLE AS $$
    SELECT r.id, n.number, b.id, idle.id
    FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
    JOIN projects_calibration_round r ON r.project_id = e.project_id AND r.state = 'open'
    JOIN projects_plan_guidelineversion v ON v.id = r.guideline_version_id
    CROSS JOIN (VALUES (1), (2)) n (number)
    JOIN projects_items_batch b ON b.id = CASE n.number WHEN 1 THEN r.batch_id ELSE r.retake_batch_id END
    LEFT JOIN LATERAL (
        SELECT a.id, a.round_id, a.number, a.was_idle FROM projects_calibration_attempt a
        WHERE a.enrollment_id = who ORDER BY a.began_at DESC, a.id DESC LIMIT 1) idle
      ON idle.was_idle AND (idle.round_id, idle.number) = (r.id, n.number)
    WHERE e.id = who AND v.number >= calibration_major(p.guideline_version_id) AND b.status IN ('open', 'paused')
      AND CASE WHEN idle.id IS NOT NULL THEN asks ELSE
          NOT EXISTS (SELECT 1 FROM projects_calibration_attempt a
                      WHERE a.round_id = r.id AND a.enrollment_id = who AND a.number = n.number)
          AND (n.number = 1 OR EXISTS (
              SELECT 1 FROM projects_calibration_attempt a WHERE a.round_id = r.id AND a.enrollment_id = who
                AND a.number = 1 AND (a.state <> 'failed' OR asks) AND (NOT a.was_idle OR e.state = 'active')))
          AND NOT EXISTS (
              SELECT 1 FROM projects_calibration_rounditem i JOIN projects_work_lease l ON l.item_id = i.item_id
              WHERE i.round_id = r.id AND i.attempt = n.number AND l.annotator_id = e.annotator_id
                AND (l.ended_as IS NULL OR l.ended_as IN ('submitted', 'returned'))) END
      AND calibration_has_seat(r.id, n.number, who)
    ORDER BY idle.id IS NULL, r.number DESC, n.number LIMIT 1
$$;

-- What decides whether an enrollment can begin an attempt. `is_current` is about its running attempt, `is_cleared` about
-- main work under the rules in force, `was_cleared` under any; `is_early` means that the wait after a failure goes on.
CREATE FUNCTION calibration_standing(who uuid) RETURNS TABLE (
    project_id uuid, state text, calibration text, has_accepted boolean, running_id uuid, is_current boolean,
    is_cleared boolean, was_cleared boolean, is_early boolean)
LANGUAGE sql STABLE AS $$
    SELECT e.project_id, e.state::text, p.calibration::text,
        EXISTS (SELECT 1 FROM projects_enrollment_guidelineacceptance g
                JOIN projects_plan_guidelineversion v ON v.id = g.guideline_version_id
                WHERE g.enrollment_id = who AND v.number >= m.major),
        running.id, running.number >= m.major,
        EXISTS (SELECT 1 FROM projects_enrollment_clearance c
                JOIN projects_plan_guidelineversion v ON v.id = c.guideline_version_id
                WHERE c.enrollment_id = who AND c.phase = 'main' AND v.number >= m.major),
        EXISTS (SELECT 1 FROM projects_enrollment_clearance c WHERE c.enrollment_id = who AND c.phase = 'main'),
        EXISTS (SELECT 1 FROM projects_calibration_attempt a JOIN projects_calibration_round r ON r.id = a.round_id
                JOIN projects_plan_guidelineversion v ON v.id = r.guideline_version_id
                WHERE a.enrollment_id = who AND a.state = 'failed' AND v.number >= m.major
                  AND a.decided_at + r.wait_hours * interval '1 hour' > clock_timestamp())
    FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
    CROSS JOIN LATERAL (SELECT calibration_major(p.guideline_version_id) AS major) m
    LEFT JOIN LATERAL (
        SELECT a.id, v.number FROM projects_calibration_attempt a JOIN projects_calibration_round r ON r.id = a.round_id
        JOIN projects_plan_guidelineversion v ON v.id = r.guideline_version_id
        WHERE a.enrollment_id = who AND a.state = 'running') running ON true
    WHERE e.id = who
$$;

-- Makes the enrollment calibrating, with the right to lease in `batch` only, or nowhere if that is null.
CREATE FUNCTION calibration_clear(who uuid, batch uuid, has_main boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE projects_enrollment_enrollment SET state = 'calibrating' WHERE id = who AND state <> 'calibrating';
    -- Main clearance is carried over here too: the desk does so only while there is none for the version in force.
    IF has_main THEN
        INSERT INTO projects_enrollment_clearance (id, workspace_id, enrollment_id, guideline_version_id, phase, cleared_at)
        SELECT rlhfhub_uuid7(), e.workspace_id, e.id, p.guideline_version_id, 'main', clock_timestamp()
        FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id WHERE e.id = who
        ON CONFLICT DO NOTHING;
    END IF;
    PERFORM calibration_unclear(who);
    INSERT INTO projects_enrollment_clearance
        (id, workspace_id, enrollment_id, guideline_version_id, phase, batch_id, cleared_at)
    SELECT rlhfhub_uuid7(), e.workspace_id, e.id, p.guideline_version_id, 'calibration', batch, clock_timestamp()
    FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id WHERE e.id = who
    ON CONFLICT (enrollment_id, guideline_version_id, phase) DO UPDATE SET batch_id = EXCLUDED.batch_id
        WHERE projects_enrollment_clearance.batch_id IS DISTINCT FROM EXCLUDED.batch_id;
END $$;

-- Puts the enrollment's cursor before one of the items at which an attempt may start, drawn at random.
CREATE FUNCTION calibration_start(who uuid, of uuid, nth integer, batch uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO projects_work_cursor (id, workspace_id, enrollment_id, batch_id, annotator_id, seq)
    SELECT rlhfhub_uuid7(), e.workspace_id, e.id, batch, e.annotator_id, start.seq - 1
    FROM projects_enrollment_enrollment e CROSS JOIN (
        SELECT s.seq FROM projects_calibration_rounditem i
        JOIN projects_work_slot s ON s.batch_id = batch AND s.item_id = i.item_id
        WHERE i.round_id = of AND i.attempt = nth AND i.is_start ORDER BY random() LIMIT 1) start
    WHERE e.id = who ON CONFLICT DO NOTHING
$$;

-- Begins an attempt, or lets the enrollment wait for a round. Returns what came of it in one word. Nothing begins twice.
CREATE FUNCTION calibration_begin(who uuid, why text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    e record;
    chosen record;
    obstacle text;
BEGIN
    -- One at a time in a project: the seats of a round are counted, and nobody makes two attempts at once. Everybody
    -- locks an enrollment before its attempt, as who pauses somebody does.
    PERFORM pg_advisory_xact_lock(hashtextextended(n.project_id::text, 31))
    FROM projects_enrollment_enrollment n WHERE n.id = who;
    PERFORM 1 FROM projects_enrollment_enrollment n WHERE n.id = who FOR NO KEY UPDATE;
    SELECT * INTO e FROM calibration_standing(who);
    obstacle := CASE
        WHEN e.calibration <> 'required' THEN 'not_asked'
        WHEN e.state NOT IN ('onboarding', 'calibrating', 'active') THEN 'not_active'
        WHEN why IN ('alert', 'schedule') AND e.state <> 'active' THEN 'not_active'
        WHEN NOT e.has_accepted THEN 'not_accepted'
        WHEN e.is_current THEN 'running'
        WHEN e.state = 'active' AND e.is_cleared AND why NOT IN ('alert', 'schedule') THEN 'cleared' END;
    IF obstacle IS NOT NULL THEN
        RETURN obstacle;
    END IF;
    -- Who left while they were active and comes back is cleared as before, if the rules are still the same.
    IF e.state = 'onboarding' AND e.is_cleared AND (
            SELECT c.from_state = 'active' FROM projects_enrollment_enrollmentchange c
            WHERE c.enrollment_id = who AND c.reason = 'left' ORDER BY c.at DESC, c.id DESC LIMIT 1) THEN
        UPDATE projects_enrollment_enrollment SET state = 'active' WHERE id = who;
        RETURN 'cleared';
    END IF;
    UPDATE projects_calibration_attempt SET state = 'left', decided_at = clock_timestamp(),
        why = 'A major version of the guidelines came into force before this attempt was decided.'
    WHERE id = e.running_id;
    IF e.is_early THEN
        RETURN 'too_early';
    END IF;
    SELECT * INTO chosen FROM calibration_next(who, why = 'retake');
    IF chosen.round_id IS NULL AND why IN ('alert', 'schedule') THEN
        RETURN 'no_round';
    END IF;
    PERFORM calibration_clear(who, chosen.batch_id, e.is_cleared);
    IF chosen.round_id IS NULL THEN
        RETURN 'waits';
    END IF;
    IF chosen.attempt_id IS NOT NULL THEN
        UPDATE projects_calibration_attempt SET state = 'running', was_idle = false, decided_at = NULL, why = '',
            resumed_at = clock_timestamp()
        WHERE id = chosen.attempt_id;
        RETURN 'begun';
    END IF;
    -- Who waits and is cleared under the rules in force was recalibrated, and goes on with that.
    INSERT INTO projects_calibration_attempt
        (id, workspace_id, round_id, project_id, enrollment_id, number, batch_id, cause, state, began_at, why)
    SELECT rlhfhub_uuid7(), n.workspace_id, chosen.round_id, n.project_id, n.id, chosen.nth, chosen.batch_id,
           CASE WHEN calibration_begin.why <> 'joined' THEN calibration_begin.why
                WHEN e.is_cleared THEN 'retake' WHEN e.was_cleared THEN 'guideline' ELSE 'joined' END,
           'running', clock_timestamp(), ''
    FROM projects_enrollment_enrollment n WHERE n.id = who;
    PERFORM calibration_start(who, chosen.round_id, chosen.nth, chosen.batch_id);
    RETURN 'begun';
END $$;

-- Undoes a recalibration that nobody has decided yet. With `begun_by`, the moment until which an alert asked for it, also
-- one that was failed, and the attempts to retake it: that alert was the only reason. Nothing that began later, for
-- another reason, is undone. Returns whether the enrollment is active now.
CREATE FUNCTION calibration_undo(who uuid, because text, begun_by timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    first record;
BEGIN
    PERFORM 1 FROM projects_enrollment_enrollment n WHERE n.id = who FOR NO KEY UPDATE;
    SELECT a.cause, a.state, a.began_at INTO first FROM projects_calibration_attempt a
    WHERE a.enrollment_id = who AND (a.cause <> 'retake' OR begun_by IS NULL) ORDER BY a.began_at DESC, a.id DESC LIMIT 1;
    IF first.cause IS NULL OR first.cause NOT IN ('alert', 'schedule')
       OR begun_by IS NULL AND first.state <> 'running'
       OR begun_by IS NOT NULL AND (first.cause <> 'alert' OR first.began_at > begun_by)
       OR first.state <> 'running' AND NOT (SELECT s.is_cleared FROM calibration_standing(who) s) THEN
        RETURN false;
    END IF;
    UPDATE projects_calibration_attempt SET state = 'left', decided_at = clock_timestamp(), why = because
    WHERE enrollment_id = who AND state = 'running';
    UPDATE projects_enrollment_enrollment SET state = 'active' WHERE id = who AND state = 'calibrating';
    RETURN FOUND;
END $$;
"""

ATTEMPTS = """
CREATE FUNCTION calibration_attempt_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'running' AND NOT (OLD.was_idle AND NEW.state = 'running' AND NEW.resumed_at >= OLD.decided_at)
       OR OLD.state = 'running' AND NEW.resumed_at IS DISTINCT FROM OLD.resumed_at
       OR (NEW.seen, NEW.hits) <> (
            SELECT count(*), count(*) FILTER (WHERE m.hit) FROM projects_calibration_mark m
            WHERE m.attempt_id = NEW.id AND m.counted)
       OR to_jsonb(OLD) - '{state,seen,hits,resumed_at,decided_at,why,was_idle}'::text[]
          <> to_jsonb(NEW) - '{state,seen,hits,resumed_at,decided_at,why,was_idle}'::text[]
    THEN
        RAISE EXCEPTION 'an attempt is decided once, unless it was left idle, and counts its marks'
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

-- A project that asks for calibration no more: no attempt runs on, and who is cleared for main work is active at once,
-- whether a recalibration was running or had failed.
CREATE FUNCTION calibration_switched_off() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.id::text, 31));
    PERFORM 1 FROM projects_enrollment_enrollment e
    WHERE e.project_id = NEW.id AND e.state = 'calibrating' ORDER BY e.id FOR NO KEY UPDATE;
    UPDATE projects_calibration_attempt SET state = 'left', decided_at = clock_timestamp(),
        why = 'The project asks for no calibration any more.'
    WHERE project_id = NEW.id AND state = 'running';
    UPDATE projects_enrollment_enrollment e SET state = 'active' WHERE e.project_id = NEW.id AND e.state = 'calibrating'
      AND (SELECT s.is_cleared FROM calibration_standing(e.id) s);
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
