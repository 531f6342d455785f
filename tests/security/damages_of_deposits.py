"""For each invariant of deposits, SQL that violates it."""

from tests.security.damage import off, unguarded

DEPOSIT, REFUND = "billing_deposits_deposit", "billing_deposits_refund"

DEPOSITS: dict[str, list[str]] = {
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
