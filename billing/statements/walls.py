"""The doors of statements, by which a person reads their own earnings of all workspaces. It has no tables."""

from rlhfhub.tenancy.rules import Door, Wall

WALLS: dict[str, Wall] = {}

# Each enrollment's newest answers are read by their index and merged, so that a page costs the same whatever came
# before it. Unpaid enrollments are left out.
_ANSWERS = """
    SELECT 'answer'::text AS kind, a.id, e.id AS enrollment_id, a.submitted_at AS at, a.price_minor AS amount_minor,
           a.currency, a.state, a.decide_by, a.batch_id, ''::varchar AS reason, 0 AS answers
    FROM projects_enrollment_enrollment e
    JOIN projects_plan_project p ON p.id = e.project_id AND p.access = 'market'
"""
_BONUSES = """
    SELECT 'bonus'::text, b.id, b.enrollment_id, b.at, b.amount_minor, b.currency, 'accepted'::text, NULL::timestamptz,
           NULL::uuid, b.reason, b.answers
    FROM billing_bonuses_bonus b WHERE b.annotator_id = person
"""
_PAGE = f"""
    (SELECT * FROM ({_ANSWERS} CROSS JOIN LATERAL (
        SELECT n.id, n.submitted_at, n.price_minor, n.currency, n.state, n.decide_by, n.batch_id
        FROM projects_work_annotation n
        WHERE n.enrollment_id = e.id AND n.submitted_at <= until AND (n.submitted_at, n.id) < (until, until_id)
        ORDER BY n.submitted_at DESC, n.id DESC LIMIT most) a
     WHERE e.annotator_id = person) x ORDER BY x.at DESC, x.id DESC LIMIT most)
    UNION ALL
    (SELECT * FROM ({_BONUSES} AND b.at <= until AND (b.at, b.id) < (until, until_id)
                    ORDER BY b.at DESC, b.id DESC LIMIT most) y)
    ORDER BY at DESC, id DESC LIMIT most
"""
_ONE = f"""
    {_ANSWERS} JOIN projects_work_annotation a ON a.enrollment_id = e.id
    WHERE e.annotator_id = person AND a.id = line
"""
# The money of a line is booked by one journal, which its cause names. If it was not clear then, it became payable
# together with others, by the first posting that took it from the account of what is not clear. `until` is where its
# money ends among all that ever became payable, by which its payouts are found.
_BOOKED = """LEFT JOIN LATERAL (
        SELECT j.at, CASE x.kind WHEN 'annotator_pending' THEN k.at ELSE j.at END AS clear_at,
               o.running_minor + CASE x.kind WHEN 'annotator_pending' THEN k.moved ELSE 0 END AS until
        FROM billing_ledger_journal j JOIN billing_ledger_posting o ON o.journal_id = j.id AND o.person_id = person
        JOIN billing_ledger_account x ON x.id = o.account_id
        LEFT JOIN LATERAL (
            SELECT q.at, z.running_minor + q.running_minor AS moved FROM billing_ledger_posting q
            JOIN billing_ledger_posting z ON z.journal_id = q.journal_id AND z.amount_minor > 0
            WHERE q.account_id = x.id AND q.running_minor <= -o.running_minor
            ORDER BY q.running_minor DESC LIMIT 1) k ON x.kind = 'annotator_pending'
        WHERE j.cause = CASE c.kind WHEN 'bonus' THEN 'bonus:' ELSE 'accrual:' END || c.id) booked
        ON c.state = 'accepted'"""
