"""A deposit is asked for by its workspace, moves along its edges, and is paid only when its money is booked."""

from django.db import migrations

# The money that a journal moved on a kind of account, in one currency and workspace; 0 without such a journal.
BOOKED = """
CREATE FUNCTION deposits_booked(of_cause text, of_kind text, of_workspace uuid, of_currency text) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT COALESCE(sum(p.amount_minor), 0)::bigint
    FROM billing_ledger_journal j JOIN billing_ledger_posting p ON p.journal_id = j.id
    JOIN billing_ledger_account a ON a.id = p.account_id
    WHERE j.cause = of_cause AND a.kind = of_kind AND j.workspace_id = of_workspace AND p.currency = of_currency
$$;
"""

# Stripe keeps a key for 24 hours at least, and repeats what came of it. A new attempt has another key: it begins only when
# the old one may be forgotten, and two looks ten minutes apart have found nothing of it.
ATTEMPTS = """
CREATE FUNCTION deposits_may_be_there(sent_at timestamptz, missed_at timestamptz) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT sent_at IS NOT NULL AND (missed_at IS NULL OR missed_at > clock_timestamp() - interval '10 minutes'
                                    OR sent_at > clock_timestamp() - interval '23 hours')
$$;
"""

# AFTER triggers, so that a row-level policy that refuses the row reports first.
DEPOSITS = """
CREATE FUNCTION deposits_deposit_asked() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.state <> 'asked' OR NEW.attempt <> 0 OR NEW.asked_at <> statement_timestamp()
       OR NEW.next_at <> statement_timestamp() OR NEW.looked_at IS NOT NULL
       OR rlhfhub_plane() IS NOT NULL AND NEW.created_by_id <> rlhfhub_person()
       OR NOT EXISTS (SELECT 1 FROM rlhfhub_tenancy_workspace w
                      WHERE w.id = NEW.workspace_id AND w.currency = NEW.currency) THEN
        RAISE EXCEPTION 'a deposit is asked for now, in one''s own name and in the currency of the workspace'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'deposit_asked';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER asked AFTER INSERT ON billing_deposits_deposit
    FOR EACH ROW EXECUTE FUNCTION deposits_deposit_asked();

CREATE FUNCTION deposits_deposit_changed() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.state <> NEW.state AND NOT (CASE OLD.state
           WHEN 'asked' THEN NEW.state IN ('open', 'paid', 'failed')
           WHEN 'open' THEN NEW.state IN ('paid', 'expired', 'failed', 'canceled', 'elsewhere')
           WHEN 'paid' THEN false
           ELSE NEW.state = 'paid' END)
       OR NEW.attempt NOT IN (OLD.attempt, OLD.attempt + 1) OR NEW.attempt > OLD.attempt AND OLD.state <> 'asked'
       OR NEW.attempt > OLD.attempt AND deposits_may_be_there(OLD.sent_at, OLD.missed_at)
       OR OLD.session_id NOT IN ('', NEW.session_id) OR OLD.invoice_id NOT IN ('', NEW.invoice_id)
       OR rlhfhub_plane() = 'workspace' AND (OLD.state <> 'open' OR NEW.next_at > statement_timestamp()
           OR NEW.cancel_asked_at IS DISTINCT FROM OLD.cancel_asked_at
              AND NEW.cancel_asked_at IS DISTINCT FROM statement_timestamp()) THEN
        RAISE EXCEPTION 'a deposit that is % does not become %, or not in this way', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'deposit_edge';
    END IF;
    IF OLD.state = 'paid' AND ((OLD.payment_intent, OLD.charge, OLD.received_minor, OLD.paid_at)
           <> (NEW.payment_intent, NEW.charge, NEW.received_minor, NEW.paid_at)
       OR OLD.transaction <> '' AND (OLD.transaction, OLD.fee_minor) <> (NEW.transaction, NEW.fee_minor)
       OR OLD.cleared_at IS NOT NULL AND OLD.cleared_at IS DISTINCT FROM NEW.cleared_at) THEN
        RAISE EXCEPTION 'what a deposit brought does not change'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'deposit_final';
    END IF;
    IF NEW.state = 'paid' AND OLD.state <> 'paid' AND deposits_booked('payment:' || NEW.payment_intent,
           'workspace_available', NEW.workspace_id, NEW.currency) <> NEW.received_minor
       OR NEW.fee_minor > 0 AND OLD.fee_minor IS NULL AND deposits_booked('stripefee:' || NEW.transaction,
           'stripe_fees', NEW.workspace_id, NEW.currency) <> -NEW.fee_minor
       OR NEW.cleared_at IS NOT NULL AND OLD.cleared_at IS NULL AND deposits_booked('clearing:' || NEW.transaction,
           'stripe_available', NEW.workspace_id, NEW.currency) <> NEW.fee_minor - NEW.received_minor THEN
        RAISE EXCEPTION 'the money of a deposit is booked before the deposit says so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'deposit_booked';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER edge AFTER UPDATE ON billing_deposits_deposit
    FOR EACH ROW EXECUTE FUNCTION deposits_deposit_changed();
CREATE TRIGGER append_only BEFORE DELETE ON billing_deposits_deposit
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

DISPUTES = """
CREATE FUNCTION deposits_dispute_changed() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text := CASE TG_OP WHEN 'INSERT' THEN 'inquiry' ELSE OLD.state END;
BEGIN
    IF NOT (NEW.state = before AND (TG_OP = 'INSERT' OR NEW.closed_at IS NOT DISTINCT FROM OLD.closed_at)
            OR (before, NEW.state) IN (('inquiry', 'open'), ('open', 'won'), ('open', 'lost'), ('lost', 'appeal_won'))
               AND TG_OP = 'UPDATE') THEN
        RAISE EXCEPTION 'a dispute that is % does not become %', before, NEW.state
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'dispute_edge';
    END IF;
    IF NEW.state <> before AND NEW.amount_minor <> (CASE NEW.state
           WHEN 'open' THEN deposits_booked('dispute:' || NEW.dispute_id, 'workspace_disputed',
                                            NEW.workspace_id, NEW.currency)
           WHEN 'appeal_won' THEN -deposits_booked('disputeappeal:' || NEW.dispute_id, 'dispute_clearing',
                                                   NEW.workspace_id, NEW.currency)
           ELSE -deposits_booked('dispute' || NEW.state || ':' || NEW.dispute_id, 'workspace_disputed',
                                 NEW.workspace_id, NEW.currency) END) THEN
        RAISE EXCEPTION 'the money of a dispute is booked before the dispute says so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_booked';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER edge AFTER INSERT OR UPDATE ON billing_deposits_dispute
    FOR EACH ROW EXECUTE FUNCTION deposits_dispute_changed();
