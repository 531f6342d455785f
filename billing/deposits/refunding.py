"""Gives money back by Stripe: each refund is asked for once, and booked from Stripe's own object."""

import logging
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from billing.deposits import dashboard_refunds, debts
from billing.deposits.claiming import (
    BANK_REFUNDS,
    LOOK_PAUSE,
    REFUNDS,
    LookAgain,
    each,
    note_missing,
    take_up_in,
)
from billing.deposits.models import Refund
from billing.deposits.notices import tell_of_refund
from billing.deposits.opening import PAUSE
from billing.ledger import entries
from billing.ledger.selectors import free_minor
from billing.ledger.services import Overdrawn, post
from billing.stripe.calls import refunds
from billing.stripe.calls.sending import KEY_LASTS
from billing.stripe.errors import Busy, Refused, Unknown
from rlhfhub.tenancy import clock, planes

log = logging.getLogger(__name__)
#: A refund that Stripe has taken on is looked at again after this time, if no webhook tells of it.
LOOK_AGAIN = timedelta(hours=1)


def refunded() -> Iterator[None]:
    """Send the refunds that were asked for, and look at those under way, until none is due. Yields after each."""
    yield from each(REFUNDS, send)
    yield from each(BANK_REFUNDS, send)


def send(refund_id: uuid.UUID) -> None:
    """Take one refund a step further; if Stripe does not answer, try again later. Called outside transactions."""
    refund = _booked(refund_id)
    if refund.refused_by_id:
        _fail(refund_id, f"Staff refused it: {refund.refusal}")
        return
    if refund.state != Refund.State.SENT or refund.way == Refund.Way.BANK:
        return
    take_up_in(REFUNDS, refund_id, LOOK_AGAIN)
    try:
        if known := refund.refund_id or _made(refund):
            see_refund(known)
    except LookAgain:
        take_up_in(REFUNDS, refund_id, LOOK_PAUSE)
    except (Unknown, Busy) as error:
        log.warning("a refund waits for Stripe: %s", error)
        take_up_in(REFUNDS, refund_id, PAUSE)


def _made(refund: Refund) -> str:
    """Return the id of the refund at Stripe; "" if Stripe refused it, and then it has failed.

    Only a refused request to make it proves that no money moves; a refusal of anything else is raised.
    """
    try:
        known = _sent(refund)
    except Refused as refused:
        _fail(refund.pk, f"Stripe refused it: {refused.message}")
        return ""
    with planes.as_system():
        Refund.objects.filter(pk=refund.pk, refund_id="").update(refund_id=known)
    return known


def _booked(refund_id: uuid.UUID) -> Refund:
    """Book that the money leaves the free balance, before anybody is asked to send it.

    What was refunded in Stripe's dashboard has left already, so what the free balance does not cover is owed. Raises:
    Overdrawn if such a refund finds less free than a moment ago, and then it is to be called again.
    """
    with planes.as_system():
        refund = _locked(refund_id)
        if refund.state != Refund.State.ASKED:
            return refund
        owed = 0
        if refund.way == Refund.Way.DASHBOARD:
            free = free_minor(refund.workspace_id, refund.currency)
            owed = max(0, refund.amount_minor - free)
        try:
            with planes.as_system():
                post([entries.refund_ask(refund=refund.pk, owed_minor=owed, **_money(refund))])
        except Overdrawn:
            if refund.way == Refund.Way.DASHBOARD:
                raise
            _end(refund, Refund.State.FAILED, "The free balance does not cover it any more.")
        else:
            _change(refund, state=Refund.State.SENT)
        return refund


def _sent(refund: Refund) -> str:
    """Ask Stripe for the refund, or find the one that was asked for. Returns its id. Raises: CallFailed, LookAgain."""
    with planes.as_system():
        now = clock.now()
    if refund.sent_at and now - refund.sent_at >= KEY_LASTS:
        if found := _found(refund):
            return found
        note_missing(refund)
        refund = _begin(refund)
    elif not refund.sent_at:
        refund = _begin(refund)
    made = refunds.create(
        key=f"refund:{refund.pk}:{refund.attempt}",
        payment_intent=refund.deposit.payment_intent,
        amount_minor=refund.amount_minor,
        metadata={"refund": str(refund.pk)},
    )
    return made.id


