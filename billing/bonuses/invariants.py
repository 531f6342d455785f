"""Invariants of bonuses: what is promised is paid once, to the annotator it was promised to, and never to a member."""

from rlhfhub.invariants import Invariant, guards, register

INVARIANTS = (
    Invariant(
        "M1",
        "each bonus is paid once, or about to be, and as much as was promised",
        """SELECT b.id AS bonus, j.cause FROM billing_bonuses_bonus b
           FULL JOIN (SELECT * FROM billing_ledger_journal WHERE kind = 'bonus') j ON j.cause = 'bonus:' || b.id
           LEFT JOIN LATERAL (
               SELECT sum(p.amount_minor) AS amount, min(p.currency) AS currency FROM billing_ledger_posting p
               JOIN billing_ledger_account a ON a.id = p.account_id
               WHERE p.journal_id = j.id AND a.kind IN ('annotator_payable', 'annotator_pending')
                 AND a.person_id = b.annotator_id) paid ON true
           WHERE b.id IS NULL OR j.id IS NULL AND b.at < clock_timestamp() - interval '10 minutes'
              OR j.id IS NOT NULL
                 AND (paid.amount, paid.currency) IS DISTINCT FROM (b.amount_minor::numeric, b.currency::text)""",
    ),
    Invariant(
        "M3",
        "what a workspace has promised is bonuses that are not yet paid, and money for reading",
        """SELECT COALESCE(a.workspace_id, due.workspace_id) AS workspace, COALESCE(a.balance_minor, 0) AS promised,
                  COALESCE(due.due, 0) AS due
           FROM (SELECT * FROM billing_ledger_account WHERE kind = 'workspace_promised') a
           FULL JOIN (
               SELECT workspace_id, currency, sum(amount_minor) AS due FROM (
                   SELECT b.workspace_id, b.currency, b.amount_minor FROM billing_bonuses_bonus b
                   WHERE NOT EXISTS (SELECT 1 FROM billing_ledger_journal j WHERE j.cause = 'bonus:' || b.id)
                   UNION ALL SELECT workspace_id, currency, free_minor FROM billing_readings_readingbudget
                   UNION ALL SELECT workspace_id, currency, amount_minor FROM billing_readings_reading
                   WHERE state = 'promised') promised
               GROUP BY 1, 2) due ON (due.workspace_id, due.currency) = (a.workspace_id, a.currency)
           WHERE COALESCE(a.balance_minor, 0) <> COALESCE(due.due, 0)""",
    ),
    Invariant(
        "M1",
        "each reading that was earned has its bonus, and no other has one",
        """SELECT r.id AS reading, r.state, b.id AS bonus FROM billing_readings_reading r
           FULL JOIN (SELECT id, reading_id FROM billing_bonuses_bonus WHERE reading_id IS NOT NULL) b
             ON b.reading_id = r.id
           WHERE (r.state IS NOT DISTINCT FROM 'paid') <> (b.id IS NOT NULL)""",
    ),
    Invariant(
        "M6",
        "a top-up's amount is that of its bonuses and of what it added to answers, up to its price",
        """SELECT t.id AS top_up, r.top_up_id AS raised, t.amount_minor, b.amount AS bonuses, r.amount AS raises
           FROM billing_bonuses_topup t
           LEFT JOIN (SELECT top_up_id, sum(amount_minor) AS amount, sum(answers) AS answers
                      FROM billing_bonuses_bonus GROUP BY 1) b ON b.top_up_id = t.id
           FULL JOIN (SELECT r.top_up_id, sum(r.amount_minor) AS amount, count(*) AS answers,
                             max(r.amount_minor + a.price_minor) AS price
                      FROM projects_quality_raise r JOIN projects_work_annotation a ON a.id = r.annotation_id
                      GROUP BY 1) r ON r.top_up_id = t.id
           WHERE (t.amount_minor::numeric, t.answers::numeric) IS DISTINCT FROM (b.amount, b.answers::numeric)
              OR (b.amount, b.answers::numeric) IS DISTINCT FROM (r.amount, r.answers::numeric)
              OR r.price > t.price_minor""",
    ),
    Invariant(
        "M10",
        "bonuses are set aside first, never changed, and never for a member: the guards are in place",
        guards(
            ("paid", "billing_bonuses_topup"),
            ("append_only", "billing_bonuses_topup"),
            ("not_frozen", "billing_bonuses_topup"),
            ("made", "billing_bonuses_bonus"),
            ("not_frozen", "billing_bonuses_bonus"),
            ("append_only", "billing_bonuses_bonus"),
            ("made", "projects_quality_raise"),
            ("append_only", "projects_quality_raise"),
        ),
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called when the apps are ready."""
    register("billing.bonuses", INVARIANTS)
