"""Decisions are append-only, none is on one's own work, and an annotation's state is what was decided on it (W11).

In the workspace plane a member decides: the acting one, where the transaction knows who acts. In the system plane a
decision is automatic, after `decide_by`. The triggers run after the rows, so that a policy that refuses a row raises
first, and both halves of the statement are visible.
"""

from django.db import migrations

DECISIONS = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_review_decision
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

-- The annotator's id is repeated in the row because policies read the row alone.
CREATE FUNCTION review_of_annotation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM projects_work_annotation
                   WHERE id = NEW.annotation_id AND annotator_id = NEW.annotator_id) THEN
        RAISE EXCEPTION 'a decision, return or appeal must name the annotator of its annotation'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'review_annotator';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION review_not_own_work() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF tenancy_linked(NEW.reviewer_id, NEW.annotator_id) THEN
        RAISE EXCEPTION 'nobody decides on the work of an account that is linked with their own'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_not_linked';
    END IF;
    IF NEW.reviewer_id = NEW.annotator_id THEN
        RAISE EXCEPTION 'nobody decides on their own work'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_not_own';
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION review_not_own_work() OWNER TO rlhfhub_keeper;
CREATE TRIGGER not_own BEFORE INSERT ON projects_review_decision
    FOR EACH ROW EXECUTE FUNCTION review_not_own_work();
CREATE TRIGGER not_own BEFORE INSERT ON projects_review_return
    FOR EACH ROW EXECUTE FUNCTION review_not_own_work();
CREATE TRIGGER of_annotation AFTER INSERT ON projects_review_decision
    FOR EACH ROW EXECUTE FUNCTION review_of_annotation();
CREATE FUNCTION review_return_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM projects_work_annotation WHERE id = NEW.annotation_id AND purpose = 'data') THEN
        RAISE EXCEPTION 'only an answer for data is sent back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'return_of_data';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER of_data AFTER INSERT ON projects_review_return
    FOR EACH ROW EXECUTE FUNCTION review_return_made();
CREATE TRIGGER of_annotation AFTER INSERT ON projects_review_return
    FOR EACH ROW EXECUTE FUNCTION review_of_annotation();
CREATE TRIGGER of_annotation AFTER INSERT ON projects_review_appeal
    FOR EACH ROW EXECUTE FUNCTION review_of_annotation();

CREATE FUNCTION review_is_member(workspace uuid, person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM rlhfhub_tenancy_membership m WHERE m.workspace_id = workspace AND m.user_id = person)
$$;

-- Whether all slots of a review's item are answered, and every answer accepts the one that the item was frozen from.
CREATE FUNCTION review_is_unanimous(item uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT COALESCE(bool_and(COALESCE(a.state IN ('submitted', 'accepted') AND NOT a.set_aside
                                      AND a.answer ->> 'verdict' = 'accept'
                                      AND COALESCE(a.answer ->> 'rule', 'none') = 'none', false)), false)
    FROM projects_work_slot s LEFT JOIN projects_work_annotation a ON a.slot_id = s.id WHERE s.item_id = item
$$;

-- Whether a review of the answer as it stands is unanimous.
CREATE FUNCTION review_accepts(annotation uuid, revised timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM projects_review_source s WHERE s.annotation_id = annotation AND s.purpose = 'review'
                     AND s.revised_at IS NOT DISTINCT FROM revised AND review_is_unanimous(s.item_id))
$$;

CREATE FUNCTION review_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    here text := rlhfhub_plane();
    person uuid := rlhfhub_person();
    due timestamptz;
    revised timestamptz;
    of_data boolean;
BEGIN
    SELECT decide_by, revised_at, purpose = 'data' INTO due, revised, of_data FROM projects_work_annotation
    WHERE id = NEW.annotation_id
        AND state = CASE WHEN NEW.verdict IN ('accepted', 'overturned') THEN 'accepted' ELSE 'rejected' END;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the statement that decides on an annotation must also give it the decided state'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'decision_accepts';
    END IF;
    IF here IS NOT NULL AND NEW.decided_at NOT BETWEEN now() AND clock_timestamp() THEN
        RAISE EXCEPTION 'a decision is dated now' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'decision_own_name';
    END IF;
    IF NEW.stage = 1 AND here IS NOT NULL AND (NOT CASE NEW."by"
            WHEN 'clock' THEN here = 'system' AND due < NEW.decided_at
            WHEN 'review' THEN here = 'system' AND (NOT of_data OR review_accepts(NEW.annotation_id, revised))
            ELSE here = 'workspace' AND (person IS NULL OR person = NEW.reviewer_id)
                 AND (NEW.verdict = 'accepted' OR due >= NEW.decided_at)
                 AND review_is_member(NEW.workspace_id, NEW.reviewer_id) END) THEN
        RAISE EXCEPTION 'a decision must name the member who makes it, be automatic and late enough, or follow a unanimous review'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'decision_own_name';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER accepts AFTER INSERT ON projects_review_decision
    FOR EACH ROW EXECUTE FUNCTION review_decided();

-- A rejection cites a rule of the guideline version that the answer was given under, and is of an answer for data:
-- answers that measure their annotator are always paid.
CREATE FUNCTION review_rejected() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM projects_work_annotation a JOIN projects_plan_guidelineversion v ON v.id = a.guideline_version_id,
            jsonb_array_elements(v.rules) r
        WHERE a.id = NEW.annotation_id AND r ->> 'id' = NEW.rule AND a.purpose = 'data') THEN
        RAISE EXCEPTION 'a rejection must cite a rule of the guideline version of an answer for data'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_rule';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER cites_rule AFTER INSERT ON projects_review_decision
    FOR EACH ROW WHEN (NEW.verdict = 'rejected') EXECUTE FUNCTION review_rejected();

