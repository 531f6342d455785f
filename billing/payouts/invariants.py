"""Invariants of payouts: each is booked, sent and counted exactly once."""

from rlhfhub.invariants import Invariant, guards, register

# What the journals of a payout move: their accounts must be of its person and currency.
_MOVED = """
    SELECT COALESCE(sum(p.amount_minor) FILTER (WHERE a.kind = 'annotator_in_payout' AND a.person_id = o.person_id
                                                AND a.currency = o.currency), 0)
    FROM billing_ledger_journal j JOIN billing_ledger_posting p ON p.journal_id = j.id
    JOIN billing_ledger_account a ON a.id = p.account_id WHERE j.cause = {cause}
"""

INVARIANTS = (
    Invariant(
        "M4",
        "a payout took its amount from what was owed, and a payout that failed gave it back",
        f"""SELECT o.id AS payout, o.state, o.amount_minor FROM billing_payouts_payout o
            WHERE ({_MOVED.format(cause="'payout:' || o.id")}) <> o.amount_minor
               OR ({_MOVED.format(cause="'payoutfail:' || o.id")})
                  <> CASE o.state WHEN 'failed' THEN -o.amount_minor ELSE 0 END""",
    ),
    Invariant(
        "M4",
        "a payout that was sent has exactly one transfer, of its amount, or left our bank, and no other has",
        f"""SELECT o.id AS payout, o.state, o.transfer FROM billing_payouts_payout o
            WHERE o.rail = 'stripe_connect' AND (o.state = 'paid') <> (o.transfer <> '')
               OR ({_MOVED.format(cause="'byhand:' || o.id")})
                  <> CASE WHEN o.rail = 'by_hand' AND o.state = 'paid' THEN -o.amount_minor ELSE 0 END
               OR o.transfer <> '' AND ({_MOVED.format(cause="'transfer:' || o.transfer")}) <> -o.amount_minor""",
    ),
    Invariant(
        "M4",
        "each transfer and each money on its way is of one payout",
        """SELECT j.cause FROM billing_ledger_journal j
           LEFT JOIN billing_payouts_payout o ON j.cause = CASE j.kind WHEN 'transfer' THEN 'transfer:' || o.transfer
                                                               ELSE j.kind || ':' || o.id END
           WHERE j.kind IN ('payout', 'payoutfail', 'transfer', 'byhand')
           GROUP BY j.cause HAVING count(o.id) <> 1""",
    ),
    Invariant(
        "M4",
        "what is on its way to a person is the sum of their open payouts",
        """SELECT COALESCE(a.person_id, o.person_id) AS person, COALESCE(a.balance_minor, 0) AS balance,
                  COALESCE(o.total, 0) AS payouts
           FROM (SELECT person_id, currency, balance_minor FROM billing_ledger_account
                 WHERE kind = 'annotator_in_payout') a
           FULL JOIN (SELECT person_id, currency, sum(amount_minor) AS total FROM billing_payouts_payout
                      WHERE state IN ('ready', 'sending') GROUP BY person_id, currency) o
             ON (o.person_id, o.currency) = (a.person_id, a.currency)
           WHERE COALESCE(a.balance_minor, 0) <> COALESCE(o.total, 0)""",
    ),
    Invariant(
        "M4",
        "a person has at most one open payout in a currency",
        """SELECT person_id AS person, currency FROM billing_payouts_payout WHERE state IN ('ready', 'sending')
           GROUP BY person_id, currency HAVING count(*) > 1""",
    ),
    Invariant(
        "M4",
        "what was paid by hand was entered by one member of staff and confirmed by another",
        """SELECT id AS payout FROM billing_payouts_payout WHERE rail = 'by_hand' AND state = 'paid'
           AND (reference = '' OR entered_by_id IS NULL OR confirmed_by_id IS NULL
                OR entered_by_id = confirmed_by_id)""",
    ),
    Invariant(
        "M4",
        "a reversal that is done was agreed on by two, and its money was booked once, as owed to the person",
        """SELECT r.id AS reversal, r.state, r.transaction FROM billing_payouts_reversal r
           JOIN billing_payouts_payout o ON o.id = r.payout_id
           WHERE r.state = 'done' AND (
               r.decided_by_id IS NULL OR r.decided_by_id = r.asked_by_id
               OR (SELECT COALESCE(sum(p.amount_minor), 0) FROM billing_ledger_journal j
                   JOIN billing_ledger_posting p ON p.journal_id = j.id
                   JOIN billing_ledger_account a ON a.id = p.account_id
                   WHERE j.cause = 'transferback:' || r.transaction AND a.kind = 'annotator_payable'
                     AND (a.person_id, a.currency) = (o.person_id, o.currency)) <> r.amount_minor)""",
    ),
    Invariant(
        "M4",
        "no more of a payout is taken back than it was",
        """SELECT o.id AS payout, o.state, o.amount_minor FROM billing_payouts_payout o
           JOIN (SELECT payout_id, sum(amount_minor) AS amount_minor FROM billing_payouts_reversal
                 WHERE state NOT IN ('failed', 'declined') GROUP BY payout_id) r ON r.payout_id = o.id
           WHERE o.state <> 'paid' OR r.amount_minor > o.amount_minor""",
    ),
    Invariant(
        "M4",
        "payouts go to people who can be paid, change along their edges and are booked: the triggers are enabled",
        guards(
            ("made", "billing_payouts_payout"),
            ("edge", "billing_payouts_payout"),
            ("booked_when_made", "billing_payouts_payout"),
            ("booked_when_ended", "billing_payouts_payout"),
            ("made", "billing_payouts_reversal"),
            ("edge", "billing_payouts_reversal"),
            ("booked", "billing_payouts_reversal"),
        ),
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called from the AppConfig's ready()."""
    register("billing.payouts", INVARIANTS)
