"""What the ledger itself refuses: unbalanced journals, changed postings, movements its kinds do not allow.

`ledger_kinds()` says which accounts each kind of journal changes, in which direction, and which plane posts it; the
triggers and `verify_invariants` read it. A new kind of journal is a line of that function. A journal of kind `reverse`
is not in it: it undoes another one that two members of staff agreed to undo.
"""

from django.db import migrations

KINDS = """
CREATE FUNCTION ledger_kinds() RETURNS TABLE (kind text, plane text, account_kind text, sign integer)
LANGUAGE sql IMMUTABLE AS $$
    VALUES ('deposit', 'staff', 'platform_cash', -1),
           ('deposit', 'staff', 'workspace_available', 1),
           ('payment', 'system', 'stripe_pending', -1),
           ('payment', 'system', 'workspace_available', 1),
           ('stripefee', 'system', 'stripe_fees', -1),
           ('stripefee', 'system', 'stripe_pending', 1),
           ('stripefee', 'system', 'stripe_available', 1),
           ('clearing', 'system', 'stripe_pending', 1),
           ('clearing', 'system', 'stripe_available', -1),
           ('repay', 'system', 'workspace_available', -1),
           ('repay', 'system', 'workspace_receivable', 1),
           ('fund', 'workspace', 'workspace_available', -1),
           ('fund', 'workspace', 'batch_budget', 1),
           ('fund', 'workspace', 'batch_reserve', 1),
           ('draw', 'workspace', 'batch_reserve', -1),
           ('draw', 'workspace', 'batch_budget', 1),
           ('release', 'workspace', 'batch_budget', -1),
           ('release', 'workspace', 'batch_reserve', -1),
           ('release', 'workspace', 'workspace_available', 1),
           ('reject', 'system', 'batch_budget', -1),
           ('reject', 'system', 'rejection_hold', 1),
           ('rejectfinal', 'system', 'rejection_hold', -1),
           ('rejectfinal', 'system', 'workspace_available', 1),
           ('accrual', 'system', 'batch_budget', -1),
           ('accrual', 'system', 'rejection_hold', -1),
           ('accrual', 'system', 'annotator_pending', 1),
           ('accrual', 'system', 'annotator_payable', 1),
           ('accrual', 'system', 'platform_revenue', 1),
           ('promise', 'workspace', 'workspace_available', -1),
           ('promise', 'workspace', 'workspace_promised', 1),
           ('unpromise', 'system', 'workspace_promised', -1),
           ('unpromise', 'system', 'workspace_available', 1),
           ('bonus', 'system', 'workspace_promised', -1),
           ('bonus', 'system', 'annotator_pending', 1),
           ('bonus', 'system', 'annotator_payable', 1),
           ('cleared', 'system', 'annotator_pending', -1),
           ('cleared', 'system', 'annotator_payable', 1),
           ('payout', 'system', 'annotator_payable', -1),
           ('payout', 'system', 'annotator_in_payout', 1),
           ('payoutfail', 'system', 'annotator_in_payout', -1),
           ('payoutfail', 'system', 'annotator_payable', 1),
           ('transfer', 'system', 'annotator_in_payout', -1),
           ('transfer', 'system', 'transfer_clearing', 1),
           ('transferred', 'system', 'transfer_clearing', -1),
           ('transferred', 'system', 'stripe_available', 1),
           ('transferback', 'system', 'stripe_available', -1),
           ('transferback', 'system', 'annotator_payable', 1),
           ('byhand', 'staff', 'annotator_in_payout', -1),
           ('byhand', 'staff', 'platform_cash', 1),
           ('refundask', 'system', 'workspace_available', -1),
           ('refundask', 'system', 'workspace_receivable', -1),
           ('refundask', 'system', 'refund_clearing', 1),
           ('refund', 'system', 'refund_clearing', -1),
           ('refund', 'system', 'stripe_available', 1),
           ('refund', 'system', 'stripe_pending', 1),
           ('refundbank', 'staff', 'refund_clearing', -1),
           ('refundbank', 'staff', 'platform_cash', 1),
           ('refundfail', 'system', 'refund_clearing', -1),
           ('refundfail', 'system', 'stripe_available', -1),
           ('refundfail', 'system', 'workspace_available', 1),
           ('dispute', 'system', 'workspace_available', -1),
           ('dispute', 'system', 'workspace_receivable', -1),
           ('dispute', 'system', 'workspace_disputed', 1),
           ('disputemoney', 'system', 'dispute_clearing', -1),
           ('disputemoney', 'system', 'stripe_available', 1),
           ('disputeback', 'system', 'stripe_available', -1),
           ('disputeback', 'system', 'dispute_clearing', 1),
           ('disputewon', 'system', 'workspace_disputed', -1),
           ('disputewon', 'system', 'workspace_available', 1),
           ('disputewon', 'system', 'workspace_receivable', 1),
           ('disputelost', 'system', 'workspace_disputed', -1),
           ('disputelost', 'system', 'dispute_clearing', 1),
           ('disputeappeal', 'system', 'dispute_clearing', -1),
           ('disputeappeal', 'system', 'workspace_available', 1),
           ('disputeappeal', 'system', 'workspace_receivable', 1),
           ('writeoff', 'staff', 'platform_losses', -1),
           ('writeoff', 'staff', 'workspace_receivable', 1),
           ('banked', 'system', 'stripe_available', 1),
           ('banked', 'system', 'platform_cash', -1),
           ('toppedup', 'system', 'stripe_available', -1),
           ('toppedup', 'system', 'platform_cash', 1),
           ('unmatched', 'system', 'stripe_available', -1),
           ('unmatched', 'system', 'stripe_available', 1),
           ('unmatched', 'system', 'stripe_pending', -1),
           ('unmatched', 'system', 'stripe_pending', 1),
           ('unmatched', 'system', 'suspense', -1),
           ('unmatched', 'system', 'suspense', 1)
$$;
"""

