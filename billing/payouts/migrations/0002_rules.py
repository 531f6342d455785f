"""Triggers: a payout goes to somebody who can be paid, changes along its edges, and is booked when it commits.

A reversal takes no more than its payout has left, is agreed on by two members of staff, and is booked when it is done.
"""

from django.db import migrations

# The recipient's row is locked until the end, so that an account that closes now is closed before or after.
PAYOUTS = """
CREATE FUNCTION payouts_payout_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT r.rail, r.account INTO NEW.rail, NEW.destination FROM billing_recipients_recipient r
        WHERE r.person_id = NEW.person_id AND r.can_be_paid FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this person cannot be paid'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_recipient';
    END IF;
    NEW.details_id := CASE NEW.rail WHEN 'by_hand' THEN (
        SELECT d.id FROM billing_recipients_bankdetails d WHERE d.person_id = NEW.person_id ORDER BY d.id DESC LIMIT 1)
        END;
    IF NEW.state <> 'ready' THEN
        RAISE EXCEPTION 'a payout begins ready' USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_edge';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER made BEFORE INSERT ON billing_payouts_payout
    FOR EACH ROW EXECUTE FUNCTION payouts_payout_made();

-- Staff change what is paid by hand, each in their own name, and nothing else; workers change the rest.
CREATE FUNCTION payouts_payout_edge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    here text := rlhfhub_plane();
    person uuid := rlhfhub_person();
BEGIN
    IF here IS NOT NULL AND (here = 'staff') <> (NEW.rail = 'by_hand')
       OR here = 'staff' AND (OLD.state = 'ready' AND NEW.entered_by_id IS DISTINCT FROM person
                              OR NEW.state = 'paid' AND NEW.confirmed_by_id IS DISTINCT FROM person
                              OR NEW.state <> 'ready' AND OLD.state = 'sending'
                                 AND (NEW.entered_by_id, NEW.reference) <> (OLD.entered_by_id, OLD.reference)) THEN
        RAISE EXCEPTION 'staff enter and confirm what is paid by hand, each in their own name'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_own_name';
    END IF;
    IF (NEW.id, NEW.run_id, NEW.person_id, NEW.currency, NEW.amount_minor, NEW.rail, NEW.destination)
           = (OLD.id, OLD.run_id, OLD.person_id, OLD.currency, OLD.amount_minor, OLD.rail, OLD.destination)
       AND NEW.details_id IS NOT DISTINCT FROM OLD.details_id
       AND ((OLD.state, NEW.state) = ('sending', 'ready') AND NEW.attempt = OLD.attempt + 1
            OR (OLD.state, NEW.state) IN (('ready', 'sending'), ('sending', 'sending'), ('sending', 'paid'),
                ('sending', 'failed')) AND NEW.attempt = OLD.attempt
            OR (OLD.state, NEW.state) = ('paid', 'paid')
               AND (NEW.attempt, NEW.transfer, NEW.ended_at) = (OLD.attempt, OLD.transfer, OLD.ended_at))
       AND (OLD.state <> 'sending' OR NEW.state = 'ready' OR NEW.sent_at = OLD.sent_at) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a payout does not change so: % to %', OLD.state, NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_edge';
END $$;
CREATE TRIGGER edge AFTER UPDATE ON billing_payouts_payout
    FOR EACH ROW EXECUTE FUNCTION payouts_payout_edge();
"""

BOOKED = """
CREATE FUNCTION payouts_payout_booked() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM billing_ledger_journal WHERE cause = 'payout:' || NEW.id)
       OR NEW.state = 'paid' AND NOT EXISTS (
           SELECT FROM billing_ledger_journal WHERE cause = CASE NEW.rail WHEN 'by_hand' THEN 'byhand:' || NEW.id
                                                                ELSE 'transfer:' || NEW.transfer END)
       OR NEW.state = 'failed' AND NOT EXISTS (
           SELECT FROM billing_ledger_journal WHERE cause = 'payoutfail:' || NEW.id) THEN
        RAISE EXCEPTION 'a payout is booked in the transaction that changes it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_booked';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER booked_when_made AFTER INSERT ON billing_payouts_payout
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_payout_booked();
CREATE CONSTRAINT TRIGGER booked_when_ended AFTER UPDATE ON billing_payouts_payout
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.state <> NEW.state AND NEW.state IN ('paid', 'failed'))
    EXECUTE FUNCTION payouts_payout_booked();
"""

