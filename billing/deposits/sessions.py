"""What became of a Checkout session, as Stripe says it now."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

from django.db.models.functions import Now

from billing.deposits.claiming import OPEN, each
from billing.deposits.models import Deposit
from billing.deposits.notices import tell_of_failure
from billing.deposits.payments import see_payment
from billing.stripe.calls import checkout
from billing.stripe.calls.checkout import CheckoutSession
from billing.stripe.calls.payment_intents import PaymentIntent
from rlhfhub.tenancy import clock, planes

_FAILED = ("requires_payment_method", "canceled")
#: An open deposit is looked at after a quarter of its age, within these bounds.
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=1)


def see_session(session_id: str) -> None:
    """Book the payment of a session, or note that it expired or failed. Called outside transactions.

    Raises: CallFailed.
    """
    session = checkout.retrieve(session_id)
    intent = see_payment(session.payment_intent) if session.payment_intent else None
    with planes.as_system():
        rows = Deposit.objects.select_for_update()
        deposit = rows.filter(session_id=session.id, state=Deposit.State.OPEN).first()
        if deposit:
            _note(deposit, session, intent)


def _note(deposit: Deposit, session: CheckoutSession, intent: PaymentIntent | None) -> None:
    """Note what is not a payment. One that succeeded and is still open here is stray."""
    row = Deposit.objects.filter(pk=deposit.pk)
    if session.status == "expired":
        row.update(state=Deposit.State.EXPIRED, page_url="")
    elif session.status == "complete" and intent and intent.status in _FAILED:
        words = intent.charge.failure_words if intent.charge else ""
        row.update(
            state=Deposit.State.FAILED,
            page_url="",
            error=words[:500] or "The payment did not succeed.",
        )
        deposit.refresh_from_db()
        tell_of_failure(deposit)
    else:
        pause = min(max((clock.now() - deposit.asked_at) / 4, SHORTEST), LONGEST)
        row.update(page_url=session.url, next_at=Now() + pause)


def looked() -> Iterator[None]:
    """Look at the open deposits that are due, of which perhaps no webhook told. Yields after each."""
    return each(OPEN, _look)


def _look(deposit_id: uuid.UUID) -> None:
    with planes.as_system():
        session_id = Deposit.objects.values_list("session_id", flat=True).get(pk=deposit_id)
    see_session(session_id)