# AFTER triggers, as all of these, so that a row-level policy that refuses the row reports first.
JOURNALS = """
CREATE FUNCTION ledger_journals_made() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    here text := rlhfhub_plane();
    person uuid := rlhfhub_person();
BEGIN
    IF EXISTS (SELECT 1 FROM made WHERE at <> statement_timestamp()) THEN
        RAISE EXCEPTION 'a journal is dated by the database: its day may be sealed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_now';
    END IF;
    IF EXISTS (SELECT 1 FROM made WHERE kind = 'reverse') THEN
        IF EXISTS (SELECT 1 FROM made m WHERE m.kind = 'reverse' AND NOT EXISTS (
                SELECT 1 FROM billing_ledger_correction c
                WHERE c.journal_id = m.reverses_id AND c.approved AND c.decided_by_id = m.actor_id)) THEN
            RAISE EXCEPTION 'a journal is reversed when two members of staff have agreed'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_reversed_by_two';
        END IF;
    END IF;
    IF EXISTS (SELECT 1 FROM made m WHERE NOT starts_with(m.cause, m.kind || ':') OR NOT (
            m.kind = 'reverse' AND (here IS NULL OR here = 'staff') OR EXISTS (
            SELECT 1 FROM ledger_kinds() k WHERE k.kind = m.kind AND (here IS NULL OR k.plane = here)))) THEN
        RAISE EXCEPTION 'this plane may not post a journal of this kind, or its cause names another kind'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_kind';
    END IF;
    IF here IS NOT NULL AND person IS NOT NULL AND EXISTS (SELECT 1 FROM made m WHERE m.actor_id <> person) THEN
        RAISE EXCEPTION 'the actor of a journal must be the person who posts it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_own_name';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER made AFTER INSERT ON billing_ledger_journal REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_journals_made();
"""

ACCOUNTS = """
CREATE FUNCTION ledger_account_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a new account must have a balance of zero, or keep none' USING ERRCODE = 'check_violation', CONSTRAINT = 'account_empty';
END $$;
CREATE TRIGGER empty AFTER INSERT ON billing_ledger_account
    FOR EACH ROW WHEN (NEW.balance_minor <> 0) EXECUTE FUNCTION ledger_account_made();
"""

# The account is locked first, so that its postings follow one another: each counts those that were committed before.
# Runs as the keeper, who may lock accounts.
RUNNING = """
CREATE FUNCTION ledger_counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM billing_ledger_account WHERE id = NEW.account_id FOR NO KEY UPDATE;
    NEW.running_minor := NEW.amount_minor + COALESCE(CASE WHEN NEW.amount_minor > 0 THEN (
        SELECT max(running_minor) FROM billing_ledger_posting WHERE account_id = NEW.account_id AND running_minor > 0)
        ELSE (
        SELECT min(running_minor) FROM billing_ledger_posting WHERE account_id = NEW.account_id AND running_minor < 0)
        END, 0);
    RETURN NEW;
END $$;
ALTER FUNCTION ledger_counted() OWNER TO rlhfhub_keeper;
CREATE TRIGGER counted BEFORE INSERT ON billing_ledger_posting
    FOR EACH ROW WHEN (NEW.person_id IS NOT NULL) EXECUTE FUNCTION ledger_counted();
"""

