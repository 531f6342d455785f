"""Slots are born of a funding run that was paid, and a batch is funded when all of them stand.

A run counts the slots made of it (`slots`, which no plane may write), so that no statement has to count them all.
"""

from django.db import migrations

# What is left of a batch's reserve is what its plan's run and top-ups paid for less what other runs made of it. The
# triggers run after the rows, so that a policy that refuses a row raises first.
RUNS = """
CREATE FUNCTION funding_run_made() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    cost bigint := NEW.slots_paid * (NEW.price_minor + NEW.fee_minor);
    reserve bigint := NEW.reserve_slots * (NEW.price_minor + NEW.fee_minor);
    moved_by text := CASE WHEN NEW.purpose IN ('plan', 'top_up') THEN 'fund:' ELSE 'draw:' END || NEW.id;
    -- Reserve and repeats are shares of the slots for data; gold is paid for beside them.
    data_slots bigint := NEW.slots_paid - NEW.gold_items * NEW.overlap;
    in_budget bigint;
    in_reserve bigint;
BEGIN
    IF NEW.purpose <> 'plan' THEN
        IF NOT EXISTS (
            SELECT 1 FROM projects_items_batch b WHERE b.id = NEW.batch_id AND b.funding = 'funded'
              AND b.status IN ('funded', 'open', 'paused')
              AND (b.price_minor, b.fee_minor, b.currency) = (NEW.price_minor, NEW.fee_minor, NEW.currency)) THEN
            RAISE EXCEPTION 'more slots are made in a funded batch that is not closed, under its terms'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'funding_terms';
        END IF;
        IF (SELECT sum(CASE f.purpose WHEN NEW.purpose THEN -f.slots_paid
                                      ELSE CASE NEW.purpose WHEN 'repeat' THEN f.repeat_slots
                                                            ELSE f.reserve_slots - f.repeat_slots END END)
            FROM billing_funding_funding f WHERE f.batch_id = NEW.batch_id) < 0 THEN
            RAISE EXCEPTION 'the reserve of the batch does not pay for so many slots'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'funding_reserve';
        END IF;
    ELSIF NOT EXISTS (
        SELECT 1 FROM projects_items_batch b JOIN projects_plan_project p ON p.id = b.project_id
        WHERE b.id = NEW.batch_id AND b.status = 'draft' AND b.funding = 'none' AND b.items_count = NEW.items
          AND (p.price_minor, p.currency, b.overlap) = (NEW.price_minor, NEW.currency, NEW.overlap)
          AND b.share_overlap = NEW.share_overlap
          AND NEW.shared_items = CASE WHEN b.share_overlap > b.overlap
                                      THEN (b.items_count * b.share_percent + 99) / 100 ELSE 0 END
          AND NEW.gold_items = (b.items_count * b.gold_percent + 99) / 100
          AND NEW.repeat_slots = (data_slots * b.repeat_percent + 99) / 100
          AND NEW.reserve_slots = (data_slots * b.reserve_percent + 99) / 100 + NEW.repeat_slots) THEN
        RAISE EXCEPTION 'a funding run must have the price of its project, and the plan and items of its draft batch'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'funding_terms';
    END IF;
    IF NEW.state <> 'running' OR NEW.slots <> 0 THEN
        RAISE EXCEPTION 'a funding run begins running, without slots'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'funding_begins';
    END IF;
    SELECT COALESCE(sum(p.amount_minor) FILTER (WHERE a.kind = 'batch_budget'), 0),
           COALESCE(sum(p.amount_minor) FILTER (WHERE a.kind = 'batch_reserve' AND starts_with(moved_by, 'fund:')), 0)
        INTO in_budget, in_reserve
        FROM billing_ledger_journal j JOIN billing_ledger_posting p ON p.journal_id = j.id
        JOIN billing_ledger_account a ON a.id = p.account_id
        WHERE j.cause = moved_by AND a.batch_id = NEW.batch_id AND p.currency = NEW.currency;
    IF (in_budget, in_reserve) <> (cost, reserve) THEN
        RAISE EXCEPTION 'the money of a funding run must be moved before the run is recorded'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'funding_paid';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER paid AFTER INSERT ON billing_funding_funding FOR EACH ROW EXECUTE FUNCTION funding_run_made();
CREATE TRIGGER not_frozen AFTER INSERT ON billing_funding_funding
    FOR EACH ROW EXECUTE FUNCTION deposits_check_not_frozen();
"""

