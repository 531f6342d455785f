"""The events' table, partitioned by day, and the function that makes and drops its partitions.

The function belongs to the table's owner, for only an owner may add partitions; it takes no text from its
caller. The default partition catches what comes when nobody made tomorrow's in time.
"""

from django.db import migrations

TABLE = """
CREATE TABLE rlhfhub_events_event (
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    kind varchar(60) NOT NULL,
    subject_id uuid NOT NULL,
    data jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    dispatched_at timestamptz,
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX event_undispatched ON rlhfhub_events_event (created_at) WHERE dispatched_at IS NULL;
CREATE TABLE rlhfhub_events_event_rest PARTITION OF rlhfhub_events_event DEFAULT;
"""

PARTITIONS = """
CREATE FUNCTION rlhfhub_event_partitions() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
    day date;
    part record;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(7203411);
    FOR day IN SELECT generate_series(current_date, current_date + 7, interval '1 day')::date LOOP
        IF to_regclass(format('public.rlhfhub_events_event_%s', to_char(day, 'YYYYMMDD'))) IS NULL
           AND NOT EXISTS (SELECT 1 FROM rlhfhub_events_event_rest WHERE created_at >= day AND created_at < day + 1) THEN
            EXECUTE format(
                'CREATE TABLE public.rlhfhub_events_event_%s PARTITION OF public.rlhfhub_events_event '
                'FOR VALUES FROM (%L) TO (%L)',
                to_char(day, 'YYYYMMDD'), day::timestamptz, (day + 1)::timestamptz);
            made := made + 1;
        END IF;
    END LOOP;
    FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'public.rlhfhub_events_event'::regclass AND c.relname ~ '_[0-9]{8}$'
                  AND to_date(right(c.relname, 8), 'YYYYMMDD') < current_date - 30 LOOP
        EXECUTE format('DROP TABLE public.%I', part.relname);
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION rlhfhub_event_partitions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rlhfhub_event_partitions() TO rlhfhub_system;
SELECT rlhfhub_event_partitions();
"""


class Migration(migrations.Migration):
    dependencies = [("rlhfhub_events", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE rlhfhub_events_event"),
        migrations.RunSQL(PARTITIONS, "DROP FUNCTION rlhfhub_event_partitions()"),
    ]
