"""Journals that mirror changes of the platform's balance at Stripe which concern no workspace."""

from billing.ledger.entries.base import Entry, platform


def own_fee(transaction: str, currency: str, fee_minor: int) -> Entry:
    """Build the journal of a fee of Stripe's for the platform itself."""
    return Entry(
        "stripefee",
        f"stripefee:{transaction}",
        None,
        (
            (platform("stripe_fees", currency), -fee_minor),
            (platform("stripe_available", currency), fee_minor),
        ),
    )


def bank_move(transaction: str, currency: str, amount_minor: int) -> Entry:
    """Build the journal of money that came from the platform's bank, or (negative) went there."""
    kind = "toppedup" if amount_minor > 0 else "banked"
    return Entry(
        kind,
        f"{kind}:{transaction}",
        None,
        (
            (platform("stripe_available", currency), -amount_minor),
            (platform("platform_cash", currency), amount_minor),
        ),
    )


def unmatched(transaction: str, currency: str, amount_minor: int) -> Entry:
    """Build the journal of money at Stripe that came (or, negative, went) for a reason that nobody knows."""
    return Entry(
        "unmatched",
        f"unmatched:{transaction}",
        None,
        (
            (platform("stripe_available", currency), -amount_minor),
            (platform("suspense", currency), amount_minor),
        ),
    )
