"""Operations on deposits: one is asked for, what was paid is booked, and money is given back."""

from functools import partial
from typing import Any

from django.db.models.functions import Now

from billing.deposits import opening, payments, refunding
from billing.deposits.models import Customer, Deposit, Refund
from billing.stripe import processing, sweep
from billing.stripe.calls import checkout, refunds
from billing.stripe.models import InboundEvent
from rlhfhub.ground.ids import uuid7
from rlhfhub.tenancy import planes
from tests.deposits import made
from tests.factories import Tenant, make_workspace
from tests.faults.crash_points.operation import Case, Effects, Operation, journals
from tests.stripe_emulator.control import Control

AMOUNT_MINOR = 700
_SINCE = "count(*) FROM billing_deposits_deposit d WHERE d.id > %(since)s"
_IT = "FROM billing_deposits_deposit d WHERE d.id = %(deposit)s"
_GIVEN = "FROM billing_deposits_refund r WHERE r.id > %(since)s"
OPENED = {
    "deposits": _SINCE,
    "open ones": f"{_SINCE} AND d.state = 'open' AND d.session_id <> ''",
    "attempts": "sum(attempt) FROM billing_deposits_deposit d WHERE d.id > %(since)s",
    "audit entries": "count(*) FROM rlhfhub_tenancy_auditentry WHERE verb = 'deposit.ask' AND id > %(since)s",
}
CREDITED = {
    "state": f"state {_IT}",
    "received": f"received_minor {_IT}",
    "fee is known": f"fee_minor > 0 {_IT}",
    "journals of the payment": journals("'payment:' || d.payment_intent", _IT),
    "journals of the fee": journals("'stripefee:' || d.transaction", _IT),
    "notices": "count(*) FROM rlhfhub_notices_notice WHERE cause = 'deposit.paid:' || %(deposit)s",
    "events to be handled": "count(*) FROM billing_stripe_inboundevent WHERE state NOT IN ('done', 'ignored')",
}
REFUNDED = {
    "refunds": f"count(*) {_GIVEN}",
    "done ones": f"count(*) {_GIVEN} AND r.state = 'done'",
    "journals of the request": journals("'refundask:' || r.id", _GIVEN),
    "journals of the refund": journals("'refund:' || r.refund_id", _GIVEN),
    "notices": "(SELECT count(*) FROM rlhfhub_notices_notice n"
    f" WHERE n.cause LIKE 'deposit.refunded:' || r.id || ':%%') {_GIVEN}",
    "not given back": "sum(p.amount_minor) FROM billing_ledger_posting p JOIN billing_ledger_account a"
    " ON a.id = p.account_id WHERE a.kind = 'refund_clearing'",
}


def operations(emulator: Control) -> list[Operation]:
    """Return the operations on the deposits and refunds of a new workspace whose first deposit is paid."""
    tenant = make_workspace(money=0)
    made.paid(emulator, tenant, 100_000)
    ask, give_back = partial(_ask, tenant), partial(_give_back, tenant)
    return [
        Operation("open a deposit", _now, ask, partial(_again, ask), OPENED, partial(_opened, tenant)),
        Operation("credit a payment", partial(_paid, emulator, tenant), _handle, _handle_again, CREDITED),
        Operation("give money back", _now, give_back, partial(_again, give_back), REFUNDED, _given_back),
    ]  # fmt: skip


def _now() -> Case:
    return {"since": uuid7()}


def _post(tenant: Tenant, path: str, case: Case) -> None:
    """Ask over REST; whoever gets no reply asks again under the same Idempotency-Key."""
    key = {"HTTP_IDEMPOTENCY_KEY": str(case["since"])}
    answer = tenant.client.post(path, {"amount_minor": AMOUNT_MINOR}, **key)
    assert answer.status_code < 300, answer.content


def _ask(tenant: Tenant, case: Case) -> None:
    _post(tenant, "/api/v1/deposits/", case)
    list(opening.opened())


def _give_back(tenant: Tenant, case: Case) -> None:
    _post(tenant, "/api/v1/refunds/", case)
    list(refunding.refunded())


def _again(act: Any, case: Case) -> None:
    """Do it again when the claims of the worker that was killed are over."""
    with planes.as_system():
        Deposit.objects.filter(state__in=("asked", "paid")).update(next_at=Now())
        Refund.objects.filter(state__in=("asked", "sent")).update(next_at=Now())
    act(case)


def _opened(tenant: Tenant, case: Case) -> Effects:
    with planes.as_system():
        asked = set(
            map(str, Deposit.objects.filter(id__gt=case["since"]).values_list("id", flat=True))
        )
        customer = Customer.objects.get(workspace=tenant.pk)
    found = [one for one in checkout.of_customer(customer.stripe_id) if one.reference in asked]
    return {"sessions": len(found)}


def _given_back(case: Case) -> Effects:
    with planes.as_system():
        asked = list(Refund.objects.filter(id__gt=case["since"]).select_related("deposit"))
    found = [
        other
        for one in asked
        for other in refunds.of_payment(one.deposit.payment_intent)
        if other.metadata["refund"] == str(one.pk)
    ]
    return {"refunds at Stripe": len(found), "given back": sum(one.amount_minor for one in found)}


def _paid(emulator: Control, tenant: Tenant) -> Case:
    """Pay a deposit on Stripe's page, of which events have come that no worker has taken."""
    deposit = made.opened(tenant, AMOUNT_MINOR)
    made.pay(emulator, deposit)
    sweep.sweep()
    return {"deposit": deposit.pk}


def _handle(_: Case) -> None:
    processing.handle_all()


def _handle_again(case: Case) -> None:
    with planes.as_system():
        InboundEvent.objects.filter(state="waiting").update(next_at=Now())
        Deposit.objects.filter(pk=case["deposit"]).update(next_at=Now())
    _handle(case)
    list(payments.cleared())
