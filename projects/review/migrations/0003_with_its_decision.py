"""An annotation is accepted in the statement that decides on it, by whom the decision names (W11).

In the workspace plane a member decides, and where it is known who acts, that one; in the system plane the clock, when
the time is over. After the rows: a policy that refuses a row speaks first, and the other half of the statement stands.
"""

from django.db import migrations

RULES = """
CREATE FUNCTION review_accepted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM projects_review_decision WHERE annotation_id = NEW.id) THEN
        RAISE EXCEPTION 'an annotation is accepted by a decision'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'annotation_decided';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER decided AFTER UPDATE OF state ON projects_work_annotation
    FOR EACH ROW WHEN (NEW.state = 'accepted') EXECUTE FUNCTION review_accepted();

CREATE FUNCTION review_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    here text := rlhfhub_plane();
    person uuid := rlhfhub_person();
    due timestamptz;
BEGIN
    SELECT decide_by INTO due FROM projects_work_annotation WHERE id = NEW.annotation_id AND state = 'accepted';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'what is decided is accepted in the same statement'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'decision_accepts';
    END IF;
    IF here IS NOT NULL AND (NEW.decided_at NOT BETWEEN now() AND clock_timestamp() OR NOT CASE NEW."by"
            WHEN 'clock' THEN here = 'system' AND due < NEW.decided_at
            ELSE here = 'workspace' AND (person IS NULL OR person = NEW.reviewer_id) AND EXISTS (
                SELECT 1 FROM rlhfhub_tenancy_membership m
                WHERE m.workspace_id = NEW.workspace_id AND m.user_id = NEW.reviewer_id) END) THEN
        RAISE EXCEPTION 'a decision names who makes it, now: a member, or the clock when the time is over'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'decision_own_name';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER accepts AFTER INSERT ON projects_review_decision
    FOR EACH ROW EXECUTE FUNCTION review_decided();
"""
RULES_BACK = """
DROP FUNCTION review_decided() CASCADE;
DROP FUNCTION review_accepted() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("projects_review", "0002_rules"),
        ("projects_work", "0007_edges_by_plane"),
        ("rlhfhub_tenancy", "0006_own_names"),
    ]
    operations = [migrations.RunSQL(RULES, RULES_BACK)]
