"""What the ledger itself refuses: unbalanced journals, changed postings, movements its kinds do not allow.

`ledger_kinds()` says which accounts each kind of journal changes, in which direction, and which plane posts it; the
triggers and `verify_invariants` read it. A new kind of journal is a line of that function.
"""

from django.db import migrations

KINDS = """
CREATE FUNCTION ledger_kinds() RETURNS TABLE (kind text, plane text, account_kind text, sign integer)
LANGUAGE sql IMMUTABLE AS $$
    VALUES ('deposit', 'staff', 'platform_cash', -1),
           ('deposit', 'staff', 'workspace_available', 1),
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
           ('accrual', 'system', 'annotator_payable', 1),
           ('accrual', 'system', 'platform_revenue', 1)
$$;
"""

# AFTER triggers, as all of these, so that a row-level policy that refuses the row reports first.
JOURNALS = """
CREATE FUNCTION ledger_journals_made() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    here text := rlhfhub_plane();
    person uuid := rlhfhub_person();
BEGIN
    IF EXISTS (SELECT 1 FROM made m WHERE NOT starts_with(m.cause, m.kind || ':') OR NOT EXISTS (
            SELECT 1 FROM ledger_kinds() k WHERE k.kind = m.kind AND (here IS NULL OR k.plane = here))) THEN
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
    RAISE EXCEPTION 'a new account must have a balance of zero' USING ERRCODE = 'check_violation', CONSTRAINT = 'account_empty';
END $$;
CREATE TRIGGER empty AFTER INSERT ON billing_ledger_account
    FOR EACH ROW WHEN (NEW.balance_minor <> 0) EXECUTE FUNCTION ledger_account_made();
"""

# The lines of a journal come in one INSERT, so that one statement-level trigger can check their sum and move the
# balances. It locks accounts in the order of their ids, so that journals do not deadlock, and runs as the keeper, so
# that no plane needs the right to change a balance; the plane is therefore read from the transaction.
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
    PERFORM 1 FROM billing_ledger_account a WHERE a.id IN (SELECT account_id FROM lines) ORDER BY a.id FOR NO KEY UPDATE;
    SELECT k.kind IS NULL AS kind INTO wrong
        FROM lines l JOIN billing_ledger_account a ON a.id = l.account_id
        JOIN billing_ledger_journal j ON j.id = l.journal_id
        LEFT JOIN ledger_kinds() k ON k.kind = j.kind AND k.account_kind = a.kind
            AND (k.sign > 0) = (l.amount_minor > 0) AND (here IS NULL OR k.plane = here)
        WHERE k.kind IS NULL OR (a.workspace_id IS NOT NULL AND a.workspace_id IS DISTINCT FROM j.workspace_id)
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
    UPDATE billing_ledger_account a SET balance_minor = a.balance_minor + s.total
        FROM (SELECT account_id, sum(amount_minor) AS total FROM lines GROUP BY account_id) s WHERE s.account_id = a.id;
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

GRANT = "GRANT CREATE ON SCHEMA public TO rlhfhub_keeper"
REVOKE = "REVOKE CREATE ON SCHEMA public FROM rlhfhub_keeper"


class Migration(migrations.Migration):
    dependencies = [("billing_ledger", "0001_initial"), ("rlhfhub_tenancy", "0002_rules")]
    operations = [
        migrations.RunSQL(
            [GRANT, KINDS, JOURNALS, ACCOUNTS, POSTINGS, REVOKE], migrations.RunSQL.noop
        )
    ]
