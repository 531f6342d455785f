"""Every slot was paid for before it was born."""

from collections.abc import Iterator

from django.db import connection

from billing.funding.services import FEE_BASIS_POINTS
from rlhfhub.ground import money
from rlhfhub.invariants import Invariant, guards, register


def _other_fees() -> Iterator[str]:
    """Funding runs whose fee is not the platform's share of their price."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, price_minor, fee_minor FROM billing_funding_funding")
        for run, price_minor, fee_minor in cursor.fetchall():
            if fee_minor != money.fee(price_minor, FEE_BASIS_POINTS):
                yield f"funding={run} price_minor={price_minor} fee_minor={fee_minor}"


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
        "M3",
        "a batch that is funded, or being funded, has the run that says so",
        """SELECT b.id AS batch, b.funding FROM projects_items_batch b
           LEFT JOIN (SELECT batch_id, bool_or(state = 'running') AS running FROM billing_funding_funding
                      GROUP BY batch_id) f ON f.batch_id = b.id
           WHERE b.funding <> CASE f.running WHEN true THEN 'running' WHEN false THEN 'funded' ELSE 'none' END""",
    ),
    Invariant(
        "M3",
        "a funding run has counted the slots that were made of it",
        """SELECT b.batch_id AS batch, b.counted, COALESCE(s.n, 0) AS slots
           FROM (SELECT batch_id, sum(slots) AS counted FROM billing_funding_funding GROUP BY batch_id) b
           LEFT JOIN (SELECT batch_id, count(*) AS n FROM projects_work_slot GROUP BY batch_id) s
             ON s.batch_id = b.batch_id WHERE b.counted <> COALESCE(s.n, 0)""",
    ),
    Invariant(
        "M3",
        "slots and funded batches come of money: their guards stand",
        guards(
            ("paid", "projects_work_slot"),
            ("paid", "billing_funding_funding"),
            ("born_unfunded", "projects_items_batch"),
            ("funded", "projects_items_batch"),
        ),
    ),
    Invariant("M6", "a funding run's fee is the platform's share of its price", _other_fees),
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