-- Rejections of a batch are counted. More than are allowed break a constraint.
CREATE FUNCTION review_counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO projects_review_rejectlimit AS l (id, workspace_id, batch_id, rejected, allowed)
    SELECT rlhfhub_uuid7(), b.workspace_id, b.id, 1, GREATEST(5, b.slots_count * 5 / 100)
    FROM projects_work_annotation a JOIN projects_items_batch b ON b.id = a.batch_id WHERE a.id = NEW.annotation_id
    ON CONFLICT (batch_id) DO UPDATE SET rejected = l.rejected + 1,
        stopped_at = CASE WHEN l.rejected + 1 >= l.allowed THEN COALESCE(l.stopped_at, clock_timestamp()) END;
    RETURN NULL;
END $$;
ALTER FUNCTION review_counted() OWNER TO rlhfhub_keeper;
CREATE TRIGGER counted AFTER INSERT ON projects_review_decision
    FOR EACH ROW WHEN (NEW.verdict = 'rejected') EXECUTE FUNCTION review_counted();

-- Whether this person, as an annotator of an item frozen from the appealed answer, judged that the appeal ends so.
CREATE FUNCTION review_judged(annotation uuid, person uuid, ends text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM projects_review_source s JOIN projects_work_annotation v ON v.item_id = s.item_id
        WHERE s.annotation_id = annotation AND s.purpose = 'appeal' AND v.annotator_id = person
          AND v.state IN ('submitted', 'accepted')
          AND v.answer ->> 'verdict' = CASE ends WHEN 'upheld' THEN 'broken' ELSE 'followed' END)
$$;

-- Stage 2: without an appeal a rejection lapses when the time to appeal is over. An appeal is decided by somebody who is
-- no member of the workspace, of the staff or an annotator who judged it; or by the clock for the annotator.
CREATE FUNCTION review_finished() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    here text := rlhfhub_plane();
    person uuid := rlhfhub_person();
    rejection projects_review_decision;
    appeal projects_review_appeal;
