"""A trigger: an event changes state along its edges, and only staff replay one that is dead."""

from django.db import migrations

EDGES = """
CREATE FUNCTION stripe_inbound_event_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'waiting' AND current_user <> 'rlhfhub_staff' THEN
        RETURN NULL;
    END IF;
    IF OLD.state = 'dead' AND NEW.state = 'waiting' AND NEW.attempts = 0 AND current_user <> 'rlhfhub_system' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'an event of Stripe does not become % after %', NEW.state, OLD.state
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'inbound_event_edge';
END $$;
CREATE TRIGGER edge AFTER UPDATE ON billing_stripe_inboundevent
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION stripe_inbound_event_edge();
"""


class Migration(migrations.Migration):
    dependencies = [("billing_stripe", "0001_initial")]
    operations = [migrations.RunSQL(EDGES, migrations.RunSQL.noop)]
