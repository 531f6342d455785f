"""Scores are append-only; an alert is decided once, by a member who is not its subject, or lifts itself when due."""

from django.db import migrations

SCORES = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_quality_score
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

CREATE FUNCTION quality_monitor_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a monitor never forgets how many judgments it has seen'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'monitor_counts';
END $$;
CREATE TRIGGER counts BEFORE UPDATE ON projects_quality_monitor
    FOR EACH ROW WHEN (NEW.seen < OLD.seen) EXECUTE FUNCTION quality_monitor_counts();
"""

ALERTS = """
CREATE FUNCTION quality_alert_opened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF rlhfhub_plane() IS NOT NULL AND (NEW.state <> 'open' OR NEW.swapped_at IS NOT NULL OR NEW.reply <> ''
            OR NEW.opened_at NOT BETWEEN now() AND clock_timestamp())
       OR NEW.enrollment_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM projects_enrollment_enrollment WHERE id = NEW.enrollment_id AND project_id = NEW.project_id)
    THEN
        RAISE EXCEPTION 'a new alert is open, begins now, and is about an annotator of its project'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'alert_opened';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER opened AFTER INSERT ON projects_quality_alert FOR EACH ROW EXECUTE FUNCTION quality_alert_opened();

CREATE FUNCTION quality_alert_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'open' THEN
        RAISE EXCEPTION 'an alert is decided once' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'alert_edge';
    END IF;
    IF NEW.state <> 'open' AND rlhfhub_plane() IS NOT NULL AND NEW.decided_at NOT BETWEEN now() AND clock_timestamp()
       OR NEW."by" = 'person' AND NEW.decided_by_id IS DISTINCT FROM
          COALESCE(NULLIF(current_setting('rlhfhub.person', true), '')::uuid, NEW.decided_by_id) THEN
        RAISE EXCEPTION 'an alert is decided now, by the member who acts, or lifts itself when it is due'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'alert_edge';
    END IF;
    IF EXISTS (SELECT 1 FROM projects_enrollment_enrollment
               WHERE id = NEW.enrollment_id AND annotator_id = NEW.decided_by_id) THEN
        RAISE EXCEPTION 'nobody decides on an alert about themselves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'alert_not_own';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edge BEFORE UPDATE ON projects_quality_alert FOR EACH ROW EXECUTE FUNCTION quality_alert_edge();
CREATE TRIGGER append_only BEFORE DELETE ON projects_quality_alert
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

# What is paid beside the price is for accepted, paid work alone.
RAISES = """
CREATE FUNCTION quality_raised() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM made m JOIN projects_work_annotation a ON a.id = m.annotation_id
               WHERE a.state <> 'accepted' OR a.price_minor = 0) THEN
        RAISE EXCEPTION 'only accepted, paid answers are paid more'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'raise_of_paid';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER made AFTER INSERT ON projects_quality_raise REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION quality_raised();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_quality_raise
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("projects_quality", "0001_initial"),
        ("projects_enrollment", "0002_rules"),
        ("rlhfhub_tenancy", "0002_rules"),
    ]
    operations = [migrations.RunSQL([SCORES, ALERTS, RAISES], migrations.RunSQL.noop)]
