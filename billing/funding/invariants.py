"""Every slot was paid for before it was born."""

from rlhfhub.invariants import Invariant, register

INVARIANTS = (
    Invariant(
        "W1",
        "no item has more slots than its funding runs paid for",
        """SELECT s.item_id AS item, s.n AS slots, f.overlap FROM (
               SELECT item_id, batch_id, count(*) AS n FROM projects_work_slot GROUP BY item_id, batch_id) s
           LEFT JOIN (SELECT batch_id, sum(overlap) AS overlap FROM billing_funding_funding GROUP BY batch_id) f
             ON f.batch_id = s.batch_id WHERE s.n > COALESCE(f.overlap, 0)""",
    ),
    Invariant(
        "M3",
        "a funded batch has all the slots that were paid for",
        """SELECT f.id AS funding, f.items * f.overlap AS paid, count(s.id) AS slots FROM billing_funding_funding f
           LEFT JOIN projects_work_slot s ON s.batch_id = f.batch_id
           WHERE f.state = 'done' GROUP BY f.id, f.items, f.overlap HAVING count(s.id) <> f.items * f.overlap""",
    ),
    Invariant(
        "M6",
        "a slot's price and fee are those its funding run paid",
        """SELECT s.id AS slot FROM projects_work_slot s WHERE NOT EXISTS (
               SELECT 1 FROM billing_funding_funding f WHERE f.batch_id = s.batch_id
                 AND (f.price_minor, f.fee_minor, f.currency) = (s.price_minor, s.fee_minor, s.currency))""",
    ),
    Invariant(
        "M6",
        "what a funding run moved is items times overlap times price and fee",
        """SELECT f.id AS funding, f.items * f.overlap * (f.price_minor + f.fee_minor) AS due, p.moved
           FROM billing_funding_funding f LEFT JOIN LATERAL (
               SELECT sum(p.amount_minor) AS moved FROM billing_ledger_journal j
               JOIN billing_ledger_posting p ON p.journal_id = j.id
               WHERE j.cause = 'fund:' || f.id AND p.amount_minor > 0) p ON true
           WHERE f.items * f.overlap * (f.price_minor + f.fee_minor) <> COALESCE(p.moved, 0)""",
    ),
)


def put_in_register() -> None:
    """Called when the apps are ready."""
    register("billing.funding", INVARIANTS)
