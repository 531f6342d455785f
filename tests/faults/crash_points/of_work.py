"""Operations on work: a batch is funded, an answer is accepted, and its pay is booked."""

from functools import partial
from typing import Any

from billing.funding import services as funding
from billing.funding import tasks
from projects.items.models import Batch
from rlhfhub.events import tasks as events
from rlhfhub.tenancy import planes
from tests.concurrency import acts, effects
from tests.concurrency.conftest import Race
from tests.concurrency.test_rejection_races import answered
from tests.faults.crash_points.operation import Case, Operation

_OF_BATCH = """(FROM_ billing_ledger_posting p JOIN billing_ledger_account a ON a.id = p.account_id
    JOIN billing_ledger_journal j ON j.id = p.journal_id WHERE a.batch_id = %(batch)s AND j.kind = 'fund')"""
FUNDED = {
    "state": "funding FROM projects_items_batch WHERE id = %(batch)s",
    "runs that are done": "count(*) FROM billing_funding_funding WHERE batch_id = %(batch)s AND state = 'done'",
    "runs": "count(*) FROM billing_funding_funding WHERE batch_id = %(batch)s",
    "journals": _OF_BATCH.replace("FROM_", "SELECT count(DISTINCT j.id) FROM"),
    "money set aside": _OF_BATCH.replace("FROM_", "SELECT sum(p.amount_minor) FROM"),
    "slots": "count(*) FROM projects_work_slot WHERE batch_id = %(batch)s AND state = 'open'",
    "audit entries": "count(*) FROM rlhfhub_tenancy_auditentry WHERE subject = %(batch)s::text AND verb = 'batch.fund'",
}
_PAID = """(SELECT sum(p.amount_minor) FROM billing_ledger_posting p
    JOIN billing_ledger_journal j ON j.id = p.journal_id JOIN billing_ledger_account a ON a.id = p.account_id
    WHERE j.cause = 'accrual:' || %(answer)s AND a.kind = KIND)"""
ACCRUED = {
    **{name: f"count(*) {rows}" for name, rows in effects.ACCEPTED.items()},
    "earned": _PAID.replace("KIND", "'annotator_payable'"),
    "fee": _PAID.replace("KIND", "'platform_revenue'"),
}


def operations(race: Race) -> list[Operation]:
    """Return the operations on the work of this project."""
    accept = partial(_accept, race)
    return [
        Operation("fund a batch", partial(_draft, race), _fund, _fund_again, FUNDED),
        Operation("accept an answer", partial(_answer, race), accept, partial(_end, race), ACCRUED),
        Operation(
            "accrue its pay",
            partial(_accepted, race),
            lambda _: events.dispatch(),
            lambda _: effects.recover(),
            ACCRUED,
        ),
    ]


def _draft(race: Race) -> Case:
    return {"batch": race.batch(2, fund=False).pk, "workspace": race.tenant.pk}


def _fund(case: Case) -> None:
    """Fund as a request does, and make the slots as a worker does that finds the run unfinished."""
    with planes.in_workspace(case["workspace"]):
        funding.start(batch=Batch.objects.get(pk=case["batch"]), actor_id=None)
    tasks.resume()


def _fund_again(case: Case) -> None:
    _fund(case)
    effects.recover()


def _answer(race: Race) -> Case:
    answers = answered(race, 1)
    return {"answer": answers[-1]}


def _accept(race: Race, case: Case) -> Any:
    return acts.accept(race.tenant.secret, case["answer"])


def _end(race: Race, case: Case) -> None:
    assert _accept(race, case) == acts.DONE
    effects.recover()


def _accepted(race: Race) -> Case:
    case = _answer(race)
    assert _accept(race, case) == acts.DONE
    return case