# The lines of a journal come in one INSERT, so that one statement-level trigger can check their sum and move the
# balances. It locks the accounts that keep one, and those of debts, in the order of their ids, so that journals do not
# deadlock (those of people are locked before, in the same order, by the trigger above). It runs as the keeper, so that
# no plane needs the right to change a balance; the plane is therefore read from the transaction.
POSTINGS = """
CREATE FUNCTION ledger_posted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    here text := rlhfhub_plane();
    wrong record;
BEGIN
    SELECT journal_id, currency, sum(amount_minor) AS total INTO wrong FROM lines
        GROUP BY journal_id, currency HAVING sum(amount_minor) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journal % does not balance: % %', wrong.journal_id, wrong.total, wrong.currency
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_balances';
    END IF;
    PERFORM 1 FROM billing_ledger_account a
        WHERE a.id IN (SELECT account_id FROM lines)
          AND (a.balance_minor IS NOT NULL OR a.kind = 'workspace_receivable') ORDER BY a.id FOR NO KEY UPDATE;
    SELECT k.kind IS NULL AND j.kind <> 'reverse' AS kind INTO wrong
        FROM lines l JOIN billing_ledger_account a ON a.id = l.account_id
        JOIN billing_ledger_journal j ON j.id = l.journal_id
        LEFT JOIN ledger_kinds() k ON k.kind = j.kind AND k.account_kind = a.kind
            AND (k.sign > 0) = (l.amount_minor > 0) AND (here IS NULL OR k.plane = here)
        WHERE (k.kind IS NULL AND j.kind <> 'reverse') OR (a.workspace_id IS NOT NULL AND a.workspace_id IS DISTINCT FROM j.workspace_id)
           OR a.currency <> l.currency OR a.person_id IS DISTINCT FROM l.person_id
           OR j.workspace_id IS DISTINCT FROM l.workspace_id LIMIT 1;
    IF wrong.kind THEN
        RAISE EXCEPTION 'a journal of this kind may not change this account, in this direction or from this plane'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_of_kind';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'a posting must have the currency and the owner of its account, and the workspace of its journal'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_of_account';
    END IF;
    IF (SELECT count(*) FROM billing_ledger_posting WHERE journal_id IN (SELECT journal_id FROM lines))
       <> (SELECT count(*) FROM lines) THEN
        RAISE EXCEPTION 'all postings of a journal must be inserted in one statement'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_at_once';
    END IF;
    IF EXISTS (SELECT 1 FROM billing_ledger_journal j WHERE j.id IN (SELECT journal_id FROM lines)
               AND j.kind = 'reverse' AND ledger_moved(j.id, -1) <> ledger_moved(j.reverses_id, 1)) THEN
        RAISE EXCEPTION 'a journal that reverses another moves the same money back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reverse_exactly';
    END IF;
    IF EXISTS (SELECT 1 FROM lines l JOIN billing_ledger_account a ON a.id = l.account_id
               WHERE a.kind = 'workspace_receivable' AND l.amount_minor > 0
                 AND (SELECT sum(p.amount_minor) FROM billing_ledger_posting p WHERE p.account_id = a.id) > 0) THEN
        RAISE EXCEPTION 'a workspace repays no more than it owes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'debt_not_overpaid';
    END IF;
    UPDATE billing_ledger_account a SET balance_minor = a.balance_minor + s.total
        FROM (SELECT account_id, sum(amount_minor) AS total FROM lines GROUP BY account_id) s
        WHERE s.account_id = a.id AND a.balance_minor IS NOT NULL;
    IF EXISTS (SELECT 1 FROM lines l JOIN billing_ledger_account a ON a.id = l.account_id
               WHERE a.kind = 'annotator_pending' AND l.amount_minor < 0 AND NOT EXISTS (
                   SELECT 1 FROM billing_ledger_posting p
                   WHERE p.account_id = l.account_id AND p.running_minor = -l.running_minor)) THEN
        RAISE EXCEPTION 'what became payable ends with a whole posting'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_whole';
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION ledger_posted() OWNER TO rlhfhub_keeper;
CREATE TRIGGER posted AFTER INSERT ON billing_ledger_posting REFERENCING NEW TABLE AS lines
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_posted();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON billing_ledger_posting
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON billing_ledger_posting
    FOR EACH STATEMENT EXECUTE FUNCTION rlhfhub_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON billing_ledger_journal
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON billing_ledger_journal
    FOR EACH STATEMENT EXECUTE FUNCTION rlhfhub_append_only();
"""

