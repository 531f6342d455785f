"""The table of events, partitioned by day, and the functions that make and drop its partitions.

The default partition takes an event whose day has no partition yet. `rlhfhub_event_partitions` makes the partitions of
the coming days. It attaches them: unlike CREATE ... PARTITION OF, that does not stop transactions that write events.
`rlhfhub_event_prune` removes old partitions whose events were all delivered, a step at a time, so that no lock is held
for longer than one step. Both stop waiting for a lock after a second, since every statement that needs the table queues
behind them meanwhile; the next run tries again.

Both functions belong to the table's owner, for only an owner may add and drop partitions, and take nothing from their
caller. `row_security = off` makes them fail, rather than find nothing owed, if a policy should ever hide rows from the
owner.
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
SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' SET row_security = off AS $$
DECLARE
    day date;
    part text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(7203411);
    FOR day IN SELECT generate_series(current_date, current_date + 7, interval '1 day')::date LOOP
        part := format('rlhfhub_events_event_%s', to_char(day, 'YYYYMMDD'));
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        -- The default partition has events of this day already: it keeps them, and takes the others.
        CONTINUE WHEN EXISTS (SELECT FROM rlhfhub_events_event_rest WHERE created_at >= day AND created_at < day + 1);
        EXECUTE format(
            'CREATE TABLE public.%I (LIKE public.rlhfhub_events_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
        EXECUTE format(
            'ALTER TABLE public.rlhfhub_events_event ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
            part, day::timestamptz, (day + 1)::timestamptz);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION rlhfhub_event_partitions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rlhfhub_event_partitions() TO rlhfhub_system;
SELECT rlhfhub_event_partitions();
"""

# Returns how many things it removed: a partition, or else events of the default partition, or else deliveries.
PRUNE = """
CREATE FUNCTION rlhfhub_event_prune() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' SET row_security = off AS $$
DECLARE
    before date := current_date - 30;
    part record;
    waiting boolean;
    gone integer;
BEGIN
    PERFORM pg_advisory_xact_lock(7203411);
    FOR part IN SELECT c.relname, to_date(right(c.relname, 8), 'YYYYMMDD') AS day
                FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'public.rlhfhub_events_event'::regclass AND c.relname ~ '_[0-9]{8}$'
                  AND to_date(right(c.relname, 8), 'YYYYMMDD') < before ORDER BY 2 LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I WHERE dispatched_at IS NULL)', part.relname)
           INTO waiting;
        CONTINUE WHEN waiting OR EXISTS (
            SELECT FROM rlhfhub_events_delivery d WHERE d.done_at IS NULL
               AND d.event_created_at >= part.day AND d.event_created_at < part.day + 1);
        EXECUTE format('DROP TABLE public.%I', part.relname);
        RETURN 1;
    END LOOP;
    DELETE FROM rlhfhub_events_event_rest WHERE id IN (
        SELECT e.id FROM rlhfhub_events_event_rest e
        WHERE e.created_at < before AND e.dispatched_at IS NOT NULL
          AND NOT EXISTS (SELECT FROM rlhfhub_events_delivery d WHERE d.event_id = e.id AND d.done_at IS NULL)
        LIMIT 10000);
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF gone > 0 THEN
        RETURN gone;
    END IF;
    DELETE FROM rlhfhub_events_delivery WHERE id IN (
        SELECT id FROM rlhfhub_events_delivery WHERE event_created_at < before AND done_at IS NOT NULL LIMIT 10000);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;
REVOKE ALL ON FUNCTION rlhfhub_event_prune() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rlhfhub_event_prune() TO rlhfhub_system;
"""


class Migration(migrations.Migration):
    dependencies = [("rlhfhub_events", "0001_initial")]
    operations = [
        migrations.RunSQL([TABLE, PARTITIONS, PRUNE], migrations.RunSQL.noop),
    ]
