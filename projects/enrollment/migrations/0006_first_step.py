"""Enrollment begins at its beginning, and nobody becomes active who accepted no guidelines (W15)."""

from django.db import migrations

RULES = """
CREATE FUNCTION enrollment_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an enrollment does not begin as %', NEW.state USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER begins AFTER INSERT ON projects_enrollment_enrollment
    FOR EACH ROW WHEN (NEW.state NOT IN ('applied', 'onboarding')) EXECUTE FUNCTION enrollment_begins();

CREATE FUNCTION enrollment_active() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM projects_enrollment_guidelineacceptance WHERE enrollment_id = NEW.id) THEN
        RAISE EXCEPTION 'who is active has accepted the guidelines' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER accepted AFTER UPDATE OF state ON projects_enrollment_enrollment
    FOR EACH ROW WHEN (NEW.state = 'active') EXECUTE FUNCTION enrollment_active();
"""
RULES_BACK = """
DROP FUNCTION enrollment_active() CASCADE;
DROP FUNCTION enrollment_begins() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("projects_enrollment", "0005_database_stamps")]
    operations = [migrations.RunSQL(RULES, RULES_BACK)]