BEGIN
    SELECT * INTO rejection FROM projects_review_decision
        WHERE annotation_id = NEW.annotation_id AND stage = 1 AND verdict = 'rejected';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only a rejection has a second stage'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'decision_accepts';
    END IF;
    SELECT * INTO appeal FROM projects_review_appeal WHERE annotation_id = NEW.annotation_id;
    IF (NOT CASE
        WHEN NEW.verdict = 'lapsed' THEN appeal.id IS NULL AND rejection.appeal_by < NEW.decided_at
        WHEN NEW."by" = 'clock' THEN appeal.decide_by < NEW.decided_at
        ELSE appeal.id IS NOT NULL AND NEW.reviewer_id <> rejection.reviewer_id
             AND (NEW.verdict = 'overturned' OR appeal.decide_by >= NEW.decided_at)
             AND NOT review_is_member(NEW.workspace_id, NEW.reviewer_id) END) THEN
        RAISE EXCEPTION 'a rejection ends by an appeal that somebody outside the workspace decides, or by the clock'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'decision_appealed';
    END IF;
    IF here IS NOT NULL AND (NOT CASE NEW."by" WHEN 'clock' THEN here = 'system'
            ELSE here = 'staff' AND (person IS NULL OR person = NEW.reviewer_id)
                 OR here = 'system' AND person = NEW.reviewer_id AND review_judged(NEW.annotation_id, NEW.reviewer_id, NEW.verdict) END) THEN
        RAISE EXCEPTION 'this plane cannot decide an appeal'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'decision_own_name';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER finishes AFTER INSERT ON projects_review_decision
    FOR EACH ROW WHEN (NEW.stage = 2) EXECUTE FUNCTION review_finished();
"""

SOURCES = """
CREATE FUNCTION review_source_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM projects_work_annotation a, projects_items_item i JOIN projects_plan_project p ON p.id = i.project_id
        WHERE a.id = NEW.annotation_id AND i.id = NEW.item_id AND p.purpose = NEW.purpose AND a.purpose = 'data'
          AND (NEW.purpose = 'appeal' OR p.parent_id = a.project_id)
          AND (a.workspace_id, a.item_id, a.annotator_id) = (NEW.source_workspace_id, NEW.source_item_id, NEW.annotator_id)
          AND a.revised_at IS NOT DISTINCT FROM NEW.revised_at)
       OR NEW.purpose = 'appeal' AND (rlhfhub_plane() = 'workspace' OR NOT EXISTS (
            SELECT 1 FROM projects_review_decision d JOIN projects_review_appeal x ON x.annotation_id = d.annotation_id
            WHERE d.annotation_id = NEW.annotation_id AND d.verdict = 'rejected' AND d.reviewer_id = NEW.reviewer_id))
       OR rlhfhub_plane() IS NOT NULL AND NEW.frozen_at NOT BETWEEN now() AND clock_timestamp() THEN
        RAISE EXCEPTION 'a source names the answer for data, or the appealed one, that its item is frozen from now'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'source_of_answer';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER frozen AFTER INSERT ON projects_review_source
    FOR EACH ROW EXECUTE FUNCTION review_source_frozen();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_review_source
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