_LINES = f"""
    WITH chosen AS MATERIALIZED ({{chosen}})
    SELECT c.kind, c.id, c.enrollment_id, e.workspace_id, w.name, p.name, e.pseudonym, p.status = 'archived', c.at,
           c.amount_minor, c.currency, c.state, c.decide_by, c.reason, c.answers, v.number, v.at,
           COALESCE(d.by, ''), d.decided_at, booked.at, booked.clear_at, booked.until
    FROM chosen c
    JOIN projects_enrollment_enrollment e ON e.id = c.enrollment_id
    JOIN projects_plan_project p ON p.id = e.project_id
    JOIN rlhfhub_tenancy_workspace w ON w.id = e.workspace_id
    LEFT JOIN LATERAL (
        SELECT z.number, z.at FROM billing_funding_funding f JOIN projects_plan_priceversion z
          ON z.project_id = e.project_id AND z.at <= f.created_at
        WHERE f.batch_id = c.batch_id AND f.purpose = 'plan' ORDER BY z.number DESC LIMIT 1) v ON true
    LEFT JOIN projects_review_decision d ON d.annotation_id = c.id AND d.stage = 1 AND d.verdict = 'accepted'
    {_BOOKED}
    ORDER BY c.at DESC, c.id DESC
"""
_LINE = (
    "TABLE (kind text, id uuid, enrollment_id uuid, workspace_id uuid, workspace varchar, project varchar, "
    "pseudonym varchar, is_archived boolean, at timestamptz, amount_minor bigint, currency varchar, state text, "
    "decide_by timestamptz, reason varchar, answers integer, price_version integer, price_since timestamptz, "
    "accepted_by varchar, accepted_at timestamptz, booked_at timestamptz, clear_at timestamptz, clear_until bigint)"
)
# Sums of whole days, read up to `most` lines: nobody waits for more to be counted. Of what is clear, each line's amount
# and where it ends are listed, by which its payouts are found.
_DAYS = f"""
    WITH c AS MATERIALIZED (
        SELECT * FROM ({_ANSWERS} CROSS JOIN LATERAL (
            SELECT n.id, n.submitted_at, n.price_minor, n.currency, n.state, n.decide_by, n.batch_id
            FROM projects_work_annotation n
            WHERE n.enrollment_id = e.id AND n.submitted_at >= since AND n.submitted_at < till LIMIT most) a
         WHERE e.annotator_id = person
         UNION ALL {_BONUSES} AND b.at >= since AND b.at < till) x LIMIT most)
    SELECT (c.at AT TIME ZONE 'UTC')::date, c.currency, count(*), sum(c.amount_minor)::bigint,
           COALESCE(sum(c.amount_minor) FILTER (WHERE c.state = 'accepted'), 0)::bigint,
           COALESCE(sum(c.amount_minor) FILTER (WHERE c.state IN ('submitted', 'returned')), 0)::bigint,
           COALESCE(sum(c.amount_minor) FILTER (WHERE c.state = 'rejected' AND NOT EXISTS (
               SELECT 1 FROM projects_review_decision d WHERE d.annotation_id = c.id AND d.stage = 2)), 0)::bigint,
           array_agg(c.amount_minor) FILTER (WHERE booked.until IS NOT NULL),
           array_agg(booked.until) FILTER (WHERE booked.until IS NOT NULL)
    FROM c {_BOOKED}
    GROUP BY 1, 2
"""
# A person's payouts, with where the money of each ends among all that ever became payable. What came back of one,
# because it failed or was reversed, became payable again: how much each time, and where that ends. Stripe pays on all
# that an account holds, so a payout is in the bank by the first payment to it after the payout that did not fail.
_PAYOUTS = """
    SELECT o.id, o.currency, o.created_at, o.state = 'paid',
           CASE WHEN o.state <> 'paid' THEN NULL WHEN o.rail = 'by_hand' THEN o.ended_at ELSE b.arrives_at END,
           o.amount_minor, -q.running_minor, COALESCE(back.amounts, '{}'), COALESCE(back.untils, '{}')
    FROM billing_payouts_payout o
    JOIN billing_ledger_journal j ON j.cause = 'payout:' || o.id
    JOIN billing_ledger_posting q ON q.journal_id = j.id AND q.amount_minor < 0
    LEFT JOIN LATERAL (
        SELECT CASE WHEN k.status = 'paid' THEN k.arrives_at END AS arrives_at FROM billing_payouts_bankpayout k
        WHERE k.person_id = person AND k.created_at > o.ended_at AND k.status NOT IN ('failed', 'canceled')
        ORDER BY k.created_at LIMIT 1) b ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(z.amount_minor ORDER BY z.running_minor) AS amounts,
               array_agg(z.running_minor ORDER BY z.running_minor) AS untils
        FROM (SELECT 'payoutfail:' || o.id AS cause WHERE o.state = 'failed'
              UNION ALL SELECT 'transferback:' || v.transaction FROM billing_payouts_reversal v
              WHERE v.payout_id = o.id AND v.state = 'done') came
        JOIN billing_ledger_journal n ON n.cause = came.cause
        JOIN billing_ledger_posting z ON z.journal_id = n.id AND z.person_id = person AND z.amount_minor > 0) back
        ON true
    WHERE o.person_id = person ORDER BY o.currency, -q.running_minor
"""
# What was booked in a period. Journals of a workspace are those of its work and its bonuses; one by which earlier pay
# became clear sums to zero. All others are of payouts.
_EARNED = """
    WITH booked AS MATERIALIZED (
        SELECT o.workspace_id, o.currency, sum(o.amount_minor)::bigint AS amount
        FROM billing_ledger_posting o
        WHERE o.person_id = person AND o.at >= since AND o.at < till AND o.workspace_id IS NOT NULL
        GROUP BY 1, 2), given AS MATERIALIZED (
        SELECT b.workspace_id, b.currency, sum(b.amount_minor)::bigint AS amount
        FROM billing_bonuses_bonus b JOIN billing_ledger_journal j ON j.cause = 'bonus:' || b.id
        WHERE b.annotator_id = person AND j.at >= since AND j.at < till GROUP BY 1, 2)
    SELECT k.workspace_id, w.name, k.currency, k.amount - COALESCE(g.amount, 0), COALESCE(g.amount, 0)
    FROM booked k JOIN rlhfhub_tenancy_workspace w ON w.id = k.workspace_id
    LEFT JOIN given g ON g.workspace_id = k.workspace_id AND g.currency = k.currency
    ORDER BY w.name, k.workspace_id, k.currency
"""
_PAID_OUT = """
    WITH moved AS MATERIALIZED (
        SELECT o.journal_id, o.currency, sum(o.amount_minor)::bigint AS amount
        FROM billing_ledger_posting o
        WHERE o.person_id = person AND o.at >= since AND o.at < till AND o.workspace_id IS NULL GROUP BY 1, 2)
    SELECT m.currency, COALESCE(-sum(m.amount) FILTER (WHERE j.kind IN ('transfer', 'byhand')), 0)::bigint,
           COALESCE(sum(m.amount) FILTER (WHERE j.kind NOT IN ('transfer', 'byhand')), 0)::bigint
    FROM moved m JOIN billing_ledger_journal j ON j.id = m.journal_id
    GROUP BY m.currency ORDER BY m.currency
"""

