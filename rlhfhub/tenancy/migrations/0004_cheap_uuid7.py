"""UUIDv7 at a quarter of the cost: what the operating system's randomness takes is felt over millions of rows.

Ids are names, not secrets: walls keep rows, and their 74 random bits need only never meet twice.
"""

from django.db import migrations

CHEAP = """
CREATE OR REPLACE FUNCTION rlhfhub_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL RESTRICTED AS $$
    SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
        || to_hex(x'7000'::int + (random() * x'0fff'::int)::int)
        || to_hex(x'8000'::int + (random() * x'3fff'::int)::int)
        || lpad(to_hex((random() * x'ffffffffffff'::bigint)::bigint), 12, '0'))::uuid
$$
"""


class Migration(migrations.Migration):
    dependencies = [("rlhfhub_tenancy", "0003_own_tokens")]
    operations = [migrations.RunSQL(CHEAP, migrations.RunSQL.noop)]
