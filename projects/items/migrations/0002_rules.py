"""Triggers: a batch changes state along its edges and keeps its plan and terms once funded; items and keys do not change."""

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
          (OLD.phase, OLD.overlap, OLD.share_percent, OLD.share_overlap, OLD.reserve_percent, OLD.gold_percent, OLD.repeat_percent,
           OLD.form_id, OLD.price_minor, OLD.fee_minor, OLD.currency, OLD.lease_minutes, OLD.auto_accept_hours) IS DISTINCT FROM
          (NEW.phase, NEW.overlap, NEW.share_percent, NEW.share_overlap, NEW.reserve_percent, NEW.gold_percent, NEW.repeat_percent,
           NEW.form_id, NEW.price_minor, NEW.fee_minor, NEW.currency, NEW.lease_minutes, NEW.auto_accept_hours))
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

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_items_item
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

CREATE FUNCTION items_batch_pool() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a batch cannot become a pool, nor a pool another batch'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'batch_pool_kept';
END $$;
CREATE TRIGGER pool AFTER UPDATE OF is_pool ON projects_items_batch FOR EACH ROW
    WHEN (OLD.is_pool <> NEW.is_pool) EXECUTE FUNCTION items_batch_pool();

CREATE FUNCTION items_repeat_pooled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM projects_items_batch b JOIN projects_items_item i ON i.id = NEW.repeat_of_id
                   WHERE b.id = NEW.batch_id AND b.is_pool AND i.project_id = NEW.project_id) THEN
        RAISE EXCEPTION 'a repeat is in the pool of its project, and so is no item of its data'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'item_repeat_pooled';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER repeat_pooled AFTER INSERT ON projects_items_item FOR EACH ROW
    WHEN (NEW.repeat_of_id IS NOT NULL) EXECUTE FUNCTION items_repeat_pooled();
"""

KEYS = """
CREATE FUNCTION items_key_pooled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM projects_items_item i JOIN projects_items_batch b ON b.id = i.batch_id
                   WHERE i.id = NEW.item_id AND i.project_id = NEW.project_id AND b.is_pool) THEN
        RAISE EXCEPTION 'a key is of an item in the pool of its project'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'key_pooled';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER pooled AFTER INSERT ON projects_items_key FOR EACH ROW EXECUTE FUNCTION items_key_pooled();

CREATE FUNCTION items_key_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.id, OLD.workspace_id, OLD.project_id, OLD.item_id, OLD.question, OLD.answer, OLD."by", OLD.source, OLD.rule,
        OLD.note, OLD.created_by_id, OLD.created_at) IS DISTINCT FROM
       (NEW.id, NEW.workspace_id, NEW.project_id, NEW.item_id, NEW.question, NEW.answer, NEW."by", NEW.source, NEW.rule,
        NEW.note, NEW.created_by_id, NEW.created_at) THEN
        RAISE EXCEPTION 'a key can be retired and restored, but not changed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'key_kept';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER kept AFTER UPDATE ON projects_items_key FOR EACH ROW EXECUTE FUNCTION items_key_kept();
CREATE TRIGGER append_only BEFORE DELETE ON projects_items_key
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("projects_items", "0001_initial"), ("rlhfhub_tenancy", "0002_rules")]
    operations = [migrations.RunSQL([RULES, KEYS], migrations.RunSQL.noop)]
