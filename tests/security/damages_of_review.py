"""For each invariant of decisions, rejections and their money, SQL that violates it."""

from tests.security.damage import (
    ACCOUNT,
    ADJUDICATION,
    ANNOTATION,
    APPEAL,
    DECISION,
    JOURNAL,
    LEASE,
    LIMIT,
    REPLACEMENT,
    SOURCE,
    off,
    unguarded,
    without,
)

BULK, BULK_ANSWER = "projects_review_bulkaccept", "projects_review_bulkanswer"
DAY = "interval '1 day'"

REVIEW: dict[str, list[str]] = {
    "an annotation's state is what was decided on it, with one decision a stage": unguarded(
        DECISION, f"DELETE FROM {DECISION}"
    ),
    "an annotation is in the state returned exactly while its return is open": unguarded(
        ANNOTATION, f"UPDATE {ANNOTATION} SET state = 'returned' WHERE state = 'submitted'"
    ),
    "decisions are append-only, and each change of state has its decision or return: the guards are in place": off(
        "returned", ANNOTATION
    ),
    "no return, rejection or appeal stays open after its time": unguarded(
        APPEAL,
        *without(APPEAL, "appeal_decide_days"),
        f"UPDATE {APPEAL} SET decide_by = decide_by - interval '20 days'",
    ),
    "the rejections of a batch are counted, and no more than are allowed": [
        f"UPDATE {LIMIT} SET rejected = rejected + 1"
    ],
    "a bulk accept accepts for whoever requested it, after its ten minutes, and counts what became of its answers": (
        unguarded(BULK_ANSWER, f"UPDATE {BULK_ANSWER} SET outcome = 'linked'")
    ),
    "no bulk accept waits long after its ten minutes, and none of its answers when it is done or cancelled": unguarded(
        BULK,
        f"UPDATE {BULK} SET requested_at = requested_at - {DAY}, takes_effect_at = takes_effect_at - {DAY}, "
        "cancelled_at = NULL, cancelled_by_id = NULL",
    ),
    "the queue knows which of the answers with priority are undecided": [
        "UPDATE projects_review_priority SET waits = NOT waits"
    ],
    "nobody judges an answer that they gave or rejected, or to an item that they have answered before": [
        *unguarded(LEASE, *without(LEASE, "lease_slot")),
        "DROP INDEX lease_item_once",
        f"UPDATE {LEASE} l SET item_id = s.item_id FROM {SOURCE} s WHERE l.annotator_id = s.annotator_id",
    ],
    "each item of a child project is frozen from an answer, of its parent's if it is a review": unguarded(
        SOURCE, f"DELETE FROM {SOURCE}"
    ),
    "a review accepts only what all of its people accepted": unguarded(
        DECISION,
        f"UPDATE {DECISION} SET by = 'review', reviewer_id = NULL WHERE verdict = 'accepted'",
    ),
    "nobody decides on their own work": unguarded(
        DECISION,
        f"UPDATE {DECISION} d SET reviewer_id = a.annotator_id FROM {ANNOTATION} a WHERE a.id = d.annotation_id",
    ),
    "nobody gave the final answer to an item that they had answered": unguarded(
        ADJUDICATION,
        f"UPDATE {ADJUDICATION} j SET reviewer_id = a.annotator_id FROM {ANNOTATION} a WHERE a.item_id = j.item_id",
    ),
    "nobody leased an item to which they had given the final answer": unguarded(
        ADJUDICATION,
        f"UPDATE {ADJUDICATION} j SET reviewer_id = l.annotator_id, decided_at = l.leased_at - {DAY} FROM {LEASE} l "
        "WHERE l.item_id = j.item_id",
    ),
    "final answers are append-only, numbered, and to answered items of their project: the guards are in place": off(
        "follows", ADJUDICATION
    ),
    "no annotation stays undecided after its time": unguarded(
        ANNOTATION,
        f"UPDATE {ANNOTATION} SET decide_by = now() - interval '1 day' WHERE state = 'submitted'",
    ),
    "no decision is automatic before its time, or made before the annotation is submitted": unguarded(
        DECISION,
        f"UPDATE {DECISION} SET by = 'clock', reviewer_id = NULL WHERE verdict = 'accepted'",
    ),
    "the money of rejected paid work is on hold, and given back when the rejection is final, or about to be": [
        "DELETE FROM rlhfhub_events_delivery",
        *unguarded(
            JOURNAL,
            f"UPDATE {JOURNAL} SET cause = 'reject:' || gen_random_uuid() WHERE kind = 'reject'",
        ),
    ],
    "money is put on hold for rejected work alone, and given back for a final rejection alone": unguarded(
        JOURNAL,
        f"UPDATE {JOURNAL} SET cause = 'reject:' || gen_random_uuid() WHERE kind = 'reject'",
    ),
    "a batch's hold is price and fee of its rejected work that is neither final nor overturned": unguarded(
        ACCOUNT,
        f"UPDATE {ACCOUNT} SET balance_minor = balance_minor + 1 WHERE kind = 'rejection_hold'",
    ),
    "a rejected answer has its replacement, or waits for one": [
        *unguarded(REPLACEMENT, f"DELETE FROM {REPLACEMENT}"),
        *unguarded(DECISION, f"UPDATE {DECISION} SET decided_at = decided_at - interval '1 hour'"),
    ],
}
