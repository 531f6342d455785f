"""A trigger: quiet hours name a time zone that the database knows, else no mail of anybody could be collected."""

from django.db import migrations

QUIET_HOURS = """
CREATE FUNCTION notices_zone_known() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM now() AT TIME ZONE NEW.time_zone;
    RETURN NULL;
END $$;
CREATE TRIGGER zone_known AFTER INSERT OR UPDATE ON rlhfhub_notices_quiethours
    FOR EACH ROW EXECUTE FUNCTION notices_zone_known();
"""


class Migration(migrations.Migration):
    dependencies = [("rlhfhub_notices", "0001_initial")]
    operations = [migrations.RunSQL(QUIET_HOURS, migrations.RunSQL.noop)]
