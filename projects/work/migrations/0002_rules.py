"""The changes of slots, leases and annotations that the database itself refuses.

Each plane can make only its own transitions between states, and their timestamps must be the present time. The owner,
to whom no policy applies, is held only to the transitions that exist at all.
"""

from django.db import migrations

SLOTS = """
CREATE FUNCTION work_slot_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (('open', 'leased'), ('leased', 'open'), ('leased', 'filled'), ('open', 'cancelled')) THEN
        RAISE EXCEPTION 'a slot cannot change its state from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    IF (CASE current_user
        WHEN 'rlhfhub_annotator' THEN NEW.state = 'cancelled'
        WHEN 'rlhfhub_workspace' THEN NEW.state <> 'cancelled'
        WHEN 'rlhfhub_system' THEN NEW.state <> 'open'
        WHEN 'rlhfhub_keeper' THEN NEW.state <> 'open' END) THEN
        RAISE EXCEPTION 'this plane cannot change the state of a slot to %', NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'cancelled' AND NOT EXISTS (
        SELECT 1 FROM projects_items_batch b WHERE b.id = NEW.batch_id AND b.status = 'closed') THEN
        RAISE EXCEPTION 'only slots of a closed batch can be cancelled' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edge BEFORE UPDATE OF state ON projects_work_slot
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION work_slot_edge();

CREATE FUNCTION work_slot_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the seq and the holder of a slot change only together with its state'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER kept BEFORE UPDATE OF seq, holder_id ON projects_work_slot FOR EACH ROW
    WHEN (OLD.state = NEW.state AND (OLD.seq, OLD.holder_id) IS DISTINCT FROM (NEW.seq, NEW.holder_id))
    EXECUTE FUNCTION work_slot_kept();

-- Checked once a statement: a funding run makes a hundred thousand slots in a few. A foreign key to the item would be
-- checked for each slot, and would lock, and so rewrite, each item. The rest of what it would hold is that a slot keeps
-- its item (`item_kept`), and that no item is deleted or changed (`append_only`).
CREATE FUNCTION work_slots_of_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM made s
               LEFT JOIN projects_items_item i ON i.workspace_id = s.workspace_id AND i.id = s.item_id
               WHERE i.id IS NULL OR i.project_id <> s.project_id OR (i.batch_id = s.batch_id) <> (s.purpose = 'data')
                  OR s.purpose <> 'data' AND NOT EXISTS (
                     SELECT 1 FROM projects_items_batch b WHERE b.id = i.batch_id AND b.is_pool)) THEN
        RAISE EXCEPTION 'a slot for data is of an item of its batch, any other of an item of its project''s pool'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_of_item';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER of_item AFTER INSERT ON projects_work_slot REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION work_slots_of_item();

CREATE FUNCTION work_slot_item_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a slot never changes its item' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'slot_item_kept';
END $$;
-- After the rows, so that a policy that forbids the row raises its error first.
CREATE TRIGGER item_kept AFTER UPDATE OF workspace_id, item_id ON projects_work_slot FOR EACH ROW
    WHEN ((OLD.workspace_id, OLD.item_id) IS DISTINCT FROM (NEW.workspace_id, NEW.item_id))
    EXECUTE FUNCTION work_slot_item_kept();

-- All batches of all workspaces take the numbers in their queues from this sequence.
CREATE SEQUENCE projects_work_slot_seq AS bigint CACHE 1;
GRANT USAGE ON SEQUENCE projects_work_slot_seq
    TO rlhfhub_workspace, rlhfhub_annotator, rlhfhub_system, rlhfhub_keeper;
"""