# The payout's row is locked, so that two reversals of it see each other.
REVERSALS = """
CREATE FUNCTION payouts_reversal_made() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    sent record;
    taken bigint;
BEGIN
    SELECT state, rail, amount_minor INTO sent FROM billing_payouts_payout WHERE id = NEW.payout_id FOR NO KEY UPDATE;
    IF sent.state <> 'paid' OR sent.rail <> 'stripe_connect' THEN
        RAISE EXCEPTION 'only a payout that Stripe has sent is reversed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_reversal_of_sent';
    END IF;
    SELECT COALESCE(sum(amount_minor), 0) INTO taken FROM billing_payouts_reversal
        WHERE payout_id = NEW.payout_id AND id <> NEW.id AND state NOT IN ('failed', 'declined');
    IF taken + NEW.amount_minor > sent.amount_minor THEN
        RAISE EXCEPTION 'a payout is not reversed beyond its amount'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_reversal_within';
    END IF;
    IF NEW.state <> 'asked' OR rlhfhub_plane() IS NOT NULL AND NEW.asked_by_id IS DISTINCT FROM rlhfhub_person() THEN
        RAISE EXCEPTION 'a reversal is asked for in one''s own name, and decided later'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_reversal_own_name';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER made AFTER INSERT ON billing_payouts_reversal
    FOR EACH ROW EXECUTE FUNCTION payouts_reversal_made();

-- Staff decide in their own name, and change nothing else; workers change the rest.
CREATE FUNCTION payouts_reversal_edge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    here text := rlhfhub_plane();
BEGIN
    IF here IS NOT NULL AND (here = 'staff') <> (OLD.state = 'asked')
       OR here = 'staff' AND NEW.decided_by_id IS DISTINCT FROM rlhfhub_person() THEN
        RAISE EXCEPTION 'staff decide on a reversal in their own name, and workers send it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_reversal_own_name';
    END IF;
    IF (NEW.id, NEW.payout_id, NEW.amount_minor, NEW.reason, NEW.asked_by_id, NEW.asked_at)
           = (OLD.id, OLD.payout_id, OLD.amount_minor, OLD.reason, OLD.asked_by_id, OLD.asked_at)
       AND (OLD.state = 'asked' OR NEW.decided_by_id = OLD.decided_by_id)
       AND ((OLD.state, NEW.state) = ('sending', 'ready') AND NEW.attempt = OLD.attempt + 1
            OR (OLD.state, NEW.state) IN (('asked', 'ready'), ('asked', 'declined'), ('ready', 'sending'),
                ('sending', 'sending'), ('sending', 'done'), ('sending', 'failed')) AND NEW.attempt = OLD.attempt)
       AND (OLD.state <> 'sending' OR NEW.state = 'ready' OR NEW.sent_at = OLD.sent_at) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a reversal does not change so: % to %', OLD.state, NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_reversal_edge';
END $$;
CREATE TRIGGER edge AFTER UPDATE ON billing_payouts_reversal
    FOR EACH ROW EXECUTE FUNCTION payouts_reversal_edge();

CREATE FUNCTION payouts_reversal_booked() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM billing_ledger_journal WHERE cause = 'transferback:' || NEW.transaction) THEN
        RAISE EXCEPTION 'a reversal is booked in the transaction that ends it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_reversal_booked';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER booked AFTER UPDATE ON billing_payouts_reversal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.state <> NEW.state AND NEW.state = 'done')
    EXECUTE FUNCTION payouts_reversal_booked();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing_payouts", "0001_initial"),
        ("billing_recipients", "0002_rules"),
        ("billing_ledger", "0002_rules"),
    ]
    operations = [migrations.RunSQL([PAYOUTS, BOOKED, REVERSALS], migrations.RunSQL.noop)]
