"""A bonus and a top-up are recorded when their money is set aside, and never changed; nobody is paid as a member."""

from django.db import migrations

RULES = """
CREATE FUNCTION bonuses_promised(of uuid, workspace uuid, currency text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT COALESCE(sum(p.amount_minor), 0)::bigint FROM billing_ledger_journal j
    JOIN billing_ledger_posting p ON p.journal_id = j.id JOIN billing_ledger_account a ON a.id = p.account_id
    WHERE j.cause = 'promise:' || of AND a.kind = 'workspace_promised' AND a.workspace_id = workspace
      AND p.currency = bonuses_promised.currency
$$;
CREATE FUNCTION bonuses_top_up_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF bonuses_promised(NEW.id, NEW.workspace_id, NEW.currency) <> NEW.amount_minor THEN
        RAISE EXCEPTION 'the money of a top-up must be set aside before it is recorded'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'top_up_paid';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER paid AFTER INSERT ON billing_bonuses_topup FOR EACH ROW EXECUTE FUNCTION bonuses_top_up_made();
CREATE TRIGGER not_frozen AFTER INSERT ON billing_bonuses_topup
    FOR EACH ROW EXECUTE FUNCTION deposits_check_not_frozen();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON billing_bonuses_topup
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

CREATE FUNCTION bonuses_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM made m WHERE m.top_up_id IS NULL AND m.reading_id IS NULL
               AND bonuses_promised(m.id, m.workspace_id, m.currency) <> m.amount_minor) THEN
        RAISE EXCEPTION 'the money of a bonus must be set aside before it is recorded'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bonus_paid';
    END IF;
    IF EXISTS (SELECT 1 FROM made m JOIN billing_bonuses_topup t ON t.id = m.top_up_id
               CROSS JOIN LATERAL (SELECT sum(b.amount_minor) AS amount, sum(b.answers) AS answers
                                   FROM billing_bonuses_bonus b WHERE b.top_up_id = t.id) b
               WHERE t.currency <> m.currency OR (t.amount_minor, t.answers) <> (b.amount, b.answers)) THEN
        RAISE EXCEPTION 'the bonuses of a top-up are recorded together, and are its amount'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bonus_of_top_up';
    END IF;
    IF EXISTS (SELECT 1 FROM made m LEFT JOIN billing_readings_reading r ON r.id = m.reading_id
               WHERE m.reading_id IS NOT NULL AND (r.state, r.enrollment_id, r.amount_minor, r.currency)
                     IS DISTINCT FROM ('paid', m.enrollment_id, m.amount_minor, m.currency)) THEN
        RAISE EXCEPTION 'reading is paid what was promised for it, once it is earned'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bonus_of_reading';
    END IF;
    -- The system pays for reading alone, and nobody else does.
    IF EXISTS (SELECT 1 FROM made m WHERE (m.reading_id IS NOT NULL) <> (rlhfhub_plane() = 'system')) THEN
        RAISE EXCEPTION 'a member gives a bonus, and the system pays for reading'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bonus_given_by';
    END IF;
    IF EXISTS (SELECT 1 FROM made m JOIN rlhfhub_tenancy_membership s
               ON s.workspace_id = m.workspace_id AND s.user_id = m.annotator_id) THEN
        RAISE EXCEPTION 'nobody is paid by a workspace they are a member of'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bonus_of_no_member';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER made AFTER INSERT ON billing_bonuses_bonus REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION bonuses_made();
-- What was set aside for reading is paid all the same.
CREATE TRIGGER not_frozen AFTER INSERT ON billing_bonuses_bonus
    FOR EACH ROW WHEN (NEW.reading_id IS NULL) EXECUTE FUNCTION deposits_check_not_frozen();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON billing_bonuses_bonus
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing_bonuses", "0001_initial"),
        ("billing_deposits", "0002_rules"),
        ("billing_ledger", "0002_rules"),
        ("billing_readings", "0002_rules"),
        ("rlhfhub_tenancy", "0002_rules"),
    ]
    operations = [migrations.RunSQL(RULES, migrations.RunSQL.noop)]
