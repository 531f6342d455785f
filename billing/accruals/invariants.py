"""Invariants of accruals: accepted work is paid once, at its slot's price, never to a member; rejected work is held."""

from rlhfhub.events.dispatch import MAX_ATTEMPTS
from rlhfhub.invariants import Invariant, register

# An accepted annotation may still lack its accrual while its event waits or its delivery is being retried.
_ON_ITS_WAY = f"""
    EXISTS (SELECT 1 FROM rlhfhub_events_event e WHERE e.workspace_id = a.workspace_id
            AND e.kind IN ('review.accepted', 'review.rejected', 'review.final') AND e.dispatched_at IS NULL)
    OR EXISTS (SELECT 1 FROM rlhfhub_events_delivery d WHERE d.workspace_id = a.workspace_id
               AND d.done_at IS NULL AND d.attempts < {MAX_ATTEMPTS})
"""
_NOT_YET_EARNED = """
    SELECT s.batch_id, s.currency, sum(s.price_minor + s.fee_minor) AS due FROM projects_work_slot s
    WHERE s.state <> 'cancelled' AND s.price_minor + s.fee_minor > 0 AND NOT EXISTS (
        SELECT 1 FROM projects_work_annotation a
        JOIN billing_ledger_journal j ON j.cause IN ('accrual:' || a.id, 'reject:' || a.id)
        WHERE a.slot_id = s.id)
    GROUP BY s.batch_id, s.currency
"""
_NOT_YET_MADE = """
    SELECT f.batch_id, f.currency, (f.slots_paid - f.slots) * (f.price_minor + f.fee_minor) AS due
    FROM billing_funding_funding f WHERE f.state = 'running'
"""

