"""Functions with more rights than their caller look into no temporary table of the caller's making.

Where a search path does not name `pg_temp`, it is searched first.
"""

from django.db import migrations

PINNED = """
ALTER FUNCTION rlhfhub_event_partitions() SET search_path = pg_catalog, public, pg_temp;
"""


class Migration(migrations.Migration):
    dependencies = [("rlhfhub_events", "0002_event_table")]
    operations = [migrations.RunSQL(PINNED, migrations.RunSQL.noop)]
