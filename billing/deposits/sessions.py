"""Checkout sessions: the page on which a deposit is paid at once, and what became of it, as Stripe says it now."""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models.functions import Now
from django.urls import reverse

from billing.deposits.claiming import next_look
from billing.deposits.made import Made
from billing.deposits.models import Deposit
from billing.deposits.notices import tell_of_failure
from billing.deposits.payments import see_payment
from billing.stripe.calls import checkout
from billing.stripe.calls.checkout import CheckoutSession
from billing.stripe.calls.payment_intents import PaymentIntent
from rlhfhub.tenancy import planes

_FAILED = ("requires_payment_method", "canceled")


def make(deposit: Deposit) -> Made:
    """Make the session of the deposit's attempt. Raises: CallFailed."""
    back = settings.SITE_URL.rstrip("/") + reverse(
        "deposit", args=[deposit.workspace.slug, deposit.pk]
    )
    session = checkout.create(
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
    return _made(session)


def find(deposit: Deposit) -> Made | None:
    """Look for the session that an earlier request made although its answer was lost. Raises: CallFailed."""
    since: datetime = deposit.asked_at - timedelta(days=1)
    for session in checkout.of_customer(deposit.customer.stripe_id):
        if session.reference == str(deposit.pk):
            return _made(session)
        if session.created_at < since:
            break
    return None


def _made(session: CheckoutSession) -> Made:
    columns = {"session_id": session.id, "page_url": session.url}
    return Made(columns, partial(see_session, session.id) if session.status != "open" else None)


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
        row.update(page_url=session.url, next_at=Now() + next_look(deposit))
