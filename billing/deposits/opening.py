"""Makes the page at Stripe on which a deposit is paid, exactly one for each attempt."""

import logging
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.urls import reverse

from billing.deposits.claiming import ASKED, each, take_up_in
from billing.deposits.customers import customer_of
from billing.deposits.models import Customer, Deposit
from billing.deposits.notices import tell_of_failure
from billing.deposits.sessions import see_session
from billing.stripe.calls import checkout
from billing.stripe.calls.checkout import CheckoutSession
from billing.stripe.calls.sending import KEY_LASTS
from billing.stripe.errors import Busy, Refused, Unknown
from rlhfhub.tenancy import clock, planes

log = logging.getLogger(__name__)
#: When a request is tried again after Stripe did not answer.
PAUSE = timedelta(seconds=30)
#: When an open deposit is first looked at, if no webhook and no visitor comes before.
FIRST_LOOK = timedelta(minutes=1)


def opened() -> Iterator[None]:
    """Make the pages of the deposits that were asked for, until none is due. Yields after each."""
    return each(ASKED, open_page)


def open_page(deposit_id: uuid.UUID) -> None:
    """Make the page of one deposit; if Stripe does not answer, try again later. Called outside transactions."""
    try:
        session = _session_of(deposit_id)
    except (Unknown, Busy) as error:
        log.warning("a deposit waits for Stripe: %s", error)
        take_up_in(ASKED, deposit_id, PAUSE)
    except Refused as refused:
        _fail(deposit_id, f"Stripe refused it: {refused.message}")
    else:
        _adopt(deposit_id, session)


def _session_of(deposit_id: uuid.UUID) -> CheckoutSession:
    """Return the session of the deposit's attempt: made now, made before, or found. Raises: CallFailed."""
    with planes.as_system():
        deposit, now = _read(deposit_id), clock.now()
    if deposit.sent_at and now - deposit.sent_at >= KEY_LASTS:
        if found := _found(deposit):
            return found
        deposit = _begin(deposit, deposit.customer)
    elif not deposit.sent_at:
        deposit = _begin(deposit, customer_of(deposit.workspace_id))
    back = settings.SITE_URL.rstrip("/") + reverse(
        "deposit", args=[deposit.workspace.slug, deposit.pk]
    )
    return checkout.create(
        key=f"deposit:{deposit.pk}:{deposit.attempt}",
        customer=deposit.customer.stripe_id,
        amount_minor=deposit.amount_minor,
        currency=deposit.currency,
        words="Funds for data projects",
        reference=str(deposit.pk),
        metadata={"deposit": str(deposit.pk), "workspace": str(deposit.workspace_id)},
        success_url=back,
        cancel_url=back,
    )


def _read(deposit_id: uuid.UUID) -> Deposit:
    rows = Deposit.objects.select_related("workspace", "customer")
    deposit: Deposit = rows.get(pk=deposit_id)
    return deposit


def _begin(deposit: Deposit, customer: Customer) -> Deposit:
    """Begin the next attempt. Committed before the request is sent."""
    with planes.as_system():
        rows = Deposit.objects.filter(pk=deposit.pk, attempt=deposit.attempt)
        rows.update(attempt=F("attempt") + 1, sent_at=Now(), customer=customer)
        return _read(deposit.pk)


def _found(deposit: Deposit) -> CheckoutSession | None:
    """Look for the session that an earlier request made although its answer was lost. Raises: CallFailed."""
    since: datetime = deposit.asked_at - timedelta(days=1)
    for session in checkout.of_customer(deposit.customer.stripe_id):
        if session.reference == str(deposit.pk):
            return session
        if session.created_at < since:
            break
    return None


def _adopt(deposit_id: uuid.UUID, session: CheckoutSession) -> None:
    with planes.as_system():
        _asked(deposit_id).update(
            state=Deposit.State.OPEN,
            session_id=session.id,
            page_url=session.url,
            next_at=Now() + FIRST_LOOK,
            looked_at=None,
        )
    if session.status != "open":
        see_session(session.id)


def _fail(deposit_id: uuid.UUID, words: str) -> None:
    with planes.as_system():
        if _asked(deposit_id).update(state=Deposit.State.FAILED, error=words[:500]):
            tell_of_failure(_read(deposit_id))


def _asked(deposit_id: uuid.UUID) -> QuerySet[Deposit]:
    """Return the deposit unless an event has told of it meanwhile."""
    rows: QuerySet[Deposit] = Deposit.objects.filter(pk=deposit_id, state=Deposit.State.ASKED)
    return rows
