"""Decisions are append-only, none is on one's own work, and an annotation's state is what was decided on it (W11).

In the workspace plane a member decides: the acting one, where the transaction knows who acts. In the system plane a
decision is automatic, after `decide_by`. The triggers run after the rows, so that a policy that refuses a row raises
first, and both halves of the statement are visible.
"""

from django.db import migrations

DECISIONS = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_review_decision
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

CREATE FUNCTION review_not_own_work() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reviewer_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM projects_work_annotation WHERE id = NEW.annotation_id AND annotator_id = NEW.reviewer_id) THEN
        RAISE EXCEPTION 'nobody decides on their own work'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_not_own';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER not_own BEFORE INSERT ON projects_review_decision
    FOR EACH ROW EXECUTE FUNCTION review_not_own_work();
CREATE TRIGGER not_own BEFORE INSERT ON projects_review_return
    FOR EACH ROW EXECUTE FUNCTION review_not_own_work();

CREATE FUNCTION review_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    here text := rlhfhub_plane();
    person uuid := rlhfhub_person();
    due timestamptz;
BEGIN
    SELECT decide_by INTO due FROM projects_work_annotation WHERE id = NEW.annotation_id
        AND state = CASE WHEN NEW.verdict IN ('accepted', 'overturned') THEN 'accepted' ELSE 'rejected' END;
    IF NOT FOUND OR NEW.stage = 2 AND NOT EXISTS (
        SELECT 1 FROM projects_review_decision WHERE annotation_id = NEW.annotation_id AND stage = 1
          AND verdict = 'rejected') THEN
        RAISE EXCEPTION 'the statement that decides on an annotation must also give it the decided state'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'decision_accepts';
    END IF;
    IF here IS NOT NULL AND (NEW.decided_at NOT BETWEEN now() AND clock_timestamp() OR NOT CASE NEW."by"
            WHEN 'clock' THEN here = 'system' AND (NEW.stage = 2 OR due < NEW.decided_at)
            ELSE here = 'workspace' AND (person IS NULL OR person = NEW.reviewer_id) AND EXISTS (
                SELECT 1 FROM rlhfhub_tenancy_membership m
                WHERE m.workspace_id = NEW.workspace_id AND m.user_id = NEW.reviewer_id) END) THEN
        RAISE EXCEPTION 'a decision must name the member who makes it, or be automatic and late enough, and be dated now'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'decision_own_name';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER accepts AFTER INSERT ON projects_review_decision
    FOR EACH ROW EXECUTE FUNCTION review_decided();
"""

STATES = """
CREATE FUNCTION review_state_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM projects_review_decision WHERE annotation_id = NEW.id
          AND verdict = CASE WHEN NEW.state = 'rejected' THEN 'rejected'
                             WHEN OLD.state = 'rejected' THEN 'overturned' ELSE 'accepted' END) THEN
        RAISE EXCEPTION 'an annotation is accepted or rejected only with a decision on it'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'annotation_decided';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER decided AFTER UPDATE OF state ON projects_work_annotation
    FOR EACH ROW WHEN (NEW.state IN ('accepted', 'rejected') AND OLD.state <> NEW.state)
    EXECUTE FUNCTION review_state_decided();

CREATE FUNCTION review_returned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.state = 'returned') IS DISTINCT FROM EXISTS (
        SELECT 1 FROM projects_review_return WHERE annotation_id = NEW.id AND answered_at IS NULL) THEN
        RAISE EXCEPTION 'an annotation is in the state returned exactly while its return is open'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'annotation_returned';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER returned AFTER UPDATE OF state ON projects_work_annotation
    FOR EACH ROW WHEN (OLD.state <> NEW.state AND 'returned' IN (OLD.state, NEW.state))
    EXECUTE FUNCTION review_returned();

CREATE FUNCTION review_return_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.answered_at IS NOT NULL OR NEW.answered_at IS NULL
       OR (OLD.annotation_id, OLD.reviewer_id, OLD.note, OLD.returned_at) IS DISTINCT FROM
          (NEW.annotation_id, NEW.reviewer_id, NEW.note, NEW.returned_at) THEN
        RAISE EXCEPTION 'a return can only be answered, once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edge BEFORE UPDATE ON projects_review_return FOR EACH ROW EXECUTE FUNCTION review_return_edge();
CREATE TRIGGER append_only BEFORE DELETE ON projects_review_return
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("projects_review", "0001_initial"), ("projects_work", "0002_rules")]
    operations = [migrations.RunSQL([DECISIONS, STATES], migrations.RunSQL.noop)]
