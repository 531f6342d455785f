"""SQL of a person's payouts that did not fail, with what is left of each and when it reached the bank.

`left_minor` is without what was taken back, which is owed again. Stripe pays on all that an account holds, so a payout
is in the bank by the first bank payout after it that did not fail. Annotator plane of the person.
"""

from typing import Any

from billing.payouts.models import Payout
from billing.recipients.models import BY_HAND

PAYOUTS = """
    SELECT o.id, o.currency, o.created_at, o.state = %(paid)s AS is_sent, o.amount_minor - COALESCE((
               SELECT sum(v.amount_minor) FROM billing_payouts_reversal v
               WHERE v.payout_id = o.id AND v.state = 'done'), 0) AS left_minor,
           CASE WHEN o.state <> %(paid)s THEN NULL
                WHEN o.rail = %(by_hand)s THEN o.ended_at ELSE b.arrives_at END AS bank_at
    FROM billing_payouts_payout o LEFT JOIN LATERAL (
        SELECT CASE WHEN k.status = 'paid' THEN k.arrives_at END AS arrives_at FROM billing_payouts_bankpayout k
        WHERE k.person_id = %(person)s AND k.created_at > o.ended_at AND k.status NOT IN ('failed', 'canceled')
        ORDER BY k.created_at LIMIT 1) b ON true
    WHERE o.person_id = %(person)s AND o.state <> %(failed)s
"""
VALUES: dict[str, Any] = {
    "paid": Payout.State.PAID,
    "failed": Payout.State.FAILED,
    "by_hand": BY_HAND,
}