INVARIANTS = (
    Invariant(
        "M1",
        "accepted paid work is accrued, or about to be",
        f"""SELECT a.id AS annotation FROM projects_work_annotation a
            WHERE a.state = 'accepted' AND a.price_minor + a.fee_minor > 0
              AND NOT EXISTS (SELECT 1 FROM billing_ledger_journal j
                              WHERE j.kind = 'accrual' AND j.cause = 'accrual:' || a.id)
              AND NOT ({_ON_ITS_WAY})""",
    ),
    Invariant(
        "M1",
        "each accrual is of an accepted annotation, and there is one for each",
        """SELECT j.id AS journal, j.cause FROM billing_ledger_journal j
           LEFT JOIN projects_work_annotation a ON j.cause = 'accrual:' || a.id AND a.workspace_id = j.workspace_id
           WHERE j.kind = 'accrual' AND a.state IS DISTINCT FROM 'accepted'
           UNION ALL SELECT NULL, cause FROM billing_ledger_journal GROUP BY cause HAVING count(*) > 1""",
    ),
    Invariant(
        "M1",
        "the money of rejected paid work is on hold, and given back when the rejection is final, or about to be",
        f"""SELECT a.id AS annotation, d.verdict FROM projects_review_decision d
            JOIN projects_work_annotation a ON a.id = d.annotation_id
            WHERE d.verdict IN ('rejected', 'upheld', 'lapsed') AND a.price_minor + a.fee_minor > 0
              AND NOT EXISTS (SELECT 1 FROM billing_ledger_journal j WHERE j.cause =
                    CASE d.verdict WHEN 'rejected' THEN 'reject:' ELSE 'rejectfinal:' END || a.id)
              AND NOT ({_ON_ITS_WAY})""",
    ),
    Invariant(
        "M1",
        "money is put on hold for rejected work alone, and given back for a final rejection alone",
        """SELECT j.id AS journal, j.cause FROM billing_ledger_journal j
           WHERE j.kind IN ('reject', 'rejectfinal') AND NOT EXISTS (
               SELECT 1 FROM projects_review_decision d JOIN projects_work_annotation a ON a.id = d.annotation_id
               WHERE j.cause = j.kind || ':' || a.id AND a.workspace_id = j.workspace_id
                 AND CASE j.kind WHEN 'reject' THEN d.verdict = 'rejected'
                                 ELSE d.verdict IN ('upheld', 'lapsed') END)""",
    ),
    Invariant(
        "M3",
        "a batch's hold is price and fee of its rejected work that is neither final nor overturned",
        """SELECT COALESCE(b.batch_id, due.batch_id) AS batch, COALESCE(b.balance, 0) AS hold,
                  COALESCE(due.due, 0) AS due
           FROM (SELECT batch_id, sum(balance_minor) AS balance FROM billing_ledger_account
                 WHERE kind = 'rejection_hold' GROUP BY batch_id) b
           FULL JOIN (
               SELECT a.batch_id, sum(a.price_minor + a.fee_minor) AS due FROM billing_ledger_journal j
               JOIN projects_work_annotation a ON j.cause = 'reject:' || a.id
               WHERE j.kind = 'reject' AND NOT EXISTS (SELECT 1 FROM billing_ledger_journal e
                   WHERE e.cause IN ('rejectfinal:' || a.id, 'accrual:' || a.id))
               GROUP BY a.batch_id) due ON due.batch_id = b.batch_id
           WHERE COALESCE(b.balance, 0) <> COALESCE(due.due, 0)""",
    ),
    Invariant(
        "M3",
        "a batch's budget is price and fee of its slots that are not yet earned or given back",
        f"""SELECT COALESCE(b.batch_id, due.batch_id) AS batch, COALESCE(b.balance, 0) AS budget,
                   COALESCE(due.due, 0) AS due
            FROM (SELECT batch_id, currency, sum(balance_minor) AS balance FROM billing_ledger_account
                  WHERE kind = 'batch_budget' GROUP BY batch_id, currency) b
            FULL JOIN (SELECT batch_id, currency, sum(due) AS due
                       FROM ({_NOT_YET_EARNED} UNION ALL {_NOT_YET_MADE}) d GROUP BY batch_id, currency) due
              ON (due.batch_id, due.currency) = (b.batch_id, b.currency)
            WHERE COALESCE(b.balance, 0) <> COALESCE(due.due, 0)""",
    ),
    Invariant(
        "M6",
        "an accrual pays the slot's price to its annotator, the fee to the platform, from budget or hold",
        """SELECT j.id AS journal FROM billing_ledger_journal j
           JOIN projects_work_annotation a ON j.cause = 'accrual:' || a.id
           JOIN projects_work_slot s ON s.id = a.slot_id
           CROSS JOIN LATERAL (
               SELECT COALESCE(sum(p.amount_minor) FILTER (WHERE x.kind IN ('annotator_payable', 'annotator_pending')
                                                           AND x.person_id = a.annotator_id), 0) AS price,
                      COALESCE(sum(p.amount_minor) FILTER (WHERE x.kind = 'platform_revenue'), 0) AS fee,
                      COALESCE(sum(p.amount_minor) FILTER (
                          WHERE x.batch_id = a.batch_id AND x.kind = CASE WHEN EXISTS (
                              SELECT 1 FROM billing_ledger_journal r WHERE r.cause = 'reject:' || a.id)
                              THEN 'rejection_hold' ELSE 'batch_budget' END), 0) AS budget,
                      min(p.currency) AS currency
               FROM billing_ledger_posting p JOIN billing_ledger_account x ON x.id = p.account_id
               WHERE p.journal_id = j.id) paid
           WHERE j.kind = 'accrual' AND (paid.price, paid.fee, paid.budget, paid.currency)
             IS DISTINCT FROM (s.price_minor::numeric, s.fee_minor::numeric,
                               -(s.price_minor + s.fee_minor)::numeric, s.currency)""",
    ),
    Invariant(
        "M10",
        "nobody is paid by a workspace for work they did as its member",
        """SELECT a.id AS annotation, m.user_id AS member FROM projects_work_annotation a
           JOIN rlhfhub_tenancy_membership m ON m.workspace_id = a.workspace_id AND m.user_id = a.annotator_id
           WHERE a.price_minor > 0 AND a.submitted_at > m.created_at""",
    ),
    Invariant(
        "M10",
        "no member is at work in a paid project of their workspace",
        """SELECT e.id AS enrollment, e.state FROM projects_enrollment_enrollment e
           JOIN projects_plan_project p ON p.id = e.project_id
           JOIN rlhfhub_tenancy_membership m ON m.workspace_id = e.workspace_id AND m.user_id = e.annotator_id
           WHERE p.access = 'market' AND e.state <> 'ended'""",
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called when the apps are ready."""
    register("billing.accruals", INVARIANTS)
