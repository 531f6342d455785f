"""For each invariant of deposits, debts and reconciliation, SQL that violates it."""

from tests.security.damage import ACCOUNT, off, unguarded

DEPOSIT, REFUND = "billing_deposits_deposit", "billing_deposits_refund"

ENTRY, MATCH = "billing_reconciliation_balanceentry", "billing_reconciliation_match"

DEPOSITS: dict[str, list[str]] = {
    "a workspace repays no more than it owes": [
        f"UPDATE {ACCOUNT} SET kind = 'workspace_receivable', balance_minor = NULL WHERE kind = 'workspace_available'"
    ],
    "a matched balance entry is what its journals moved at Stripe, and no other one is": [
        f"UPDATE {ENTRY} SET amount_minor = amount_minor + 1, net_minor = net_minor + 1"
    ],
    "a match is of a journal that stands, with what it moved at Stripe": [
        f"UPDATE {MATCH} SET cause = 'payment:nobody' || id"
    ],
    "a paid deposit has the journal of its payment, over what was received": unguarded(
        DEPOSIT, f"UPDATE {DEPOSIT} SET received_minor = received_minor + 1 WHERE state = 'paid'"
    ),
    "a payment that is booked has its deposit, which is paid": unguarded(
        DEPOSIT, f"UPDATE {DEPOSIT} SET payment_intent = 'pi_other' || id WHERE state = 'paid'"
    ),
    "a deposit's fee and clearing are booked as it says, and not without it": unguarded(
        DEPOSIT, f"UPDATE {DEPOSIT} SET cleared_at = NULL"
    ),
    "a dispute's money is frozen, given back or lost, as it says": unguarded(
        "billing_deposits_dispute", "UPDATE billing_deposits_dispute SET amount_minor = 1"
    ),
    "a deposit gives back no more than it brought": unguarded(
        REFUND, f"UPDATE {REFUND} SET amount_minor = 1000000000"
    ),
    "a refund's money is booked as its state says": unguarded(
        REFUND, f"UPDATE {REFUND} SET state = 'sent'"
    ),
    "a deposit is asked for, and moves along its edges, by its rules: the guards are in place": off(
        "edge", DEPOSIT
    ),
}
