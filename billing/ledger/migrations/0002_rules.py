"""The ledger's own law: journals balance, postings stay, balances follow postings and nothing else.

A journal's lines come in one INSERT; its trigger checks the sums and moves the balances, accounts locked in
the order of their ids. It acts as the keeper, so that no plane needs the right to change a balance.
"""

from django.db import migrations

RULES = """
CREATE FUNCTION ledger_posted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
    wrong record;
BEGIN
    SELECT journal_id, currency, sum(amount_minor) AS total INTO wrong FROM lines
        GROUP BY journal_id, currency HAVING sum(amount_minor) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journal % does not balance: % %', wrong.journal_id, wrong.total, wrong.currency
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_balances';
    END IF;
    PERFORM 1 FROM billing_ledger_account a WHERE a.id IN (SELECT account_id FROM lines) ORDER BY a.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM lines l JOIN billing_ledger_account a ON a.id = l.account_id
               WHERE a.currency <> l.currency OR a.person_id IS DISTINCT FROM l.person_id) THEN
        RAISE EXCEPTION 'a posting has the currency and the owner of its account'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_of_account';
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
    operations = [migrations.RunSQL([GRANT, RULES, REVOKE], migrations.RunSQL.noop)]
