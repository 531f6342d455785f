"""Invariants of reconciliation: what is matched was booked with just its amount."""

from rlhfhub.invariants import Invariant, register

INVARIANTS = (
    Invariant(
        "M9",
        "a matched balance entry is what its journals moved at Stripe, and no other one is",
        """SELECT e.transaction, e.net_minor, m.amount FROM billing_reconciliation_balanceentry e
           LEFT JOIN (SELECT entry_id, sum(amount_minor) AS amount FROM billing_reconciliation_match GROUP BY 1) m
             ON m.entry_id = e.id
           WHERE CASE WHEN e.matched_at IS NULL THEN m.amount IS NOT NULL
                      ELSE COALESCE(m.amount, 0) <> e.net_minor END""",
    ),
    Invariant(
        "M9",
        "a match is of a journal that stands, with what it moved at Stripe",
        """SELECT m.cause, m.amount_minor, p.amount FROM billing_reconciliation_match m
           LEFT JOIN billing_ledger_journal j ON j.cause = m.cause
           LEFT JOIN LATERAL (
               SELECT -sum(p.amount_minor) AS amount FROM billing_ledger_posting p
               JOIN billing_ledger_account a ON a.id = p.account_id
               WHERE p.journal_id = j.id AND a.kind IN ('stripe_pending', 'stripe_available')) p ON true
           WHERE p.amount IS DISTINCT FROM m.amount_minor::numeric""",
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called when the apps are ready."""
    register("billing.reconciliation", INVARIANTS)