CREATE TRIGGER append_only BEFORE DELETE ON billing_deposits_dispute
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

-- Triggers of other rooms' tables call this: while a payment is disputed, its workspace sets no money aside, and opens
-- no batch, neither for the first time nor again.
CREATE FUNCTION deposits_check_not_frozen() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_deposits_dispute d WHERE d.workspace_id = NEW.workspace_id AND d.state = 'open') THEN
        RAISE EXCEPTION 'a payment of this workspace is disputed: meanwhile nothing is set aside or opened'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'workspace_frozen';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER not_frozen AFTER UPDATE OF status ON projects_items_batch
    FOR EACH ROW WHEN (NEW.status = 'open' AND OLD.status <> 'open') EXECUTE FUNCTION deposits_check_not_frozen();
"""

REFUNDS = """
CREATE FUNCTION deposits_refund_asked() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.state <> 'asked' OR NEW.attempt <> 0 OR NEW.sent_at IS NOT NULL OR NEW.reference <> ''
       OR NEW.entered_by_id IS NOT NULL OR NEW.take_back_by_id IS NOT NULL
       OR rlhfhub_plane() IS NOT NULL AND (NEW.way = 'dashboard') <> (rlhfhub_plane() = 'system')
       OR NEW.asked_at <> statement_timestamp() OR NEW.next_at <> statement_timestamp()
       OR rlhfhub_plane() IS NOT NULL AND NEW.created_by_id <> rlhfhub_person() THEN
        RAISE EXCEPTION 'a refund is asked for now and in one''s own name, or was made in the dashboard'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_asked';
    END IF;
    IF NEW.way <> 'dashboard' AND EXISTS (SELECT 1 FROM billing_deposits_dispute d
               WHERE d.workspace_id = NEW.workspace_id AND d.state = 'open') THEN
        RAISE EXCEPTION 'a payment of this workspace is disputed, and nothing is refunded meanwhile'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_frozen';
    END IF;
    -- Two refunds of one deposit wait for each other here.
    PERFORM 1 FROM billing_deposits_deposit WHERE id = NEW.deposit_id FOR NO KEY UPDATE;
    IF NEW.deposit_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM billing_deposits_deposit d
        WHERE d.id = NEW.deposit_id AND d.state = 'paid' AND d.settled_in = '' AND d.currency = NEW.currency
          AND (d.paid_by <> 'customer_balance' OR NEW.way = 'dashboard')
          AND d.received_minor >= (SELECT sum(r.amount_minor) FROM billing_deposits_refund r
                                   WHERE r.deposit_id = d.id AND r.state <> 'failed')) THEN
        RAISE EXCEPTION 'a deposit does not give back more than it brought'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_of_deposit';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER asked AFTER INSERT ON billing_deposits_refund
    FOR EACH ROW EXECUTE FUNCTION deposits_refund_asked();