# What identifies the money of a journal. `entries.Entry.fingerprint` computes the same before it is posted.
FINGERPRINTS = """
CREATE FUNCTION ledger_moved(journal uuid, sign integer) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT string_agg(concat_ws('|', a.kind, a.currency, COALESCE(a.workspace_id::text, ''),
                                COALESCE(a.batch_id::text, ''), COALESCE(a.person_id::text, ''),
                                p.amount_minor * sign), E'\n'
                      ORDER BY a.kind COLLATE "C", a.id, p.amount_minor * sign)
    FROM billing_ledger_posting p JOIN billing_ledger_account a ON a.id = p.account_id WHERE p.journal_id = journal
$$;
CREATE FUNCTION ledger_fingerprint(journal uuid) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT left(encode(sha256(convert_to(string_agg(line, E'\n' ORDER BY line COLLATE "C"), 'UTF8')), 'hex'), 32)
    FROM regexp_split_to_table(ledger_moved(journal, 1), E'\n') line
$$;
"""

# The journals of a day in the order of their ids, after the digest of the day before.
SEALS = """
CREATE FUNCTION ledger_digest(of date, before text) RETURNS TABLE (journals bigint, digest text) LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT count(*), encode(sha256(convert_to(concat_ws(E'\n', before, of, string_agg(
        encode(sha256(convert_to(concat_ws('|', j.id, j.kind, j.cause, j.fingerprint,
            COALESCE(j.workspace_id::text, ''), COALESCE(j.reverses_id::text, ''), COALESCE(j.actor_id::text, ''),
            extract(epoch FROM j.at), j.note), 'UTF8')), 'hex'), '' ORDER BY j.id)), 'UTF8')), 'hex')
    FROM billing_ledger_journal j
    WHERE j.at >= of::timestamp AT TIME ZONE 'UTC' AND j.at < (of + 1)::timestamp AT TIME ZONE 'UTC'
$$;
CREATE FUNCTION ledger_seal_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.sealed_at IS NULL AND NEW.sealed_at IS NOT NULL
       AND (NEW.id, NEW.day, NEW.after, NEW.closed_at) = (OLD.id, OLD.day, OLD.after, OLD.closed_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a sealed day is not changed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER sealed BEFORE UPDATE OR DELETE ON billing_ledger_seal
    FOR EACH ROW EXECUTE FUNCTION ledger_seal_changed();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON billing_ledger_daytotal
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

CORRECTIONS = """
CREATE FUNCTION ledger_correction_changed() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    person uuid := rlhfhub_person();
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.decided_by_id IS NOT NULL OR rlhfhub_plane() IS NOT NULL AND NEW.asked_by_id IS DISTINCT FROM person THEN
            RAISE EXCEPTION 'a correction is asked for in one''s own name, and decided later'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_own_name';
        END IF;
        IF NOT EXISTS (SELECT 1 FROM billing_ledger_journal WHERE id = NEW.journal_id AND kind IN (SELECT ledger_reversible())) THEN
            RAISE EXCEPTION 'a journal of this kind is not reversed: other rooms count on it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_of_kind';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.decided_by_id IS NULL AND NEW.decided_by_id IS NOT NULL
       AND (NEW.id, NEW.journal_id, NEW.reason, NEW.asked_by_id, NEW.asked_at)
           = (OLD.id, OLD.journal_id, OLD.reason, OLD.asked_by_id, OLD.asked_at)
       AND (rlhfhub_plane() IS NULL OR NEW.decided_by_id IS NOT DISTINCT FROM person) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a correction is decided once, in one''s own name'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_decided_once';
END $$;
CREATE TRIGGER decided BEFORE INSERT OR UPDATE OR DELETE ON billing_ledger_correction
    FOR EACH ROW EXECUTE FUNCTION ledger_correction_changed();
"""

# Kinds that no other table counts: the rest of the books would not follow if another were reversed.
REVERSIBLE = """
CREATE FUNCTION ledger_reversible() RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$ VALUES ('deposit'), ('writeoff'), ('unmatched') $$;
"""

GRANT = "GRANT CREATE ON SCHEMA public TO rlhfhub_keeper"
REVOKE = "REVOKE CREATE ON SCHEMA public FROM rlhfhub_keeper"


class Migration(migrations.Migration):
    dependencies = [("billing_ledger", "0001_initial"), ("rlhfhub_tenancy", "0002_rules")]
    operations = [
        migrations.RunSQL(
            [
                GRANT,
                KINDS,
                REVERSIBLE,
                JOURNALS,
                ACCOUNTS,
                FINGERPRINTS,
                RUNNING,
                POSTINGS,
                SEALS,
                CORRECTIONS,
                REVOKE,
            ],
            migrations.RunSQL.noop,
        )
    ]