DOORS = [
    Door(
        "door_statement",
        "person uuid, until timestamptz, until_id uuid, most integer",
        _LINE,
        _LINES.format(chosen=_PAGE),
    ),
    Door("door_statement_line", "person uuid, line uuid", _LINE, _LINES.format(chosen=_ONE)),
    Door(
        "door_statement_days",
        "person uuid, since timestamptz, till timestamptz, most integer",
        "TABLE (day date, currency varchar, lines bigint, submitted_minor bigint, accepted_minor bigint, "
        "waiting_minor bigint, held_minor bigint, clear_minor bigint[], clear_until bigint[])",
        _DAYS,
    ),
    Door(
        "door_carriers",
        "person uuid",
        "TABLE (id uuid, currency varchar, begun_at timestamptz, is_sent boolean, bank_at timestamptz, "
        "amount_minor bigint, until_minor bigint, back_minor bigint[], back_until bigint[])",
        _PAYOUTS,
    ),
    Door(
        "door_earned",
        "person uuid, since timestamptz, till timestamptz",
        "TABLE (workspace_id uuid, workspace varchar, currency varchar, work_minor bigint, bonus_minor bigint)",
        _EARNED,
    ),
    Door(
        "door_paid_out",
        "person uuid, since timestamptz, till timestamptz",
        "TABLE (currency varchar, sent_minor bigint, corrected_minor bigint)",
        _PAID_OUT,
    ),
    Door(
        "door_earning_years",
        "person uuid",
        "TABLE (first timestamptz, last timestamptz)",
        "SELECT min(o.at), max(o.at) FROM billing_ledger_posting o WHERE o.person_id = person",
    ),
]