# `work_lease_made` is STABLE, so it reads with the snapshot of the statement that inserts the lease. A volatile function
# could see that a batch has just been closed which that statement still saw open, and fail it instead of letting the
# lease count as taken before the close. `work_lease_allowed` is an AFTER trigger, so that a row which a policy refuses
# fails with the policy's error.
LEASES = """
CREATE FUNCTION work_lease_made() RETURNS trigger LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM projects_work_slot s JOIN projects_items_batch b ON b.id = s.batch_id
                   WHERE s.id = NEW.slot_id AND b.status = 'open' AND b.project_id = NEW.project_id
                     AND (b.phase, b.form_id) = (NEW.phase, NEW.form_id)
                     AND cardinality(NEW.shown) = s.responses AND cardinality(NEW.keys) = s.responses) THEN
        RAISE EXCEPTION 'a lease needs an open batch with its phase and form, and an order of all the responses'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lease_open_batch';
    END IF;
    SELECT g.acceptance_id INTO NEW.terms_acceptance_id
    FROM projects_enrollment_eligibility g WHERE g.enrollment_id = NEW.enrollment_id;
    RETURN NEW;
END $$;
CREATE TRIGGER made BEFORE INSERT ON projects_work_lease FOR EACH ROW EXECUTE FUNCTION work_lease_made();

-- Of an item that a linked account holds, has answered or has returned, no lease is made: as if its annotator had had it.
-- The lock lets one of them see what the other is just leasing; so this function is not STABLE.
CREATE FUNCTION work_lease_linked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    pair record;
BEGIN
    FOR pair IN
        SELECT p.id, CASE p.one_id WHEN NEW.annotator_id THEN p.other_id ELSE p.one_id END AS account
        FROM rlhfhub_tenancy_accountpair p
        WHERE (p.one_id = NEW.annotator_id OR p.other_id = NEW.annotator_id) AND p.state = 'linked' ORDER BY p.id
    LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended(pair.id::text, 43));
        IF EXISTS (SELECT 1 FROM projects_work_lease l WHERE l.annotator_id = pair.account AND l.item_id = NEW.item_id
                   AND (l.ended_as IS NULL OR l.ended_as IN ('submitted', 'returned'))) THEN
            RETURN NULL;
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
ALTER FUNCTION work_lease_linked() OWNER TO rlhfhub_keeper;
CREATE TRIGGER linked BEFORE INSERT ON projects_work_lease FOR EACH ROW EXECUTE FUNCTION work_lease_linked();

CREATE FUNCTION work_lease_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL
       OR (OLD.slot_id, OLD.item_id, OLD.enrollment_id, OLD.form_id, OLD.guideline_version_id, OLD.phase, OLD.shown,
           OLD.keys, OLD.seed, OLD.leased_at, OLD.expires_at, OLD.terms_acceptance_id) IS DISTINCT FROM
          (NEW.slot_id, NEW.item_id, NEW.enrollment_id, NEW.form_id, NEW.guideline_version_id, NEW.phase, NEW.shown,
           NEW.keys, NEW.seed, NEW.leased_at, NEW.expires_at, NEW.terms_acceptance_id) THEN
        RAISE EXCEPTION 'a lease can be ended once, and cannot be changed otherwise' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (CASE current_user
        WHEN 'rlhfhub_annotator' THEN NEW.ended_as = 'revoked'
        WHEN 'rlhfhub_system' THEN NEW.ended_as <> 'expired'
        WHEN 'rlhfhub_keeper' THEN NEW.ended_as NOT IN ('revoked', 'returned')
        ELSE false END)
       OR current_user IN ('rlhfhub_annotator', 'rlhfhub_system', 'rlhfhub_keeper')
          AND NEW.ended_at NOT BETWEEN now() AND clock_timestamp() THEN
        RAISE EXCEPTION 'this plane cannot end a lease in this way or at this time' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ended BEFORE UPDATE ON projects_work_lease FOR EACH ROW EXECUTE FUNCTION work_lease_ended();

CREATE FUNCTION work_lease_answered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM projects_work_annotation WHERE lease_id = NEW.id) THEN
        RAISE EXCEPTION 'a lease can end as submitted only if it has an annotation' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER answered AFTER UPDATE OF ended_as ON projects_work_lease
    FOR EACH ROW WHEN (NEW.ended_as = 'submitted') EXECUTE FUNCTION work_lease_answered();

-- A slot opens again in the same way, whether its lease was returned, expired or was revoked: at the end of the queue.
-- One that is kept for the person who returned it has nobody left to meet it, and gets the number that no cursor passes.
CREATE FUNCTION work_slot_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE projects_work_slot SET state = 'open', holder_id = NULL,
        seq = CASE WHEN kept_for_id IS NOT NULL AND NEW.ended_as = 'returned' THEN 9223372036854775807
                   ELSE nextval('projects_work_slot_seq') END
    WHERE id = NEW.slot_id AND state = 'leased';
    RETURN NULL;
END $$;
CREATE TRIGGER slot_again AFTER UPDATE OF ended_as ON projects_work_lease
    FOR EACH ROW WHEN (NEW.ended_as <> 'submitted') EXECUTE FUNCTION work_slot_again();
CREATE TRIGGER append_only BEFORE DELETE ON projects_work_lease
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

# When a member's work for their workspace ends, so does their lease, at once (T4). Whether somebody may work is checked
# again when a lease is made, because the request may have waited while they were paused or removed. A lease that was made
# before a pause or an end of the enrollment goes on under its own terms; that of an annotator who leaves is returned.
STANDING = """
CREATE FUNCTION work_lease_allowed() RETURNS trigger LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    minutes integer;
    programs boolean;
    machine_text text;
    has_kin boolean;
    is_paid boolean;
    requirement uuid;
