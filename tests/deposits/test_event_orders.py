"""Six events in all their orders, each come once or more often, end in one state.

A deposit was paid, mostly spent, and partly asked back, but the answer to that request was lost. Then a second deposit
is paid, the first one is disputed, its refund fails at the bank, and the dispute is closed. A handler fetches the
object as it is when the event is handled: no earlier than its own event or one handled before, and often later.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from types import ModuleType
from typing import Any

import pytest
from django.db import connection, transaction

from billing.deposits import refunding
from billing.stripe.calls import checkout, disputes, payment_intents, refunds
from billing.stripe.errors import CallFailed
from billing.stripe.events import Event
from billing.stripe.handles import handlers_of
from projects.items.services import Plan
from rlhfhub import invariants
from rlhfhub.ground.refusals import Refused
from tests.deposits.made import AMOUNT, ask_back, dispute, opened, paid, pay, work_off
from tests.factories import make_batch, make_project, make_workspace
from tests.stripe.made import event
from tests.stripe_emulator.control import Control

BACK, SECOND, PRICE = 10_000, 20_000, 10_000
ORDERS, DOUBLED = 720, 0.2
Object = tuple[ModuleType, str]
Order = tuple[int, ...]


@dataclass
class Life:
    """What happened at Stripe, event by event, and how its objects were after each of them."""

    events: list[Event] = field(default_factory=list)
    objects: set[Object] = field(default_factory=set)
    seen: list[dict[Object, Any]] = field(default_factory=list)
    stage: int = 0

    def note(self, type: str, calls: ModuleType, object_id: str) -> None:
        """Note that an event has come of an object, and how all objects are now."""
        self.events.append(event(type, object_id=object_id))
        self.objects.add((calls, object_id))
        self.seen.append({(calls, one): calls.retrieve(one) for calls, one in self.objects})

    def replay(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let all further calls retrieve the objects as they were at the stage, and not from Stripe."""
        for calls in (checkout, disputes, payment_intents, refunds):
            monkeypatch.setattr(calls, "retrieve", lambda one, calls=calls: self._found(calls, one))

    def _found(self, calls: ModuleType, object_id: str) -> Any:
        return self.seen[self.stage][calls, object_id]


def lived(stripe: Control, closed: str) -> Life:
    """Live it at Stripe; the site has seen nothing of it but the first payment."""
    tenant, life = make_workspace(money=0), Life()
    first = paid(stripe, tenant, AMOUNT)
    spend = make_project(tenant, price_minor=PRICE)
    make_batch(spend, 3, plan=Plan(overlap=1, share_percent=0))
    ask_back(tenant, BACK)
    stripe.fault("POST /v1/refunds", "error_after")
    work_off(refunding.refunded)
    (refund,) = refunds.of_payment(first.payment_intent)
    second = opened(tenant, SECOND)
    life.objects.add((payment_intents, first.payment_intent))
    life.note("refund.created", refunds, refund.id)
    intent = pay(stripe, second)
    life.objects.add((payment_intents, intent))
    life.note("checkout.session.completed", checkout, second.session_id)
    life.note("payment_intent.succeeded", payment_intents, intent)
    disputed = dispute(stripe, first)
    life.note("charge.dispute.created", disputes, disputed)
    stripe.post("refunds/fail", refund=refund.id, reason="expired_or_canceled_card")
    life.note("refund.failed", refunds, refund.id)
    stripe.post("disputes", dispute=disputed, status=closed)
    life.note("charge.dispute.closed", disputes, disputed)
    return life


def handled(life: Life, number: int) -> bool:
    """Handle an event. Returns whether that is done: else it is tried again, as a worker does."""
    try:
        for handler in handlers_of(life.events[number].type):
            handler(life.events[number])
    except (CallFailed, Refused):
        return False
    return True


_STATE = {
    "balances": """SELECT a.kind, sum(p.amount_minor) FROM billing_ledger_posting p
        JOIN billing_ledger_account a ON a.id = p.account_id GROUP BY a.kind HAVING sum(p.amount_minor) <> 0""",
    "journals": "SELECT cause FROM billing_ledger_journal WHERE kind <> 'repay'",
    "deposits": """SELECT id, state, payment_intent, charge, received_minor, fee_minor, transaction,
        cleared_at IS NULL FROM billing_deposits_deposit""",
    "disputes": "SELECT dispute_id, deposit_id, state, status, amount_minor FROM billing_deposits_dispute",
    "refunds": "SELECT id, state, refund_id, transaction, error FROM billing_deposits_refund",
    "strays": "SELECT stripe_id FROM billing_deposits_straypayment",
}


def state() -> tuple[Any, ...]:
    """Return what the tables say, without times and the ids of rows made meanwhile. No constraint is left unchecked."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name, statement in _STATE.items():
            cursor.execute(f"{statement} ORDER BY 1")
            found.append((name, *cursor.fetchall()))
    return tuple(found)


def after_each_order(
    life: Life, dice: Random, before: Order = (), stage: int = 0, again: Order = ()
) -> Iterator[Order]:
    """Handle the events that are not among those before, in every order, and undo it. Yields each whole order.

    Orders that begin alike share their beginning. An event may come again at any time after it came, and is tried
    again at the end if it could not be handled.
    """
    if len(before) == len(life.events):
        life.stage = len(life.events) - 1
        assert all(handled(life, number) for number in again)
        yield before
        return
    for number in range(len(life.events)):
        if number not in before:
            with transaction.atomic():
                yield from _after(life, dice, before, stage, again, number)
                transaction.set_rollback(True)


def _after(
    life: Life, dice: Random, before: Order, stage: int, again: Order, number: int
) -> Iterator[Order]:
    come = (*before, number)
    least = max(stage, number)
    life.stage = dice.choice((least, least, dice.randrange(least, len(life.events))))
    doubled = [one for one in come if dice.random() < DOUBLED]
    late = tuple(one for one in (number, *doubled) if not handled(life, one))
    yield from after_each_order(life, dice, come, life.stage, (*again, *late))


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["won", "lost"])
def test_all_orders_end_in_one_state(
    rich: Control, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    life, states = lived(rich, closed), defaultdict(list)
    with monkeypatch.context() as patch:
        life.replay(patch)
        for order in after_each_order(life, Random(1)):
            states[state()].append([life.events[number].type for number in order])
        assert sum(map(len, states.values())) == ORDERS
        assert len(states) == 1, states
        assert all(handled(life, number) for number in range(len(life.events)))
    (end,) = states
    assert state() == end
    assert [one for one in invariants.verify(["M2", "M3", "M5", "M7"]) if not one.holds] == []
