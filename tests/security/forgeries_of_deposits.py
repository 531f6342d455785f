"""False records of deposits that a plane could try to write."""

DEPOSIT, STRAY = "billing_deposits_deposit", "billing_deposits_straypayment"
REFUND = "billing_deposits_refund"
DISPUTE = "billing_deposits_dispute"


def deposit(**values: str) -> tuple[str, ...]:
    """Insert a deposit of workspace A that was asked for, with other values in some columns."""
    row = {
        "id": "gen_random_uuid()",
        "workspace_id": "%(a)s",
        "amount_minor": "100",
        "currency": "'USD'",
        "created_by_id": "NULL",
        **values,
    }
    columns = ", ".join(row)
    return (f"INSERT INTO {DEPOSIT} ({columns}) VALUES ({', '.join(row.values())})",)


def refund(amount: str) -> tuple[str, ...]:
    """Insert a refund of the side's deposit."""
    return (
        f"INSERT INTO {REFUND} (id, workspace_id, deposit_id, way, amount_minor, currency) "
        f"SELECT gen_random_uuid(), workspace_id, id, 'stripe', {amount}, currency FROM {DEPOSIT} WHERE state = 'paid'",
    )


_PAID = {
    "state": "'paid'",
    "attempt": "1",
    "sent_at": "now()",
    "customer_id": "(SELECT id FROM billing_deposits_customer LIMIT 1)",
    "payment_intent": "'pi_x'",
    "charge": "'ch_x'",
    "received_minor": "100",
    "paid_at": "now()",
}

WORKSPACE: dict[str, tuple[str, ...]] = {
    "a deposit born paid": deposit(**_PAID),
    "a deposit of yesterday": deposit(asked_at="now() - interval '1 day'"),
    "a deposit in another currency": deposit(currency="'EUR'"),
    "a deposit of nothing": deposit(amount_minor="0"),
    "an invoice without an address": deposit(method="'invoice'"),
    "an invoice canceled another day": (
        f"UPDATE {DEPOSIT} SET cancel_asked_at = now() - interval '1 day'",
    ),
    "an invoice that is canceled": (
        f"UPDATE {DEPOSIT} SET invoice_id = 'in_x', state = 'canceled'",
    ),
    "a deposit that is paid": (f"UPDATE {DEPOSIT} SET state = 'paid'",),
    "a paid deposit that is looked at again": (f"UPDATE {DEPOSIT} SET next_at = now()",),
    "a deposit deleted": (f"DELETE FROM {DEPOSIT}",),
    "a refund of more than the deposit": refund("1000000"),
    "a refund of nothing": refund("0"),
    "a refund that is done": (f"UPDATE {REFUND} SET state = 'done'",),
    "a dispute that is over": (f"UPDATE {DISPUTE} SET state = 'won', closed_at = now()",),
    "a dispute deleted": (f"DELETE FROM {DISPUTE}",),
    "payments of others": (f"SELECT id FROM {STRAY}",),
}
IN_THE_OWNERS_NAME: dict[str, tuple[str, ...]] = {
    "a colleague's deposit": deposit(created_by_id="%(viewer)s"),
}
SYSTEM: dict[str, tuple[str, ...]] = {
    "a deposit": deposit(),
    "a deposit's amount": (f"UPDATE {DEPOSIT} SET amount_minor = 1",),
    "another amount received": (f"UPDATE {DEPOSIT} SET received_minor = 1",),
    "a deposit that is paid no more": (
        f"UPDATE {DEPOSIT} SET state = 'failed', error = 'x', payment_intent = '', charge = '', paid_by = '', "
        "received_minor = NULL, paid_at = NULL, receipt_url = '', transaction = '', fee_minor = NULL, "
        "available_at = NULL, cleared_at = NULL",
    ),
    "a refund that takes no money": (f"UPDATE {REFUND} SET state = 'sent'",),
    "a refund's amount": (f"UPDATE {REFUND} SET amount_minor = 1",),
    "a dispute that is won without money": (
        f"UPDATE {DISPUTE} SET state = 'won', closed_at = now()",
    ),
    "a dispute's amount": (f"UPDATE {DISPUTE} SET amount_minor = 1",),
    "a payment that fits no deposit, settled": (
        f"UPDATE {STRAY} SET settled_at = now(), settled_by_id = %(staff)s",
    ),
}
STAFF: dict[str, tuple[str, ...]] = {
    "a deposit by Stripe": deposit(),
    "a deposit that is open": (f"UPDATE {DEPOSIT} SET state = 'open'",),
    "a refund by Stripe that staff end": (
        f"UPDATE {REFUND} SET state = 'failed', ended_at = now()",
    ),
    "a payment settled by somebody else": (
        f"UPDATE {STRAY} SET settled_at = now(), settled_by_id = %(owner)s",
    ),
}
