"""Triggers: a batch changes state along its edges and keeps its plan and terms once funded; an item cannot change."""

from django.db import migrations

RULES = """
CREATE FUNCTION items_batch_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
            ('draft', 'funded'), ('funded', 'open'), ('open', 'paused'), ('paused', 'open'), ('open', 'closed'),
            ('paused', 'closed'), ('draft', 'closed'), ('funded', 'closed'), ('closed', 'open'), ('closed', 'signed_off'))
    THEN
        RAISE EXCEPTION 'a batch cannot change from % to %', OLD.status, NEW.status USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edge BEFORE UPDATE OF status ON projects_items_batch
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION items_batch_edge();

-- This trigger and the next are AFTER triggers, so that a policy that forbids the row raises its error first.
CREATE FUNCTION items_batch_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the plan and the terms of a batch cannot change once it is funded'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'batch_agreed';
END $$;
CREATE TRIGGER agreed AFTER UPDATE ON projects_items_batch FOR EACH ROW
    WHEN (OLD.funding <> 'none' AND
          (OLD.phase, OLD.overlap, OLD.share_percent, OLD.share_overlap, OLD.reserve_percent, OLD.form_id, OLD.price_minor, OLD.fee_minor,
           OLD.currency, OLD.lease_minutes, OLD.auto_accept_hours) IS DISTINCT FROM
          (NEW.phase, NEW.overlap, NEW.share_percent, NEW.share_overlap, NEW.reserve_percent, NEW.form_id, NEW.price_minor, NEW.fee_minor,
           NEW.currency, NEW.lease_minutes, NEW.auto_accept_hours))
    EXECUTE FUNCTION items_batch_agreed();

CREATE FUNCTION items_batch_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM projects_plan_project p WHERE p.id = NEW.project_id
          AND (p.form_id, p.price_minor, p.currency, p.lease_minutes, p.auto_accept_hours)
            = (NEW.form_id, NEW.price_minor, NEW.currency, NEW.lease_minutes, NEW.auto_accept_hours)) THEN
        RAISE EXCEPTION 'a batch must be funded with the terms of its project'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_terms_of_project';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER terms AFTER UPDATE OF funding ON projects_items_batch
    FOR EACH ROW WHEN (OLD.funding = 'none' AND NEW.funding <> 'none') EXECUTE FUNCTION items_batch_terms();

CREATE TRIGGER append_only BEFORE UPDATE ON projects_items_item
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("projects_items", "0001_initial"), ("rlhfhub_tenancy", "0002_rules")]
    operations = [migrations.RunSQL(RULES, migrations.RunSQL.noop)]