BEGIN
    SELECT b.lease_minutes, p.programs, p.machine_text, p.purpose <> 'work' OR EXISTS (
        SELECT 1 FROM projects_plan_project c WHERE c.parent_id = p.id), p.access = 'market', p.requirement_id
    INTO minutes, programs, machine_text, has_kin, is_paid, requirement
    FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
    JOIN projects_work_slot s ON s.id = NEW.slot_id JOIN projects_items_batch b ON b.id = s.batch_id
    WHERE e.id = NEW.enrollment_id AND COALESCE(s.kept_for_id = e.id, true)
      AND (e.state = 'active' OR e.state = 'calibrating' AND NEW.phase = 'calibration')
      AND (NEW.phase = 'main' OR EXISTS (
        SELECT 1 FROM projects_enrollment_clearance c WHERE c.enrollment_id = e.id AND c.phase = NEW.phase
          AND c.guideline_version_id = NEW.guideline_version_id AND c.batch_id = s.batch_id))
      AND (p.access = 'market' OR EXISTS (
        SELECT 1 FROM rlhfhub_tenancy_membership m
        WHERE m.workspace_id = e.workspace_id AND m.user_id = e.annotator_id));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a lease needs an active enrollment, for which a kept slot is kept, in a project for members a membership, and for calibration its batch'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lease_allowed';
    END IF;
    IF has_kin AND NOT door_may_take(NEW.item_id, NEW.annotator_id) THEN
        RAISE EXCEPTION 'nobody judges an answer in which they have a part, or answers an item of which they judge an answer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lease_of_kin';
    END IF;
    IF NOT programs AND current_setting('rlhfhub.program', true) = 'on' THEN
        RAISE EXCEPTION 'this project takes no answers by program'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'by_program';
    END IF;
    IF (is_paid OR requirement IS NOT NULL) AND NOT EXISTS (
            SELECT 1 FROM projects_enrollment_eligibility g WHERE g.enrollment_id = NEW.enrollment_id
              AND g.expires_at > clock_timestamp() AND g.requirement_id IS NOT DISTINCT FROM requirement
              AND g.acceptance_id IS NOT DISTINCT FROM NEW.terms_acceptance_id
              AND (NOT is_paid OR g.terms_number = (SELECT max(number) FROM annotators_profiles_terms))) THEN
        RAISE EXCEPTION 'who leases here was found to meet what the project asks for, within a day'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lease_eligible';
    END IF;
    IF machine_text = 'forbidden' AND enrollment_owes_attestation(NEW.enrollment_id) THEN
        RAISE EXCEPTION 'who leases here has attested that they write their texts themselves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lease_attested';
    END IF;
    IF rlhfhub_plane() = 'annotator' AND (NEW.ended_at IS NOT NULL
            OR NEW.leased_at NOT BETWEEN now() AND clock_timestamp()
            OR NEW.expires_at > NEW.leased_at + minutes * interval '1 minute') THEN
        RAISE EXCEPTION 'a new lease must begin now, be live, and last no longer than its batch allows'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lease_begins';
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION work_lease_allowed() OWNER TO rlhfhub_keeper;
CREATE TRIGGER allowed AFTER INSERT ON projects_work_lease FOR EACH ROW EXECUTE FUNCTION work_lease_allowed();

