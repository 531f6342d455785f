"""Each plane moves slots, leases and annotations along its own edges only, and at the time it says.

An annotator leases for as long as the project gives, hands in what is then undecided for as long as it says, and ends
no lease as submitted without its answer. A workspace cancels what is open in a closed batch; the system lets leases
run out. The owner, whom no policy holds, is bound by the edges alone.
"""

from django.db import migrations

SLOTS = """
CREATE OR REPLACE FUNCTION work_slot_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (('open', 'leased'), ('leased', 'open'), ('leased', 'filled'), ('open', 'cancelled')) THEN
        RAISE EXCEPTION 'a slot does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    IF (CASE current_user
        WHEN 'rlhfhub_annotator' THEN NEW.state = 'cancelled'
        WHEN 'rlhfhub_workspace' THEN NEW.state <> 'cancelled'
        WHEN 'rlhfhub_system' THEN NEW.state <> 'open'
        WHEN 'rlhfhub_keeper' THEN NEW.state <> 'open' END) THEN
        RAISE EXCEPTION 'this plane moves no slot to %', NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'cancelled' AND NOT EXISTS (
        SELECT 1 FROM projects_items_batch b WHERE b.id = NEW.batch_id AND b.status = 'closed') THEN
        RAISE EXCEPTION 'slots are cancelled in a closed batch only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION work_slot_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a slot keeps its place and its holder while its state is the same'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER kept BEFORE UPDATE OF seq, holder_id ON projects_work_slot FOR EACH ROW
    WHEN (OLD.state = NEW.state AND (OLD.seq, OLD.holder_id) IS DISTINCT FROM (NEW.seq, NEW.holder_id))
    EXECUTE FUNCTION work_slot_kept();
"""

# After the row: it joins what a lease has to be with who may have one, and a policy that refuses a row speaks first.
LEASES = """
CREATE OR REPLACE FUNCTION work_lease_allowed() RETURNS trigger LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    minutes integer;
BEGIN
    SELECT p.lease_minutes INTO minutes
    FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
    WHERE e.id = NEW.enrollment_id AND e.state = 'active' AND (p.access = 'market' OR EXISTS (
        SELECT 1 FROM rlhfhub_tenancy_membership m
        WHERE m.workspace_id = e.workspace_id AND m.user_id = e.annotator_id));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only who is active leases, in a project of members only a member'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lease_allowed';
    END IF;
    IF rlhfhub_plane() = 'annotator' AND (NEW.ended_at IS NOT NULL
            OR NEW.leased_at NOT BETWEEN now() AND clock_timestamp()
            OR NEW.expires_at > NEW.leased_at + minutes * interval '1 minute') THEN
        RAISE EXCEPTION 'a lease begins now, lives, and lasts as long as its project says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lease_begins';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER allowed ON projects_work_lease;
CREATE TRIGGER allowed AFTER INSERT ON projects_work_lease FOR EACH ROW EXECUTE FUNCTION work_lease_allowed();

CREATE OR REPLACE FUNCTION work_lease_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL
       OR (OLD.slot_id, OLD.item_id, OLD.enrollment_id, OLD.form_id, OLD.guideline_version_id, OLD.shown, OLD.keys,
           OLD.seed, OLD.leased_at, OLD.expires_at) IS DISTINCT FROM
          (NEW.slot_id, NEW.item_id, NEW.enrollment_id, NEW.form_id, NEW.guideline_version_id, NEW.shown, NEW.keys,
           NEW.seed, NEW.leased_at, NEW.expires_at) THEN
        RAISE EXCEPTION 'a lease ends once and changes in nothing else' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (CASE current_user
        WHEN 'rlhfhub_annotator' THEN NEW.ended_as = 'revoked'
        WHEN 'rlhfhub_system' THEN NEW.ended_as <> 'expired'
        WHEN 'rlhfhub_keeper' THEN NEW.ended_as <> 'revoked'
        ELSE false END)
       OR current_user IN ('rlhfhub_annotator', 'rlhfhub_system', 'rlhfhub_keeper')
          AND NEW.ended_at NOT BETWEEN now() AND clock_timestamp() THEN
        RAISE EXCEPTION 'this plane does not end a lease so, or not now' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION work_lease_answered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM projects_work_annotation WHERE lease_id = NEW.id) THEN
        RAISE EXCEPTION 'a lease is submitted with its answer' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER answered AFTER UPDATE OF ended_as ON projects_work_lease
    FOR EACH ROW WHEN (NEW.ended_as = 'submitted') EXECUTE FUNCTION work_lease_answered();
"""

ANNOTATIONS = """
CREATE OR REPLACE FUNCTION work_annotation_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM projects_work_lease l JOIN projects_work_slot s ON s.id = l.slot_id
        WHERE l.id = NEW.lease_id AND l.slot_id = NEW.slot_id AND l.item_id = NEW.item_id
          AND l.enrollment_id = NEW.enrollment_id AND l.annotator_id = NEW.annotator_id
          AND l.form_id = NEW.form_id AND l.guideline_version_id = NEW.guideline_version_id
          AND s.batch_id = NEW.batch_id AND s.project_id = NEW.project_id
          AND (s.price_minor, s.fee_minor, s.currency) = (NEW.price_minor, NEW.fee_minor, NEW.currency)) THEN
        RAISE EXCEPTION 'an annotation is what its lease and slot say'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'annotation_of_lease';
    END IF;
    IF current_user = 'rlhfhub_annotator' AND (NEW.state <> 'submitted'
            OR NEW.submitted_at NOT BETWEEN now() AND clock_timestamp() OR NOT EXISTS (
                SELECT 1 FROM projects_plan_project p WHERE p.id = NEW.project_id
                AND NEW.decide_by = NEW.submitted_at + p.auto_accept_hours * interval '1 hour')) THEN
        RAISE EXCEPTION 'an annotation comes in now, undecided, with the time that its project gives for a decision'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'annotation_undecided_now';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("projects_work", "0006_database_stamps"), ("rlhfhub_tenancy", "0006_own_names")]
    operations = [migrations.RunSQL([SLOTS, LEASES, ANNOTATIONS], migrations.RunSQL.noop)]
