"""Operations on reversals: one is asked for, approved, sent and booked, or found at Stripe and booked."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from billing.payouts import reversals, reversing
from billing.payouts.models import Payout, Reversal
from billing.stripe.calls import transfers
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.planes import Plane
from tests import people
from tests.faults.crash_points.operation import Case, Effects, Operation, journals
from tests.payouts.reversed import due, lost

AMOUNT_MINOR = 7
HOURS = 24
_IT = "FROM billing_payouts_reversal r WHERE r.payout_id = %(payout)s"
_AUDITED = """(SELECT count(*) FROM rlhfhub_tenancy_auditentry e
    WHERE e.subject = r.id::text AND e.verb = 'reversal.VERB')"""
REVERSED = {
    "reversals": f"count(*) {_IT}",
    "state": f"state {_IT}",
    "attempts": f"attempt {_IT}",
    "asked for": f"{_AUDITED.replace('VERB', 'ask')} {_IT}",
    "approved": f"{_AUDITED.replace('VERB', 'approve')} {_IT}",
    "journals": journals("'transferback:' || r.transaction", _IT),
    "notices": f"(SELECT count(*) FROM rlhfhub_notices_notice n WHERE n.cause LIKE '%%' || r.id) {_IT}",
    "owed again": f"""(SELECT sum(p.amount_minor) FROM billing_ledger_posting p
        JOIN billing_ledger_journal j ON j.id = p.journal_id
        WHERE j.cause = 'transferback:' || r.transaction AND p.person_id IS NOT NULL) {_IT}""",
}


def operations(paid: Callable[[], Payout]) -> list[Operation]:
    """Return the operations on a reversal of a payout; `paid` makes one that Stripe has sent."""
    one, two = (people.make_user(f"Staff {n}", f"staff{n}@x.example", is_staff=True) for n in "12")
    ask, approve = partial(_ask, one), partial(_approve, two)
    begin, asked = partial(_begin, paid), partial(_asked, paid, one)
    approved = partial(_approved, paid, one, two)
    lost_one = partial(_sent_and_lost, approved)
    return [
        Operation("ask for a reversal", begin, ask, partial(_again, ask), REVERSED, _at_stripe),
        Operation("approve it", asked, approve, partial(_again, approve), REVERSED, _at_stripe),
        Operation("send and book it", approved, _send, _recover, REVERSED, _at_stripe),
        Operation("find and book it", lost_one, _send, _recover, REVERSED, _at_stripe),
    ]


def _begin(paid: Callable[[], Payout]) -> Case:
    """Make a payout that is sent. What earlier cases approved is sent first, so that it is no part of this one."""
    due()
    list(reversing.OUTBOX.sent())
    return {"payout": paid().pk}


def _ask(by: User, case: Case) -> None:
    with planes.entered(Plane.STAFF, person=by.pk):
        reversals.ask(
            payout_id=case["payout"], amount_minor=AMOUNT_MINOR, reason="Wrong.", actor_id=by.pk
        )


def _approve(by: User, case: Case) -> None:
    with planes.entered(Plane.STAFF, person=by.pk):
        row = Reversal.objects.get(payout=case["payout"])
        reversals.decide(reversal_id=row.pk, approve=True, actor_id=by.pk)


def _again(act: Callable[[Case], None], case: Case) -> None:
    """Do it again, as staff who got no reply: what is done already is refused."""
    with suppress(Refused):
        act(case)


def _asked(paid: Callable[[], Payout], by: User) -> Case:
    case = _begin(paid)
    _ask(by, case)
    return case


def _approved(paid: Callable[[], Payout], by: User, other: User) -> Case:
    case = _asked(paid, by)
    _approve(other, case)
    return case


def _sent_and_lost(approved: Callable[[], Case]) -> Case:
    """Let Stripe have made it a day ago, and nobody have heard of it."""
    case = approved()
    lost(case["payout"])
    due(hours=HOURS)
    return case


def _send(_: Case) -> None:
    list(reversing.OUTBOX.sent())


def _recover(case: Case) -> None:
    due()
    _send(case)


def _at_stripe(case: Case) -> Effects:
    with planes.as_system():
        payout = Payout.objects.get(pk=case["payout"])
    made = list(transfers.reversals_of(payout.transfer))
    return {"reversals at Stripe": len(made), "taken back": sum(one.amount_minor for one in made)}
