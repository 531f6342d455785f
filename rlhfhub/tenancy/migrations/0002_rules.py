"""UUIDv7 for bulk inserts, and tables that only grow."""

from django.db import migrations

UUID7 = """
CREATE FUNCTION rlhfhub_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
        52, 1), 53, 1), 'hex')::uuid
$$
"""

APPEND_ONLY = """
CREATE FUNCTION rlhfhub_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON rlhfhub_tenancy_auditentry
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("rlhfhub_tenancy", "0001_initial")]
    operations = [
        migrations.RunSQL(UUID7, "DROP FUNCTION rlhfhub_uuid7()"),
        migrations.RunSQL(APPEND_ONLY, "DROP FUNCTION rlhfhub_append_only() CASCADE"),
    ]