def _begin(refund: Refund) -> Refund:
    """Begin the next attempt. Committed before the request is sent."""
    with planes.as_system():
        rows = Refund.objects.filter(pk=refund.pk, attempt=refund.attempt)
        rows.update(attempt=F("attempt") + 1, sent_at=Now(), missed_at=None)
        return _read(refund.pk)


def _found(refund: Refund) -> str:
    """Look for the refund that an earlier request made although its answer was lost; "" if there is none.

    Raises: Unknown also if Stripe refuses to list them, for that says nothing about the earlier request.
    """
    try:
        for known in refunds.of_payment(refund.deposit.payment_intent):
            if known.metadata.get("refund") == str(refund.pk):
                return known.id
    except Refused as refused:
        raise Unknown(f"the refunds of a payment cannot be listed: {refused}") from refused
    return ""


def see_refund(refund_id: str) -> None:
    """Fetch a refund, and book what became of it. One that was not asked for here waits for two members of staff.

    Raises: CallFailed.
    """
    found = refunds.retrieve(refund_id)
    with planes.as_system():
        refund = _row_of(found)
        if refund and refund.state in (Refund.State.SENT, Refund.State.DONE):
            _book(refund, found)


def _row_of(found: refunds.Refund) -> Refund | None:
    """Return the refund's row, locked."""
    try:
        return _locked(uuid.UUID(found.metadata.get("refund", "")))
    except ValueError:
        return dashboard_refunds.known(found)


def _book(refund: Refund, found: refunds.Refund) -> None:
    if found.currency != refund.currency or found.amount_minor != refund.amount_minor:
        raise Unknown(f"refund {found.id} is of other money than was asked for")
    if not refund.refund_id:
        _change(refund, refund_id=found.id)
    if found.transaction and not refund.transaction:
        post([entries.refund(refund_id=found.id, **_money(refund))])
        _change(refund, transaction=found.transaction)
    if found.status in ("failed", "canceled"):
        if refund.transaction and not found.failure_transaction:
            raise Unknown(f"refund {found.id} failed, and its money is not back yet")
        _give_back(refund, f"Your bank did not take it: {found.failure_reason or found.status}.")
    elif found.status == "succeeded" and refund.transaction and refund.state != Refund.State.DONE:
        _end(refund, Refund.State.DONE)


def _fail(refund_id: uuid.UUID, words: str) -> None:
    with planes.as_system():
        refund = _locked(refund_id)
        if refund.state == Refund.State.SENT and not refund.refund_id:
            _give_back(refund, words)


def _give_back(refund: Refund, words: str) -> None:
    """Put the money back on the free balance, where it first repays what the workspace owes, as a deposit does."""
    money = _money(refund)
    failed = entries.refund_fail(refund=refund.pk, was_taken=bool(refund.transaction), **money)
    debts.lock(refund.workspace_id)
    post([failed, *debts.repayment(source=str(refund.pk), **money)])
    _end(refund, Refund.State.FAILED, words)


def _end(refund: Refund, state: Refund.State, error: str = "") -> None:
    _change(refund, state=state, error=error[:500], ended_at=Now())
    tell_of_refund(refund)


def _change(refund: Refund, **fields: Any) -> None:
    """Write these columns, and read the row again."""
    Refund.objects.filter(pk=refund.pk).update(**fields)
    refund.refresh_from_db()


def _money(refund: Refund) -> dict[str, Any]:
    return {
        "workspace_id": refund.workspace_id,
        "currency": refund.currency,
        "amount_minor": refund.amount_minor,
    }


def _read(refund_id: uuid.UUID) -> Refund:
    rows = Refund.objects.select_related("deposit", "workspace")
    refund: Refund = rows.get(pk=refund_id)
    return refund


def _locked(refund_id: uuid.UUID) -> Refund:
    Refund.objects.select_for_update().get(pk=refund_id)
    return _read(refund_id)
