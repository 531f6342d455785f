"""Operations on payouts: a run makes one, and a worker sends it."""

from functools import partial

from billing.payouts import making, runs, sending
from billing.payouts.models import Payout, PayoutRun
from rlhfhub.tenancy import planes
from tests.faults.crash_points.operation import Case, Effects, Operation
from tests.faults.payout_storm.earners import Earners
from tests.payouts.at_stripe import transfers_of_run
from tests.payouts.made import due_now

_JOURNALS = """(SELECT count(*) FROM billing_ledger_journal j JOIN billing_payouts_payout o
    ON j.cause = KIND WHERE o.run_id = %(run)s)"""
PAID = {
    "payouts": "count(*) FROM billing_payouts_payout WHERE run_id = %(run)s",
    "paid ones": "count(*) FROM billing_payouts_payout WHERE run_id = %(run)s AND state = 'paid' AND transfer <> ''",
    "amount": "sum(amount_minor) FROM billing_payouts_payout WHERE run_id = %(run)s",
    "run is made": "made_at IS NOT NULL FROM billing_payouts_payoutrun WHERE id = %(run)s",
    "journals of the payout": _JOURNALS.replace("KIND", "'payout:' || o.id"),
    "journals of the transfer": _JOURNALS.replace("KIND", "'transfer:' || o.transfer"),
    "notices": "count(*) FROM rlhfhub_notices_notice n JOIN billing_payouts_payout o ON n.cause LIKE '%%' || o.id"
    " WHERE o.run_id = %(run)s",
    "owed": "sum(balance_minor) FROM billing_ledger_account WHERE kind = 'annotator_payable'",
    "on its way": "sum(balance_minor) FROM billing_ledger_account WHERE kind = 'annotator_in_payout'",
}


def operations(earners: Earners) -> list[Operation]:
    """Return the operations on the payouts of one earner, whose first payout is of another amount and is sent."""
    paid(earners)
    return [
        Operation("make a payout", partial(_owed, earners), _make, _recover, PAID, _at_stripe),
        Operation("send a payout", partial(_ready, earners), _send, _recover, PAID, _at_stripe),
    ]


def paid(earners: Earners) -> Payout:
    """Make a payout that Stripe has sent."""
    case = _owed(earners)
    _recover(case)
    with planes.as_system():
        return Payout.objects.get(run=case["run"])


def _owed(earners: Earners) -> Case:
    earners.earn()
    runs.begin_by_command()
    with planes.as_system():
        return {"run": PayoutRun.objects.latest("id").pk}


def _ready(earners: Earners) -> Case:
    case = _owed(earners)
    _make(case)
    return case


def _make(_: Case) -> None:
    list(making.made())


def _send(_: Case) -> None:
    list(sending.OUTBOX.sent())


def _recover(case: Case) -> None:
    due_now()
    _make(case)
    _send(case)


def _at_stripe(case: Case) -> Effects:
    found = transfers_of_run(case["run"])
    return {"transfers": len(found), "transferred": sum(one.amount_minor for one in found)}
