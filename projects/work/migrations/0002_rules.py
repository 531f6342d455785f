"""What the database itself refuses at the desk."""

from django.db import migrations

LEASES = """
CREATE FUNCTION work_lease_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM projects_work_slot s JOIN projects_items_batch b ON b.id = s.batch_id
                   WHERE s.id = NEW.slot_id AND b.status = 'open' AND b.project_id = NEW.project_id) THEN
        RAISE EXCEPTION 'no lease outside an open batch' USING ERRCODE = 'check_violation', CONSTRAINT = 'lease_open_batch';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER made BEFORE INSERT ON projects_work_lease FOR EACH ROW EXECUTE FUNCTION work_lease_made();

CREATE FUNCTION work_lease_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL
       OR (OLD.slot_id, OLD.item_id, OLD.enrollment_id, OLD.form_id, OLD.guideline_version_id, OLD.shown, OLD.keys,
           OLD.seed, OLD.leased_at, OLD.expires_at) IS DISTINCT FROM
          (NEW.slot_id, NEW.item_id, NEW.enrollment_id, NEW.form_id, NEW.guideline_version_id, NEW.shown, NEW.keys,
           NEW.seed, NEW.leased_at, NEW.expires_at) THEN
        RAISE EXCEPTION 'a lease ends once and changes in nothing else' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ended BEFORE UPDATE ON projects_work_lease FOR EACH ROW EXECUTE FUNCTION work_lease_ended();
"""

ANNOTATIONS = """
CREATE FUNCTION work_annotation_made() RETURNS trigger LANGUAGE plpgsql AS $$
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
    RETURN NEW;
END $$;
CREATE TRIGGER made BEFORE INSERT ON projects_work_annotation FOR EACH ROW EXECUTE FUNCTION work_annotation_made();

CREATE FUNCTION work_annotation_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) IS DISTINCT FROM ('submitted', 'accepted')
       OR (OLD.answer, OLD.label, OLD.item_id, OLD.slot_id, OLD.lease_id, OLD.price_minor, OLD.fee_minor, OLD.submitted_at)
          IS DISTINCT FROM
          (NEW.answer, NEW.label, NEW.item_id, NEW.slot_id, NEW.lease_id, NEW.price_minor, NEW.fee_minor, NEW.submitted_at)
    THEN
        RAISE EXCEPTION 'of an annotation only the state changes, and only by a decision'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edge BEFORE UPDATE ON projects_work_annotation FOR EACH ROW EXECUTE FUNCTION work_annotation_edge();
CREATE TRIGGER append_only BEFORE DELETE ON projects_work_annotation
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
CREATE TRIGGER append_only BEFORE DELETE ON projects_work_lease
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

SLOTS = """
CREATE FUNCTION work_slot_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (('open', 'leased'), ('leased', 'open'), ('leased', 'filled'), ('open', 'cancelled')) THEN
        RAISE EXCEPTION 'a slot does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edge BEFORE UPDATE OF state ON projects_work_slot
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION work_slot_edge();
-- One queue for all batches of all workspaces: places only ever grow.
CREATE SEQUENCE projects_work_slot_place AS bigint CACHE 1;
GRANT USAGE ON SEQUENCE projects_work_slot_place TO rlhfhub_workspace, rlhfhub_annotator, rlhfhub_system;
"""


class Migration(migrations.Migration):
    dependencies = [("projects_work", "0001_initial"), ("rlhfhub_tenancy", "0002_rules")]
    operations = [migrations.RunSQL([LEASES, ANNOTATIONS, SLOTS], migrations.RunSQL.noop)]
