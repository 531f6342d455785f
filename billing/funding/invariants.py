"""Invariants of funding: every slot was paid for before it was made."""

from collections.abc import Iterator

from django.db import connection

from billing.funding.costs import FEE_BASIS_POINTS
from billing.funding.gold import MOST_PLACEMENTS
from rlhfhub.ground import money
from rlhfhub.invariants import Invariant, guards, register


def _other_fees() -> Iterator[str]:
    """Yield the funding runs in which the fee is not the platform's share of the price."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, price_minor, fee_minor FROM billing_funding_funding")
        for run, price_minor, fee_minor in cursor.fetchall():
            if fee_minor != money.fee(price_minor, FEE_BASIS_POINTS):
                yield f"funding={run} price_minor={price_minor} fee_minor={fee_minor}"


_RESERVES = """
    WITH reserves AS (
        SELECT f.batch_id, b.status, f.slots_left, f.repeats_left,
               f.slots_left * (b.price_minor + b.fee_minor) AS due,
               COALESCE((SELECT sum(a.balance_minor) FROM billing_ledger_account a
                         WHERE a.kind = 'batch_reserve' AND a.batch_id = f.batch_id), 0) AS balance
        FROM (SELECT batch_id, sum(CASE WHEN purpose IN ('plan', 'top_up') THEN reserve_slots ELSE -slots_paid END)
                         AS slots_left,
                     sum(CASE purpose WHEN 'plan' THEN repeat_slots WHEN 'repeat' THEN -slots_paid ELSE 0 END)
                         AS repeats_left
              FROM billing_funding_funding GROUP BY batch_id) f
        JOIN projects_items_batch b ON b.id = f.batch_id)
