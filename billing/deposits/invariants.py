"""Invariants of deposits: each is credited once, by the journal of its payment, and nothing else is."""

from rlhfhub.invariants import Invariant, guards, register

INVARIANTS = (
    Invariant(
        "M7",
        "a paid deposit has the journal of its payment, over what was received",
        """SELECT id AS deposit, received_minor AS received FROM billing_deposits_deposit
           WHERE state = 'paid' AND received_minor IS DISTINCT FROM
               deposits_booked('payment:' || payment_intent, 'workspace_available', workspace_id, currency)""",
    ),
    Invariant(
        "M7",
        "a payment that is booked has its deposit, which is paid",
        """SELECT j.id AS journal, j.cause FROM billing_ledger_journal j WHERE j.kind = 'payment' AND NOT EXISTS (
               SELECT 1 FROM billing_deposits_deposit d WHERE d.workspace_id = j.workspace_id
               AND d.payment_intent = substr(j.cause, 9) AND d.state = 'paid')""",
    ),
    Invariant(
        "M7",
        "a deposit's fee and clearing are booked as it says, and not without it",
        """SELECT id AS deposit, transaction FROM billing_deposits_deposit WHERE transaction <> '' AND (
               -deposits_booked('stripefee:' || transaction, 'stripe_fees', workspace_id, currency),
               -deposits_booked('clearing:' || transaction, 'stripe_available', workspace_id, currency))
               IS DISTINCT FROM (fee_minor, CASE WHEN cleared_at IS NULL THEN 0 ELSE received_minor - fee_minor END)""",
    ),
    Invariant(
        "M7",
        "a dispute's money is frozen, given back or lost, as it says",
        """SELECT d.id AS dispute, d.state FROM billing_deposits_dispute d CROSS JOIN LATERAL (
               SELECT deposits_booked('dispute:' || d.dispute_id, 'workspace_disputed', d.workspace_id, d.currency)
                          AS frozen,
                      -deposits_booked('disputewon:' || d.dispute_id, 'workspace_disputed', d.workspace_id, d.currency)
                          AS won,
                      -deposits_booked('disputelost:' || d.dispute_id, 'workspace_disputed', d.workspace_id, d.currency)
                          AS lost,
                      -deposits_booked('disputeappeal:' || d.dispute_id, 'dispute_clearing', d.workspace_id, d.currency)
                          AS appealed) b
           WHERE (b.frozen, b.won, b.lost, b.appealed) IS DISTINCT FROM (
               CASE WHEN d.state <> 'inquiry' THEN d.amount_minor ELSE 0 END,
               CASE WHEN d.state = 'won' THEN d.amount_minor ELSE 0 END,
               CASE WHEN d.state IN ('lost', 'appeal_won') THEN d.amount_minor ELSE 0 END,
               CASE WHEN d.state = 'appeal_won' THEN d.amount_minor ELSE 0 END)
           UNION ALL
           SELECT j.id, j.cause FROM billing_ledger_journal j WHERE j.kind IN ('dispute', 'disputewon', 'disputelost',
                                                                                 'disputeappeal')
             AND NOT EXISTS (SELECT 1 FROM billing_deposits_dispute d WHERE d.workspace_id = j.workspace_id
                             AND d.dispute_id = substr(j.cause, length(j.kind) + 2))""",
    ),
    Invariant(
        "M7",
        "a deposit gives back no more than it brought",
        """SELECT d.id AS deposit, sum(r.amount_minor) AS refunded FROM billing_deposits_deposit d
           JOIN billing_deposits_refund r ON r.deposit_id = d.id AND r.state <> 'failed'
           GROUP BY d.id, d.received_minor HAVING sum(r.amount_minor) > COALESCE(d.received_minor, 0)""",
    ),
    Invariant(
        "M7",
        "a refund's money is booked as its state says",
        """SELECT r.id AS refund, r.state FROM billing_deposits_refund r WHERE (
               deposits_booked('refundask:' || r.id, 'refund_clearing', r.workspace_id, r.currency),
               deposits_booked('refundfail:' || r.id, 'workspace_available', r.workspace_id, r.currency))
               NOT IN ((CASE WHEN r.state <> 'asked' THEN r.amount_minor ELSE 0 END,
                        CASE WHEN r.state = 'failed' THEN r.amount_minor ELSE 0 END),
                       (0, CASE WHEN r.state = 'failed' THEN 0 ELSE 1 END))
             OR r.state = 'done' AND r.amount_minor <> -deposits_booked(
                CASE r.way WHEN 'bank' THEN 'refundbank:' || r.id ELSE 'refund:' || r.refund_id END,
                'refund_clearing', r.workspace_id, r.currency)
           UNION ALL
           SELECT j.id, j.cause FROM billing_ledger_journal j
           WHERE j.kind IN ('refundask', 'refundfail', 'refundbank') AND NOT EXISTS (
               SELECT 1 FROM billing_deposits_refund r WHERE j.cause = j.kind || ':' || r.id)
              OR j.kind = 'refund' AND NOT EXISTS (
               SELECT 1 FROM billing_deposits_refund r WHERE j.cause = 'refund:' || r.refund_id)""",
    ),
    Invariant(
        "M7",
        "a deposit is asked for, and moves along its edges, by its rules: the guards are in place",
        guards(
            ("asked", "billing_deposits_deposit"),
            ("edge", "billing_deposits_deposit"),
            ("append_only", "billing_deposits_deposit"),
            ("settled", "billing_deposits_straypayment"),
            ("edge", "billing_deposits_dispute"),
            ("append_only", "billing_deposits_dispute"),
            ("asked", "billing_deposits_refund"),
            ("edge", "billing_deposits_refund"),
            ("append_only", "billing_deposits_refund"),
            ("not_frozen", "billing_funding_funding"),
            ("not_frozen", "projects_items_batch"),
        ),
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called from the AppConfig's ready()."""
    register("billing.deposits", INVARIANTS)
