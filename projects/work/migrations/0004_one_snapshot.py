"""The guard of leases judges by the snapshot of the statement it guards.

A volatile function takes a newer one: it could see a batch closed that its statement still saw open, and make
a fault of what is a lease taken just before the close.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("projects_work", "0003_undecided_index")]
    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION work_lease_made() STABLE", "ALTER FUNCTION work_lease_made() VOLATILE"
        )
    ]
