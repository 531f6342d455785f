"""Matches balance entries with the journals that booked them, by the ids in the journals' causes."""

import uuid
from collections.abc import Iterator

from django.db import connection

from rlhfhub.tenancy import planes

#: Entries matched in one transaction.
CHUNK = 5_000
AT_STRIPE = "('stripe_pending', 'stripe_available')"

# The journals that may have booked an entry. An entry of a payment is named by its charge, of which the deposit knows.
CAUSES = """
    SELECT e.id, k.kind || ':' || e.transaction AS cause
    FROM chosen e CROSS JOIN unnest(ARRAY['stripefee', 'transferred', 'transferback', 'disputemoney', 'disputeback',
                                        'banked', 'toppedup', 'unmatched']) AS k (kind)
    UNION ALL
    SELECT e.id, 'payment:' || d.payment_intent FROM chosen e
    JOIN billing_deposits_deposit d ON d.charge = e.source AND d.charge <> '' WHERE e.category = 'charge'
    UNION ALL
    SELECT e.id, 'refund:' || e.source FROM chosen e WHERE e.category = 'refund'
    UNION ALL
    SELECT e.id, 'refundfail:' || r.id FROM chosen e
    JOIN billing_deposits_refund r ON r.refund_id = e.source AND r.refund_id <> '' WHERE e.category = 'refund_failure'
"""
# What is at Stripe is an asset, so a journal that adds to it has a negative line.
_BOOKED = f"""
    SELECT c.id, c.cause, -sum(p.amount_minor)::bigint AS amount, min(p.currency) AS currency
    FROM causes c JOIN billing_ledger_journal j ON j.cause = c.cause
    JOIN billing_ledger_posting p ON p.journal_id = j.id
    JOIN billing_ledger_account a ON a.id = p.account_id AND a.kind IN {AT_STRIPE}
    GROUP BY c.id, c.cause
"""  # noqa: S608  of constants only
_MATCH = f"""
    WITH chosen AS MATERIALIZED (
        SELECT * FROM billing_reconciliation_balanceentry
        WHERE matched_at IS NULL AND id > %(after)s ORDER BY id LIMIT %(most)s FOR UPDATE),
    causes AS ({CAUSES}), booked AS MATERIALIZED ({_BOOKED}),
    whole AS (
        SELECT e.id FROM chosen e LEFT JOIN booked b ON b.id = e.id
        GROUP BY e.id, e.net_minor, e.currency
        HAVING COALESCE(sum(b.amount), 0) = e.net_minor AND bool_and(COALESCE(b.currency = e.currency, true))),
    matched AS (
        UPDATE billing_reconciliation_balanceentry e SET matched_at = clock_timestamp()
        FROM whole WHERE e.id = whole.id RETURNING e.id),
    noted AS (
        INSERT INTO billing_reconciliation_match (id, entry_id, cause, amount_minor)
        SELECT rlhfhub_uuid7(), b.id, b.cause, b.amount FROM booked b JOIN matched ON matched.id = b.id)
    SELECT (SELECT id FROM chosen ORDER BY id DESC LIMIT 1), (SELECT count(*) FROM matched)
"""  # noqa: S608  of constants only


def match() -> Iterator[int]:
    """Match the entries that are not matched yet. Yields how many were, chunk by chunk."""
    after: uuid.UUID | None = uuid.UUID(int=0)
    while after:
        with planes.as_system(), connection.cursor() as cursor:
            cursor.execute(_MATCH, {"after": after, "most": CHUNK})
            after, matched = cursor.fetchone()
        yield int(matched)