APPEALS = """
CREATE FUNCTION review_appealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM projects_review_decision d JOIN projects_work_annotation a ON a.id = d.annotation_id
        WHERE d.annotation_id = NEW.annotation_id AND d.verdict = 'rejected' AND a.state = 'rejected'
          AND NEW.appealed_at <= d.appeal_by)
       OR EXISTS (SELECT 1 FROM projects_review_decision WHERE annotation_id = NEW.annotation_id AND stage = 2)
       OR NEW.left_to_staff <> ''
       OR rlhfhub_plane() IS NOT NULL AND NEW.appealed_at NOT BETWEEN now() AND clock_timestamp() THEN
        RAISE EXCEPTION 'an appeal is made against a rejection, now, in the time that is left for it'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'appeal_in_time';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER in_time AFTER INSERT ON projects_review_appeal FOR EACH ROW EXECUTE FUNCTION review_appealed();
CREATE TRIGGER append_only BEFORE DELETE ON projects_review_appeal
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

CREATE FUNCTION review_appeal_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.left_to_staff <> '' OR NEW.left_to_staff = ''
       OR to_jsonb(OLD) - 'left_to_staff' IS DISTINCT FROM to_jsonb(NEW) - 'left_to_staff' THEN
        RAISE EXCEPTION 'of an appeal only one thing is added, once: why it is left to staff'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'appeal_left_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER left_to_staff BEFORE UPDATE ON projects_review_appeal
    FOR EACH ROW EXECUTE FUNCTION review_appeal_left();
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
        SELECT 1 FROM projects_review_return WHERE annotation_id = NEW.id AND answered_at IS NULL AND lapsed_at IS NULL) THEN
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
    IF OLD.answered_at IS NOT NULL OR OLD.lapsed_at IS NOT NULL OR (NEW.answered_at IS NULL) = (NEW.lapsed_at IS NULL)
       OR (OLD.annotation_id, OLD.annotator_id, OLD.reviewer_id, OLD.note, OLD.returned_at, OLD.revise_by)
          IS DISTINCT FROM
          (NEW.annotation_id, NEW.annotator_id, NEW.reviewer_id, NEW.note, NEW.returned_at, NEW.revise_by) THEN
        RAISE EXCEPTION 'a return can only be answered or lapse, once' USING ERRCODE = 'restrict_violation';
    END IF;
    IF rlhfhub_plane() IS NOT NULL
       AND (COALESCE(NEW.answered_at, NEW.lapsed_at) NOT BETWEEN now() AND clock_timestamp()
            OR (NEW.answered_at IS NULL) <> (rlhfhub_plane() = 'system') OR NEW.answered_at > OLD.revise_by) THEN
        RAISE EXCEPTION 'a return is answered by its annotator in time, and lapses afterwards'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'return_in_time';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edge BEFORE UPDATE ON projects_review_return FOR EACH ROW EXECUTE FUNCTION review_return_edge();
CREATE TRIGGER append_only BEFORE DELETE ON projects_review_return
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

ADJUDICATIONS = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_review_adjudication
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

-- A final answer is to the form of an item of the project's data that was answered, under published guidelines.
CREATE FUNCTION review_adjudication_of_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM projects_items_item i JOIN projects_items_batch b ON b.id = i.batch_id
        JOIN projects_plan_guidelineversion v ON v.project_id = i.project_id
        WHERE i.id = NEW.item_id AND i.project_id = NEW.project_id AND b.form_id = NEW.form_id
          AND v.id = NEW.guideline_version_id AND v.published_at IS NOT NULL
          AND EXISTS (SELECT 1 FROM projects_work_annotation a WHERE a.item_id = i.id AND a.purpose = 'data')) THEN
        RAISE EXCEPTION 'a final answer is to the form of an answered item, under its project''s guidelines'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'adjudication_of_item';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER of_item AFTER INSERT ON projects_review_adjudication
    FOR EACH ROW EXECUTE FUNCTION review_adjudication_of_item();

-- Whoever holds the item may still answer it, so a live lease counts as an answer. The lock lets this see what the
-- person is just leasing, and the lease what they are just deciding.
CREATE FUNCTION review_adjudicator() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    here text := rlhfhub_plane();
    person uuid := rlhfhub_person();
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.reviewer_id::text, 59));
    IF EXISTS (SELECT 1 FROM projects_work_lease WHERE item_id = NEW.item_id AND annotator_id = NEW.reviewer_id
                 AND (ended_as IS NULL OR ended_as = 'submitted')) THEN
        RAISE EXCEPTION 'nobody gives the final answer to an item that they answer themselves'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'adjudication_not_own';
    END IF;
    IF here IS NOT NULL AND (here <> 'workspace' OR COALESCE(person <> NEW.reviewer_id, false)
            OR NEW.decided_at NOT BETWEEN now() AND clock_timestamp()
            OR NOT review_is_member(NEW.workspace_id, NEW.reviewer_id)) THEN
        RAISE EXCEPTION 'a final answer names the member who gives it, and is dated now'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'adjudication_own_name';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER adjudicator AFTER INSERT ON projects_review_adjudication
    FOR EACH ROW EXECUTE FUNCTION review_adjudicator();

-- Nor whose account staff linked with that of somebody who answers it.
CREATE FUNCTION review_adjudicator_linked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM rlhfhub_tenancy_accountpair p JOIN projects_work_lease l ON l.item_id = NEW.item_id
          AND l.annotator_id = CASE p.one_id WHEN NEW.reviewer_id THEN p.other_id ELSE p.one_id END
        WHERE (p.one_id = NEW.reviewer_id OR p.other_id = NEW.reviewer_id) AND p.state = 'linked'
          AND (l.ended_as IS NULL OR l.ended_as = 'submitted')) THEN
        RAISE EXCEPTION 'nobody gives the final answer to an item that a linked account answers'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'adjudication_not_own';
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION review_adjudicator_linked() OWNER TO rlhfhub_keeper;
CREATE TRIGGER linked AFTER INSERT ON projects_review_adjudication
    FOR EACH ROW EXECUTE FUNCTION review_adjudicator_linked();

-- Of an item no lease is made to whoever gave its final answer, or to an account that staff linked with theirs: they have
-- read what others answered. The desk goes on to the next item, as if they had had this one.
CREATE FUNCTION review_lease_adjudicated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.annotator_id::text, 59));
    IF EXISTS (SELECT 1 FROM projects_review_adjudication j WHERE j.item_id = NEW.item_id
               AND (j.reviewer_id = NEW.annotator_id OR tenancy_linked(j.reviewer_id, NEW.annotator_id))) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION review_lease_adjudicated() OWNER TO rlhfhub_keeper;
CREATE TRIGGER adjudicated BEFORE INSERT ON projects_work_lease
    FOR EACH ROW EXECUTE FUNCTION review_lease_adjudicated();

CREATE FUNCTION review_adjudication_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before_was_withdrawn boolean;
BEGIN
    SELECT withdrawn INTO before_was_withdrawn FROM projects_review_adjudication
        WHERE item_id = NEW.item_id AND number = NEW.number - 1;
    IF FOUND <> (NEW.number > 1) OR NEW.withdrawn AND COALESCE(before_was_withdrawn, true) THEN
        RAISE EXCEPTION 'final answers are numbered without a gap, and one that stands can be withdrawn'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'adjudication_follows';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER follows AFTER INSERT ON projects_review_adjudication
    FOR EACH ROW EXECUTE FUNCTION review_adjudication_follows();
"""

