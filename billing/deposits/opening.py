"""Makes what a deposit is paid on at Stripe, a page or an invoice, exactly one for each attempt."""

import logging
import uuid
from collections.abc import Iterator
from datetime import timedelta

from django.db.models import F, QuerySet
from django.db.models.functions import Now

from billing.deposits import invoices, sessions
from billing.deposits.claiming import ASKED, LOOK_PAUSE, LookAgain, each, note_missing, take_up_in
from billing.deposits.customers import customer_of
from billing.deposits.made import Made
from billing.deposits.models import Customer, Deposit
from billing.deposits.notices import tell_of_failure
from billing.stripe.calls.sending import KEY_LASTS
from billing.stripe.errors import Busy, Refused, Unknown
from rlhfhub.tenancy import clock, planes

log = logging.getLogger(__name__)
#: When a request is tried again after Stripe did not answer.
PAUSE = timedelta(seconds=30)
#: When an open deposit is first looked at, if no webhook and no visitor comes before.
FIRST_LOOK = timedelta(minutes=1)
#: Who makes what a deposit of each method is paid on.
_MAKERS = {Deposit.Method.CARD: sessions, Deposit.Method.INVOICE: invoices}


def opened() -> Iterator[None]:
    """Make the pages and invoices of the deposits that were asked for, until none is due. Yields after each."""
    return each(ASKED, open_one)


def open_one(deposit_id: uuid.UUID) -> None:
    """Make the page or invoice of one deposit; if Stripe does not answer, try again later.

    Called outside transactions.
    """
    try:
        made = _made(deposit_id)
    except LookAgain:
        take_up_in(ASKED, deposit_id, LOOK_PAUSE)
    except (Unknown, Busy) as error:
        log.warning("a deposit waits for Stripe: %s", error)
        take_up_in(ASKED, deposit_id, PAUSE)
    except Refused as refused:
        _fail(deposit_id, f"Stripe refused it: {refused.message}")
    else:
        _adopt(deposit_id, made)


def _made(deposit_id: uuid.UUID) -> Made:
    """Return what was made in the deposit's attempt: now, before, or found. Raises: CallFailed, LookAgain."""
    with planes.as_system():
        deposit, now = _read(deposit_id), clock.now()
    maker = _MAKERS[Deposit.Method(deposit.method)]
    if deposit.sent_at and now - deposit.sent_at >= KEY_LASTS:
        if found := maker.find(deposit):
            return found
        note_missing(deposit)
        deposit = _begin(deposit, deposit.customer)
    elif not deposit.sent_at:
        deposit = _begin(deposit, customer_of(deposit.workspace_id))
    return maker.make(deposit)


def _read(deposit_id: uuid.UUID) -> Deposit:
    rows = Deposit.objects.select_related("workspace", "customer")
    deposit: Deposit = rows.get(pk=deposit_id)
    return deposit


def _begin(deposit: Deposit, customer: Customer) -> Deposit:
    """Begin the next attempt. Committed before the request is sent."""
    with planes.as_system():
        rows = Deposit.objects.filter(pk=deposit.pk, attempt=deposit.attempt)
        rows.update(attempt=F("attempt") + 1, sent_at=Now(), missed_at=None, customer=customer)
        return _read(deposit.pk)


def _adopt(deposit_id: uuid.UUID, made: Made) -> None:
    with planes.as_system():
        _asked(deposit_id).update(
            state=Deposit.State.OPEN, next_at=Now() + FIRST_LOOK, looked_at=None, **made.columns
        )
    if made.see:
        made.see()


def _fail(deposit_id: uuid.UUID, words: str) -> None:
    with planes.as_system():
        if _asked(deposit_id).update(state=Deposit.State.FAILED, error=words[:500]):
            tell_of_failure(_read(deposit_id))


def _asked(deposit_id: uuid.UUID) -> QuerySet[Deposit]:
    """Return the deposit unless an event has told of it meanwhile."""
    rows: QuerySet[Deposit] = Deposit.objects.filter(pk=deposit_id, state=Deposit.State.ASKED)
    return rows
