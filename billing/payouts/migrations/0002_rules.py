"""Triggers: a payout goes to somebody who can be paid, changes along its edges, and is booked when it commits."""

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


class Migration(migrations.Migration):
    dependencies = [
        ("billing_payouts", "0001_initial"),
        ("billing_recipients", "0002_rules"),
        ("billing_ledger", "0002_rules"),
    ]
    operations = [migrations.RunSQL([PAYOUTS, BOOKED], migrations.RunSQL.noop)]
