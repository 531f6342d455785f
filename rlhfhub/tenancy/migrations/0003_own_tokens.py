"""An annotator's key is made by that annotator; a revoked key stays revoked, also for whoever may write `revoked_at`."""

from django.db import migrations, models

RULES = """
CREATE FUNCTION apikey_stays_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a revoked key stays revoked' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER stays_revoked BEFORE UPDATE OF revoked_at ON rlhfhub_tenancy_apikey
    FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
    EXECUTE FUNCTION apikey_stays_revoked();
"""


class Migration(migrations.Migration):
    dependencies = [("rlhfhub_tenancy", "0002_rules")]
    operations = [
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("annotator__isnull", True),
                    ("annotator", models.F("created_by")),
                    _connector="OR",
                ),
                name="apikey_desk_is_made_by_them",
            ),
        ),
        migrations.RunSQL(RULES, "DROP FUNCTION apikey_stays_revoked() CASCADE"),
    ]