QUEUE = """
-- The reviewers' queue reads priorities of undecided answers alone.
CREATE FUNCTION review_priority_waits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE projects_review_priority SET waits = (NEW.state = 'submitted') WHERE annotation_id = NEW.id;
    RETURN NULL;
END $$;
ALTER FUNCTION review_priority_waits() OWNER TO rlhfhub_keeper;
CREATE TRIGGER priority AFTER UPDATE OF state ON projects_work_annotation
    FOR EACH ROW WHEN (OLD.state <> NEW.state AND 'submitted' IN (OLD.state, NEW.state))
    EXECUTE FUNCTION review_priority_waits();
"""

BULK = """
-- A bulk accept is requested by a member, now. It ends once, and only its end changes.
CREATE FUNCTION review_bulk_requested() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF rlhfhub_plane() IS NOT NULL
       AND (NEW.requested_at NOT BETWEEN now() AND clock_timestamp() OR NEW.cancelled_at IS NOT NULL
            OR NEW.done_at IS NOT NULL OR NEW.requested_by_id <> COALESCE(rlhfhub_person(), NEW.requested_by_id)
            OR NOT review_is_member(NEW.workspace_id, NEW.requested_by_id)) THEN
        RAISE EXCEPTION 'a bulk accept is requested now, by the member whom it names'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'bulk_accept_requested';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER requested AFTER INSERT ON projects_review_bulkaccept
    FOR EACH ROW EXECUTE FUNCTION review_bulk_requested();

CREATE FUNCTION review_bulk_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.cancelled_at IS NOT NULL OR OLD.done_at IS NOT NULL
       OR (OLD.project_id, OLD.requested_by_id, OLD.requested_at, OLD.takes_effect_at, OLD.answers, OLD.price_minor,
           OLD.fee_minor, OLD.currency)
          IS DISTINCT FROM
          (NEW.project_id, NEW.requested_by_id, NEW.requested_at, NEW.takes_effect_at, NEW.answers, NEW.price_minor,
           NEW.fee_minor, NEW.currency)
       OR (OLD.accepted, OLD.decided, OLD.returned, OLD.linked)
          IS DISTINCT FROM (NEW.accepted, NEW.decided, NEW.returned, NEW.linked)
          AND (clock_timestamp() < OLD.takes_effect_at OR NEW.accepted < OLD.accepted OR NEW.decided < OLD.decided
               OR NEW.returned < OLD.returned OR NEW.linked < OLD.linked)
       OR rlhfhub_plane() IS NOT NULL
          AND (COALESCE(NEW.cancelled_at, NEW.done_at) NOT BETWEEN now() AND clock_timestamp()
               OR NEW.cancelled_by_id <> COALESCE(rlhfhub_person(), NEW.cancelled_by_id)
               OR NEW.cancelled_at IS NOT NULL AND NEW.cancelled_by_id IS NULL
                  AND clock_timestamp() < OLD.takes_effect_at) THEN
        RAISE EXCEPTION 'a bulk accept ends once: it is undone in time, or takes effect'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'bulk_accept_edge';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edge BEFORE UPDATE ON projects_review_bulkaccept FOR EACH ROW EXECUTE FUNCTION review_bulk_edge();
CREATE TRIGGER append_only BEFORE DELETE ON projects_review_bulkaccept
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

CREATE FUNCTION review_bulk_answers_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM added n JOIN projects_review_bulkaccept b ON b.id = n.bulk_accept_id
        LEFT JOIN projects_work_annotation a ON a.id = n.annotation_id
        WHERE a.project_id IS DISTINCT FROM b.project_id OR a.annotator_id = b.requested_by_id OR a.purpose <> 'data'
           OR n.outcome <> '' OR b.requested_at < now()) THEN
        RAISE EXCEPTION 'a bulk accept takes answers for data of its project, none of whoever requests it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bulk_answer_of_project';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER added AFTER INSERT ON projects_review_bulkanswer REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION review_bulk_answers_added();

CREATE FUNCTION review_bulk_answer_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.outcome <> '' OR NEW.outcome = ''
       OR (OLD.bulk_accept_id, OLD.annotation_id) IS DISTINCT FROM (NEW.bulk_accept_id, NEW.annotation_id) THEN
        RAISE EXCEPTION 'an answer of a bulk accept gets its outcome once'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'bulk_answer_edge';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edge BEFORE UPDATE ON projects_review_bulkanswer FOR EACH ROW EXECUTE FUNCTION review_bulk_answer_edge();
CREATE TRIGGER append_only BEFORE DELETE ON projects_review_bulkanswer
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

SAMPLES = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_review_samplecheck
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
CREATE TRIGGER append_only BEFORE DELETE ON projects_review_sampleanswer
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

-- An answer counts as checked by the decision on it that a person makes in the check, and by nothing else.
CREATE FUNCTION review_sample_answer_checked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.checked_at IS NULL AND NEW.checked_at BETWEEN now() AND clock_timestamp()
        AND to_jsonb(OLD) - 'checked_at' = to_jsonb(NEW) - 'checked_at'
        AND (EXISTS (SELECT 1 FROM projects_review_decision d
                     WHERE d.annotation_id = NEW.annotation_id AND d.stage = 1 AND d."by" = 'person'
                       AND d.decided_at >= now())
             OR EXISTS (SELECT 1 FROM projects_review_return r
                        WHERE r.annotation_id = NEW.annotation_id AND r.returned_at >= now()))) IS NOT TRUE THEN
        RAISE EXCEPTION 'an answer of a sample is checked once, by the decision on it'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'sample_answer_checked';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER checked BEFORE UPDATE ON projects_review_sampleanswer
    FOR EACH ROW EXECUTE FUNCTION review_sample_answer_checked();

CREATE FUNCTION review_sample_answers_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM added n JOIN projects_review_samplecheck s ON s.id = n.sample_check_id
        LEFT JOIN projects_work_annotation a ON a.id = n.annotation_id
        WHERE a.batch_id IS DISTINCT FROM s.batch_id OR a.purpose <> 'data' OR a.submitted_at > s.made_at
           OR a.enrollment_id <> s.enrollment_id OR n.checked_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a sample holds unchecked answers that its scope had when it was made'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sample_answer_of_scope';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER added AFTER INSERT ON projects_review_sampleanswer REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION review_sample_answers_added();
"""


GRANT = "GRANT CREATE ON SCHEMA public TO rlhfhub_keeper"
REVOKE = "REVOKE CREATE ON SCHEMA public FROM rlhfhub_keeper"


class Migration(migrations.Migration):
    dependencies = [("projects_review", "0001_initial"), ("projects_work", "0002_rules")]
    operations = [migrations.RunSQL(
            [GRANT, DECISIONS, SOURCES, APPEALS, STATES, ADJUDICATIONS, QUEUE, BULK, SAMPLES, REVOKE],
            migrations.RunSQL.noop,
        )]
