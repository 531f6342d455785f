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
        "a deposit is asked for, and moves along its edges, by its rules: the guards are in place",
        guards(
            ("asked", "billing_deposits_deposit"),
            ("edge", "billing_deposits_deposit"),
            ("append_only", "billing_deposits_deposit"),
            ("settled", "billing_deposits_straypayment"),
        ),
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called from the AppConfig's ready()."""
    register("billing.deposits", INVARIANTS)