CREATE FUNCTION deposits_refund_changed() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    here text := rlhfhub_plane();
    person uuid := rlhfhub_person();
    taken_back boolean := OLD.take_back_by_id IS NOT NULL AND OLD.take_back_agreed_by_id IS NULL
        AND NEW.take_back_agreed_by_id IS NOT NULL;
BEGIN
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
           ('asked', 'sent'), ('asked', 'failed'), ('sent', 'done'), ('sent', 'failed'), ('done', 'failed'))
       OR here = 'staff' AND (OLD.way, OLD.state, NEW.state) NOT IN (
           ('bank', 'sent', 'sent'), ('bank', 'sent', 'done'), ('dashboard', 'asked', 'asked'))
       OR NEW.attempt NOT IN (OLD.attempt, OLD.attempt + 1)
       OR NEW.attempt > OLD.attempt AND deposits_may_be_there(OLD.sent_at, OLD.missed_at)
       OR OLD.refund_id NOT IN ('', NEW.refund_id) OR OLD.transaction NOT IN ('', NEW.transaction) THEN
        RAISE EXCEPTION 'a refund that is % does not become %, or not in this way', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'refund_edge';
    END IF;
    IF here IS NOT NULL AND (NEW.entered_by_id IS DISTINCT FROM OLD.entered_by_id AND NEW.entered_by_id <> person
       OR NEW.confirmed_by_id IS DISTINCT FROM OLD.confirmed_by_id AND NEW.confirmed_by_id <> person
       OR NEW.refused_by_id IS DISTINCT FROM OLD.refused_by_id AND NEW.refused_by_id <> person)
       OR OLD.entered_by_id IS DISTINCT FROM NEW.entered_by_id AND OLD.entered_by_id IS NOT NULL AND NOT taken_back
       OR OLD.confirmed_by_id IS DISTINCT FROM NEW.confirmed_by_id AND OLD.confirmed_by_id IS NOT NULL
       OR OLD.refused_by_id IS NOT NULL
          AND (NEW.refused_by_id, NEW.refusal) IS DISTINCT FROM (OLD.refused_by_id, OLD.refusal)
       OR OLD.reference <> '' AND (NEW.reference, NEW.entered_by_id) IS DISTINCT FROM (OLD.reference, OLD.entered_by_id)
          AND NOT taken_back THEN
        RAISE EXCEPTION 'a transfer is entered once, and confirmed, or a refund refused, each in one''s own name'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_own_name';
    END IF;
    -- Once asked for, it is agreed to or (before that) withdrawn. After it was agreed to, it may be asked for again.
    IF here IS NOT NULL AND ((NEW.take_back_by_id IS DISTINCT FROM OLD.take_back_by_id
              OR NEW.take_back_agreed_by_id IS NULL AND OLD.take_back_agreed_by_id IS NOT NULL)
          AND NEW.take_back_by_id IS NOT NULL AND NEW.take_back_by_id IS DISTINCT FROM person
       OR taken_back AND NEW.take_back_agreed_by_id IS DISTINCT FROM person)
       OR taken_back AND (NEW.reference <> '' OR NEW.state <> 'sent')
       OR NOT taken_back AND NEW.take_back_agreed_by_id IS NOT NULL
          AND NEW.take_back_agreed_by_id IS DISTINCT FROM OLD.take_back_agreed_by_id
       OR OLD.take_back_by_id IS NOT NULL
          AND (NEW.take_back_by_id, NEW.take_back_reason) IS DISTINCT FROM (OLD.take_back_by_id, OLD.take_back_reason)
          AND NOT (CASE WHEN OLD.take_back_agreed_by_id IS NULL THEN NEW.take_back_by_id IS NULL
                   ELSE NEW.take_back_by_id IS NOT NULL AND NEW.take_back_agreed_by_id IS NULL END) THEN
        RAISE EXCEPTION 'a transfer is taken back when another one agrees, each in one''s own name'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_taken_back_by_two';
    END IF;
    IF OLD.state = 'asked' AND NEW.state = 'sent' AND deposits_booked(
           'refundask:' || NEW.id, 'refund_clearing', NEW.workspace_id, NEW.currency) <> NEW.amount_minor
       OR NEW.state = 'done' AND OLD.state <> 'done' AND deposits_booked(
           CASE NEW.way WHEN 'bank' THEN 'refundbank:' || NEW.id ELSE 'refund:' || NEW.refund_id END,
           'refund_clearing', NEW.workspace_id, NEW.currency) <> -NEW.amount_minor
       OR NEW.state = 'failed' AND OLD.state IN ('sent', 'done') AND deposits_booked(
           'refundfail:' || NEW.id, 'workspace_available', NEW.workspace_id, NEW.currency) <> NEW.amount_minor THEN
        RAISE EXCEPTION 'the money of a refund is booked before the refund says so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_booked';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER edge AFTER UPDATE ON billing_deposits_refund
    FOR EACH ROW EXECUTE FUNCTION deposits_refund_changed();
CREATE TRIGGER append_only BEFORE DELETE ON billing_deposits_refund
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

STRAYS = """
CREATE FUNCTION deposits_stray_settled() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.settled_at IS NOT NULL OR rlhfhub_plane() IS NOT NULL AND NEW.settled_by_id <> rlhfhub_person() THEN
        RAISE EXCEPTION 'a stray payment is settled once, in one''s own name'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'stray_settled_once';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER settled AFTER UPDATE ON billing_deposits_straypayment
    FOR EACH ROW EXECUTE FUNCTION deposits_stray_settled();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing_deposits", "0001_initial"),
        ("billing_ledger", "0002_rules"),
        ("projects_items", "0002_rules"),
    ]
    operations = [migrations.RunSQL([BOOKED, ATTEMPTS, DEPOSITS, DISPUTES, REFUNDS, STRAYS], migrations.RunSQL.noop)]