BATCHES = """
CREATE FUNCTION funding_of_batch() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    running boolean := EXISTS (
        SELECT 1 FROM billing_funding_funding f WHERE f.batch_id = NEW.id AND f.state = 'running'
          AND (f.price_minor, f.fee_minor, f.currency) = (NEW.price_minor, NEW.fee_minor, NEW.currency));
BEGIN
    IF NOT (CASE NEW.funding
        WHEN 'none' THEN TG_OP = 'INSERT'
        WHEN 'running' THEN TG_OP = 'UPDATE' AND OLD.funding = 'none' AND running
        ELSE TG_OP = 'UPDATE' AND OLD.funding = 'running' AND NOT running AND EXISTS (
            SELECT 1 FROM billing_funding_funding WHERE batch_id = NEW.id AND state = 'done') END) THEN
        RAISE EXCEPTION 'the funding state of a batch must follow its funding run' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'batch_funded_by_run';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER born_unfunded AFTER INSERT ON projects_items_batch
    FOR EACH ROW WHEN (NEW.funding <> 'none') EXECUTE FUNCTION funding_of_batch();
CREATE TRIGGER funded AFTER UPDATE OF funding ON projects_items_batch
    FOR EACH ROW WHEN (OLD.funding <> NEW.funding) EXECUTE FUNCTION funding_of_batch();
"""

SLOTS = """
CREATE FUNCTION funding_slots_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    paid bigint;
BEGIN
    WITH born AS (
        SELECT funding_id, workspace_id, batch_id, price_minor, fee_minor, currency, count(*) AS n,
               max(number) FILTER (WHERE purpose = 'data') AS last, count(*) FILTER (WHERE purpose = 'gold') AS gold,
               bool_and(purpose = 'repeat') AS repeats
        FROM made WHERE state = 'open' AND holder_id IS NULL GROUP BY 1, 2, 3, 4, 5, 6
    ), counted AS (
        UPDATE billing_funding_funding f SET slots = f.slots + b.n FROM born b
        WHERE f.id = b.funding_id AND f.state = 'running'
          AND (f.workspace_id, f.batch_id, f.price_minor, f.fee_minor, f.currency)
            = (b.workspace_id, b.batch_id, b.price_minor, b.fee_minor, b.currency)
          AND CASE f.purpose
              -- A keyed item has slots of other runs, so the number of a slot for gold says nothing.
              WHEN 'plan' THEN COALESCE(b.last <= GREATEST(f.overlap, CASE WHEN f.shared_items > 0
                                                                           THEN f.share_overlap END), true)
                               AND b.gold <= f.gold_items * f.overlap
              WHEN 'repeat' THEN b.repeats
              ELSE true END
        RETURNING b.n
    )
    SELECT COALESCE(sum(n), 0) INTO paid FROM counted;
    IF paid <> (SELECT count(*) FROM made) THEN
        RAISE EXCEPTION 'a slot must be made open, by a running funding run of its batch, at its price'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_paid';
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION funding_slots_made() OWNER TO rlhfhub_keeper;
CREATE TRIGGER paid AFTER INSERT ON projects_work_slot REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION funding_slots_made();
"""

REPLACEMENTS = """
CREATE FUNCTION funding_replacement_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'waiting' OR NOT EXISTS (
        SELECT 1 FROM projects_work_annotation a JOIN projects_review_decision d ON d.annotation_id = a.id
        WHERE a.id = NEW.annotation_id AND d.verdict = 'rejected'
          AND (a.batch_id, a.item_id) = (NEW.batch_id, NEW.item_id)) THEN
        RAISE EXCEPTION 'a replacement is wanted for a rejected answer, and waits first'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'replacement_of_rejected';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER wanted AFTER INSERT ON billing_funding_replacement
    FOR EACH ROW EXECUTE FUNCTION funding_replacement_made();

CREATE FUNCTION funding_replacement_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'waiting' OR NEW.state = 'waiting' OR NEW.state = 'made' AND NOT EXISTS (
        SELECT 1 FROM billing_funding_funding f JOIN projects_work_slot s ON s.funding_id = f.id
        WHERE f.id = NEW.funding_id AND f.purpose = 'reserve' AND s.item_id = NEW.item_id) THEN
        RAISE EXCEPTION 'a replacement that waits is made with a slot of its item, or dropped, once'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'replacement_edge';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edge BEFORE UPDATE ON billing_funding_replacement
    FOR EACH ROW EXECUTE FUNCTION funding_replacement_edge();
CREATE TRIGGER append_only BEFORE DELETE ON billing_funding_replacement
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

GRANT = "GRANT CREATE ON SCHEMA public TO rlhfhub_keeper"
REVOKE = "REVOKE CREATE ON SCHEMA public FROM rlhfhub_keeper"


class Migration(migrations.Migration):
    dependencies = [
        ("billing_funding", "0001_initial"),
        ("billing_deposits", "0002_rules"),
        ("billing_ledger", "0002_rules"),
        ("projects_items", "0002_rules"),
        ("projects_review", "0002_rules"),
        ("projects_work", "0002_rules"),
    ]
    operations = [migrations.RunSQL([GRANT, RUNS, BATCHES, SLOTS, REPLACEMENTS, REVOKE], migrations.RunSQL.noop)]
