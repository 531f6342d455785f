"""An enrollment goes along declared edges (W15), and an annotator moves their own along few of them.

At the desk one becomes active by accepting the guidelines, and may leave; nobody ends their own pause.
"""

from django.db import migrations

RULES = """
CREATE FUNCTION enrollment_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'ended' OR NOT (NEW.state = 'ended' OR (OLD.state, NEW.state) IN (
            ('applied', 'onboarding'), ('onboarding', 'calibrating'), ('onboarding', 'active'),
            ('calibrating', 'active'), ('active', 'calibrating'), ('active', 'paused'), ('paused', 'active'))) THEN
        RAISE EXCEPTION 'an enrollment does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF current_user = 'rlhfhub_annotator' AND NEW.state <> 'ended' AND (OLD.state, NEW.state) <> ('onboarding', 'active') THEN
        RAISE EXCEPTION 'not for the annotator to say' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edge BEFORE UPDATE OF state ON projects_enrollment_enrollment
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION enrollment_edge();
"""


class Migration(migrations.Migration):
    dependencies = [("projects_enrollment", "0003_search_path")]
    operations = [
        migrations.RunSQL(RULES, "DROP FUNCTION enrollment_edge() CASCADE"),
    ]