CREATE FUNCTION work_revoke(enrollment uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- A request that is making a lease holds this lock. Wait for it, so that its lease is revoked too.
    PERFORM pg_advisory_xact_lock(hashtextextended(enrollment::text, 17));
    UPDATE projects_work_lease SET ended_at = clock_timestamp(), ended_as = 'revoked'
    WHERE enrollment_id = enrollment AND ended_at IS NULL;
END $$;

CREATE FUNCTION work_enrollment_stopped() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- As above, wait for a lease that is being made: none begins after the enrollment is paused or ended.
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.enrollment_id::text, 17));
    IF NEW.reason = 'left' THEN
        UPDATE projects_work_lease SET ended_at = clock_timestamp(), ended_as = 'returned', return_reason = 'left'
        WHERE enrollment_id = NEW.enrollment_id AND ended_at IS NULL;
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION work_enrollment_stopped() OWNER TO rlhfhub_keeper;
-- Triggers of a table run in the order of their names: this one after `changed`, which locks the enrollment.
CREATE TRIGGER stopped AFTER INSERT ON projects_enrollment_enrollmentchange
    FOR EACH ROW WHEN (NEW.to_state IN ('paused', 'ended')) EXECUTE FUNCTION work_enrollment_stopped();

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

# `work_annotation_made` runs as the keeper because it copies the slot's purpose, which annotators may not read.
ANNOTATIONS = """
CREATE FUNCTION work_annotation_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    hours integer;
BEGIN
    SELECT b.auto_accept_hours, s.purpose INTO hours, NEW.purpose
    FROM projects_work_lease l JOIN projects_work_slot s ON s.id = l.slot_id
    JOIN projects_items_batch b ON b.id = s.batch_id
    WHERE l.id = NEW.lease_id AND l.slot_id = NEW.slot_id AND l.item_id = NEW.item_id
      AND l.enrollment_id = NEW.enrollment_id AND l.annotator_id = NEW.annotator_id
      AND l.form_id = NEW.form_id AND l.guideline_version_id = NEW.guideline_version_id
      AND s.batch_id = NEW.batch_id AND s.project_id = NEW.project_id
      AND (s.price_minor, s.fee_minor, s.currency) = (NEW.price_minor, NEW.fee_minor, NEW.currency);
    IF NOT FOUND OR cardinality(NEW.units) <> cardinality(NEW.judged) THEN
        RAISE EXCEPTION 'an annotation must agree with its lease and its slot, and have one value for each unit'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'annotation_of_lease';
    END IF;
    IF current_setting('rlhfhub.program', true) = 'on' AND NOT EXISTS (
            SELECT 1 FROM projects_plan_project WHERE id = NEW.project_id AND programs) THEN
        RAISE EXCEPTION 'this project takes no answers by program'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'by_program';
    END IF;
    IF rlhfhub_plane() = 'annotator' AND (NEW.state <> 'submitted' OR NEW.set_aside
            OR NEW.revised_at IS NOT NULL OR NEW.submitted_at NOT BETWEEN now() AND clock_timestamp()
            OR NEW.decide_by IS DISTINCT FROM NEW.submitted_at + hours * interval '1 hour') THEN
        RAISE EXCEPTION 'a new annotation must be submitted now, undecided, and due as its batch says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'annotation_undecided_now';
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION work_annotation_made() OWNER TO rlhfhub_keeper;
CREATE TRIGGER made BEFORE INSERT ON projects_work_annotation FOR EACH ROW EXECUTE FUNCTION work_annotation_made();

-- A returned annotation is submitted again: by its annotator, and only then may the answer change, or as it stands by
-- the clock. All other changes of the state are decisions.
CREATE FUNCTION work_annotation_edge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    again boolean := (OLD.state, NEW.state) = ('returned', 'submitted');
    revised boolean := again AND OLD.revised_at IS DISTINCT FROM NEW.revised_at;
BEGIN
    IF (OLD.project_id, OLD.batch_id, OLD.item_id, OLD.slot_id, OLD.lease_id, OLD.enrollment_id, OLD.annotator_id,
        OLD.form_id, OLD.guideline_version_id, OLD.price_minor, OLD.fee_minor, OLD.currency, OLD.purpose,
        OLD.submitted_at)
       IS DISTINCT FROM
       (NEW.project_id, NEW.batch_id, NEW.item_id, NEW.slot_id, NEW.lease_id, NEW.enrollment_id, NEW.annotator_id,
        NEW.form_id, NEW.guideline_version_id, NEW.price_minor, NEW.fee_minor, NEW.currency, NEW.purpose,
        NEW.submitted_at)
       OR NOT revised AND
          (OLD.answer, OLD.units, OLD.judged, OLD.seconds, OLD.pasted_percent, OLD.revised_at)
          IS DISTINCT FROM
          (NEW.answer, NEW.units, NEW.judged, NEW.seconds, NEW.pasted_percent, NEW.revised_at)
       OR NOT again AND OLD.decide_by <> NEW.decide_by
       OR revised AND NEW.revised_at IS NULL
       OR OLD.state <> NEW.state AND NOT again AND (OLD.state, NEW.state) NOT IN (
            ('submitted', 'accepted'), ('submitted', 'rejected'), ('submitted', 'returned'), ('rejected', 'accepted'))
    THEN
        RAISE EXCEPTION 'an annotation changes only by declared transitions, its answer only when a returned one is submitted'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'annotation_edge';
    END IF;
    IF current_user = 'rlhfhub_annotator' AND (NOT revised OR OLD.set_aside <> NEW.set_aside
            OR NEW.revised_at NOT BETWEEN now() AND clock_timestamp()
            OR NEW.decide_by IS DISTINCT FROM NEW.revised_at + (
                SELECT auto_accept_hours * interval '1 hour' FROM projects_items_batch WHERE id = NEW.batch_id))
       OR current_user IN ('rlhfhub_workspace', 'rlhfhub_system', 'rlhfhub_staff') AND revised
       OR current_user = 'rlhfhub_workspace' AND again THEN
        RAISE EXCEPTION 'this plane cannot change an annotation in this way'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'annotation_edge';
    END IF;
    IF revised AND current_setting('rlhfhub.program', true) = 'on' AND NOT EXISTS (
            SELECT 1 FROM projects_plan_project WHERE id = NEW.project_id AND programs) THEN
        RAISE EXCEPTION 'this project takes no answers by program'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'by_program';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edge BEFORE UPDATE ON projects_work_annotation FOR EACH ROW EXECUTE FUNCTION work_annotation_edge();

CREATE FUNCTION work_annotation_kept() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO projects_work_annotationhistory
        (id, workspace_id, annotation_id, number, answer, units, judged, replaced_at)
    SELECT rlhfhub_uuid7(), OLD.workspace_id, OLD.id, count(*) + 1, OLD.answer, OLD.units, OLD.judged, clock_timestamp()
    FROM projects_work_annotationhistory WHERE annotation_id = OLD.id;
    RETURN NULL;
END $$;
ALTER FUNCTION work_annotation_kept() OWNER TO rlhfhub_keeper;
CREATE TRIGGER kept AFTER UPDATE OF answer ON projects_work_annotation
    FOR EACH ROW WHEN (OLD.state = 'returned' AND NEW.state = 'submitted') EXECUTE FUNCTION work_annotation_kept();

CREATE TRIGGER append_only BEFORE DELETE ON projects_work_annotation
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_work_annotationhistory
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

CREATE FUNCTION work_draft_by_program() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
                   WHERE e.id = NEW.enrollment_id AND p.programs) THEN
        RAISE EXCEPTION 'this project takes no answers by program'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'by_program';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER by_program AFTER INSERT OR UPDATE ON projects_work_draft
    FOR EACH ROW WHEN (current_setting('rlhfhub.program', true) = 'on') EXECUTE FUNCTION work_draft_by_program();
"""

GRANT = "GRANT CREATE ON SCHEMA public TO rlhfhub_keeper"
REVOKE = "REVOKE CREATE ON SCHEMA public FROM rlhfhub_keeper"


class Migration(migrations.Migration):
    dependencies = [("projects_work", "0001_initial"), ("projects_enrollment", "0002_rules")]
    operations = [
        migrations.RunSQL(
            [SLOTS, GRANT, LEASES, STANDING, ANNOTATIONS, REVOKE], migrations.RunSQL.noop
        )
    ]