"""

INVARIANTS = (
    Invariant(
        "W1",
        "no item has more slots than its funding runs paid for",
        f"""SELECT s.item_id AS item, s.funding_id AS funding, s.n AS slots
           FROM (SELECT item_id, funding_id, purpose, count(*) AS n FROM projects_work_slot GROUP BY 1, 2, 3) s
           LEFT JOIN billing_funding_funding f ON f.id = s.funding_id
           WHERE s.n > COALESCE(CASE WHEN s.purpose = 'gold' AND f.purpose = 'plan' THEN {MOST_PLACEMENTS} * f.overlap
                                     WHEN uuid_hash_extended(s.item_id, f.seed) <= f.share_up_to
                                     THEN f.share_overlap ELSE f.overlap END, 0)""",
    ),
    Invariant(
        "W1",
        "a finished funding run made as many slots for gold as it paid for, in whole places of its overlap",
        """SELECT f.id AS funding, f.gold_items * f.overlap AS paid, s.n AS slots
           FROM billing_funding_funding f CROSS JOIN LATERAL (
               SELECT COALESCE(sum(i.n), 0) AS n, COALESCE(bool_and(mod(i.n, f.overlap) = 0), true) AS whole
               FROM (SELECT count(*) AS n FROM projects_work_slot WHERE funding_id = f.id AND purpose = 'gold'
                     GROUP BY item_id) i) s
           WHERE f.purpose = 'plan' AND f.state = 'done' AND (s.n <> f.gold_items * f.overlap OR NOT s.whole)""",
    ),
    Invariant(
        "M3",
        "a rejected answer has its replacement, or waits for one",
        """SELECT d.annotation_id AS annotation FROM projects_review_decision d
           JOIN projects_work_annotation a ON a.id = d.annotation_id
           WHERE d.verdict = 'rejected' AND a.state = 'rejected'
             AND NOT EXISTS (SELECT 1 FROM billing_funding_replacement r WHERE r.annotation_id = a.id)
             AND d.decided_at < clock_timestamp() - interval '10 minutes'""",
    ),
    Invariant(
        "W7",
        "a repeat is kept for somebody who answered the item that it repeats",
        """SELECT s.id AS slot, s.kept_for_id AS enrollment FROM projects_work_slot s
           JOIN billing_funding_funding f ON f.id = s.funding_id
           LEFT JOIN projects_enrollment_enrollment e ON e.id = s.kept_for_id
           LEFT JOIN projects_items_item i ON i.id = s.item_id
           WHERE f.purpose = 'repeat' AND NOT EXISTS (
               SELECT 1 FROM projects_work_annotation a
               WHERE a.item_id = i.repeat_of_id AND a.annotator_id = e.annotator_id AND a.purpose = 'data')""",
    ),
    Invariant(
        "M3",
        "a funded batch has all the slots that were paid for",
        """SELECT f.id AS funding, f.slots_paid AS paid, count(s.id) AS slots FROM billing_funding_funding f
           LEFT JOIN projects_work_slot s ON s.funding_id = f.id
           WHERE f.state = 'done' GROUP BY f.id HAVING count(s.id) <> f.slots_paid""",
    ),
    Invariant(
        "M6",
        "a slot's price and fee are those its funding run paid",
        """SELECT s.id AS slot FROM projects_work_slot s LEFT JOIN billing_funding_funding f ON f.id = s.funding_id
           WHERE (f.batch_id, f.price_minor, f.fee_minor, f.currency)
             IS DISTINCT FROM (s.batch_id, s.price_minor, s.fee_minor, s.currency)""",
    ),
    Invariant(
        "M3",
        "a batch that is funded or being funded has a funding run",
        """SELECT b.id AS batch, b.funding FROM projects_items_batch b
           LEFT JOIN (SELECT batch_id, bool_or(state = 'running') AS running FROM billing_funding_funding
                      GROUP BY batch_id) f ON f.batch_id = b.id
           WHERE b.funding <> CASE f.running WHEN true THEN 'running' WHEN false THEN 'funded' ELSE 'none' END""",
    ),
    Invariant(
        "M3",
        "a funding run has counted the slots made from it",
        """SELECT f.id AS funding, f.slots AS counted, COALESCE(s.n, 0) AS slots FROM billing_funding_funding f
           LEFT JOIN (SELECT funding_id, count(*) AS n FROM projects_work_slot GROUP BY funding_id) s
             ON s.funding_id = f.id WHERE f.slots <> COALESCE(s.n, 0)""",
    ),
    Invariant(
        "M3",
        "every slot and funded batch was paid for: the guards are in place",
        guards(
            ("paid", "projects_work_slot"),
            ("paid", "billing_funding_funding"),
            ("born_unfunded", "projects_items_batch"),
            ("funded", "projects_items_batch"),
        ),
    ),
    Invariant(
        "M6",
        "a batch's terms are those its funding runs paid for",
        """SELECT b.id AS batch, f.id AS funding FROM billing_funding_funding f
           JOIN projects_items_batch b ON b.id = f.batch_id
           WHERE (b.price_minor, b.fee_minor, b.currency) IS DISTINCT FROM (f.price_minor, f.fee_minor, f.currency)
              OR f.purpose = 'plan'
                 AND (b.overlap, b.share_overlap) IS DISTINCT FROM (f.overlap, f.share_overlap)""",
    ),
    Invariant(
        "W1",
        "a batch has as many slots as its funding runs paid for",
        """SELECT b.id AS batch, b.slots_count, COALESCE(f.paid, 0) AS paid FROM projects_items_batch b
           LEFT JOIN (SELECT batch_id, sum(slots_paid) AS paid FROM billing_funding_funding GROUP BY batch_id) f
             ON f.batch_id = b.id WHERE b.slots_count <> COALESCE(f.paid, 0)""",
    ),
    Invariant("M6", "a funding run's fee is the platform's share of its price", _other_fees),
    Invariant(
        "M6",
        "what a funding run moved is price and fee of the slots it paid for",
        """SELECT f.id AS funding, (f.slots_paid + f.reserve_slots) * (f.price_minor + f.fee_minor) AS due, p.moved
           FROM billing_funding_funding f LEFT JOIN LATERAL (
               SELECT sum(p.amount_minor) AS moved FROM billing_ledger_journal j
               JOIN billing_ledger_posting p ON p.journal_id = j.id
               WHERE j.cause = CASE WHEN f.purpose IN ('plan', 'top_up') THEN 'fund:' ELSE 'draw:' END || f.id
                 AND p.amount_minor > 0) p ON true
           WHERE (f.slots_paid + f.reserve_slots) * (f.price_minor + f.fee_minor) <> COALESCE(p.moved, 0)""",
    ),
    Invariant(
        "M3",
        "a batch's reserve holds what was paid for it and not used, and nothing once it is given back",
        f"""{_RESERVES} SELECT batch_id AS batch, balance, due FROM reserves
            WHERE balance <> due AND NOT (balance = 0 AND status IN ('closed', 'signed_off'))""",
    ),
    Invariant(
        "W1",
        "later runs make no more slots, and no more repeats, than the reserve paid for",
        f"""{_RESERVES} SELECT batch_id AS batch, slots_left, repeats_left FROM reserves
            WHERE slots_left < repeats_left OR repeats_left < 0""",
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called when the apps are ready."""
    register("billing.funding", INVARIANTS)
