"""How often each effect of what was done about an answer is in the database, whoever of the rooms wrote it."""

from typing import Any

import pytest

from billing.funding import tasks as funding
from projects.review import tasks as review
from rlhfhub.events import debts
from rlhfhub.events import tasks as events
from tests import databases

Effects = dict[str, int]

_NAMES_ANSWER = "data -> 'annotation_ids' @> to_jsonb(%(answer)s::text)"
_EVENT = (
    f"FROM rlhfhub_events_event WHERE {_NAMES_ANSWER} AND dispatched_at IS NOT NULL AND kind = "
)
_NOTICE = "FROM rlhfhub_notices_notice WHERE cause = "
_AUDIT = "FROM rlhfhub_tenancy_auditentry WHERE subject = %(answer)s::text AND verb = "
_DECISION = "FROM projects_review_decision WHERE annotation_id = %(answer)s AND "
_JOURNAL = "FROM billing_ledger_journal WHERE cause = "
_STATE = "FROM projects_work_annotation WHERE id = %(answer)s AND state = "
_TALLY = """FROM projects_quality_tally t JOIN projects_work_annotation a ON a.item_id = t.item_id
    WHERE a.id = %(answer)s AND t.counted_answers = """

REJECTION = {
    "decision": f"{_DECISION} verdict = 'rejected'",
    "state": f"{_STATE} 'rejected'",
    "audit entry": f"{_AUDIT} 'annotation.reject'",
    "event": f"{_EVENT} 'review.rejected'",
    "notice": f"{_NOTICE} 'review.rejected:' || %(answer)s",
    "journal": f"{_JOURNAL} 'reject:' || %(answer)s",
    "replacement": "FROM billing_funding_replacement WHERE annotation_id = %(answer)s AND state = 'made'",
    "tally without it": f"{_TALLY} 0",
}
APPEAL = {
    "appeal": "FROM projects_review_appeal WHERE annotation_id = %(answer)s",
    "event": f"{_EVENT} 'review.appealed'",
    "notice to the reviewer": f"{_NOTICE} 'review.appealed:' || %(answer)s",
}
_END = {
    "event": f"{_EVENT} 'review.ended'",
    "notice to the annotator": f"{_NOTICE} 'review.ended:' || %(answer)s",
}
_OF_APPEAL = {**_END, "notice to the reviewer": f"{_NOTICE} 'review.appeal_ended:' || %(answer)s"}
OVERTURNED = {
    **_OF_APPEAL,
    "decision": f"{_DECISION} verdict = 'overturned'",
    "state": f"{_STATE} 'accepted'",
    "event of its pay": f"{_EVENT} 'review.accepted'",
    "journal": f"{_JOURNAL} 'accrual:' || %(answer)s",
    "tally with it": f"{_TALLY} 1",
}
UPHELD = {
    **_OF_APPEAL,
    "audit entry": f"{_AUDIT} 'appeal.upheld'",
    "decision": f"{_DECISION} verdict = 'upheld'",
    "event of its money": f"{_EVENT} 'review.final'",
    "journal": f"{_JOURNAL} 'rejectfinal:' || %(answer)s",
}
OVERTURNED_BY_PERSON = {**OVERTURNED, "audit entry": f"{_AUDIT} 'appeal.overturned'"}
LAPSED = {
    **_END,
    "decision": f"{_DECISION} verdict = 'lapsed'",
    "event of its money": f"{_EVENT} 'review.final'",
    "journal": f"{_JOURNAL} 'rejectfinal:' || %(answer)s",
}
ACCEPTED = {
    "decision": f"{_DECISION} verdict = 'accepted'",
    "state": f"{_STATE} 'accepted'",
    "event": f"{_EVENT} 'review.accepted'",
    "journal": f"{_JOURNAL} 'accrual:' || %(answer)s",
}
LEAVING = {
    "change": "FROM projects_enrollment_enrollmentchange WHERE enrollment_id = %(enrollment)s AND id > %(since)s",
    "audit entry": "FROM rlhfhub_tenancy_auditentry WHERE subject = %(enrollment)s::text AND verb = 'enrollment.left'"
    " AND id > %(since)s",
    "state": "FROM projects_enrollment_enrollment WHERE id = %(enrollment)s AND state = 'ended'",
    "returned lease": "FROM projects_work_lease WHERE id = %(lease)s AND ended_as = 'returned'",
    "open slot": "FROM projects_work_slot s JOIN projects_work_lease l ON l.slot_id = s.id WHERE l.id = %(lease)s"
    " AND s.state = 'open'",
}


def count(of: dict[str, str], login: dict[str, Any], **values: Any) -> Effects:
    """Return how often each of these effects is there, as the owner sees it."""
    with databases.connected(**login) as owner:
        return {
            name: int(owner.execute(f"SELECT count(*) {rows}", values).fetchone()[0])
            for name, rows in of.items()
        }


def is_done(effects: Effects) -> bool:
    """Return whether all effects are there, each once. Fails the test if only some are, or one twice."""
    assert set(effects.values()) in ({0}, {1}), effects
    return set(effects.values()) == {1}


def recover() -> None:
    """Do what the scheduled tasks do, as the workers run them after a crash."""
    for task in (
        events.dispatch,
        review.accept_due,
        review.end_due,
        review.apply_bulk_accepts,
        events.dispatch,
        funding.replace,
        funding.resume,
        funding.release_unused,
        events.dispatch,
    ):
        task()


def nothing_is_owed(login: dict[str, Any]) -> None:
    """Fail the test if the nightly sweep finds a lost effect: what killed processes left, others finished before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(debts, "SETTLED_SECONDS", -60)
        debts.sweep()
    with databases.connected(**login) as owner:
        waiting = owner.execute("SELECT kind FROM rlhfhub_events_event WHERE dispatched_at IS NULL")
        owed = waiting.fetchall()
        assert owed == [], owed
        failed = owner.execute("SELECT handler, error FROM rlhfhub_events_delivery")
        assert failed.fetchall() == []
