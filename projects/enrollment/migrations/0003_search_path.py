"""Functions with more rights than their caller look into no temporary table of the caller's making.

Where a search path does not name `pg_temp`, it is searched first.
"""

from django.db import migrations

PINNED = """
ALTER FUNCTION enrollment_by_access() SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION enrollment_before_membership() SET search_path = pg_catalog, public, pg_temp;
"""


class Migration(migrations.Migration):
    dependencies = [("projects_enrollment", "0002_rules")]
    operations = [migrations.RunSQL(PINNED, migrations.RunSQL.noop)]
