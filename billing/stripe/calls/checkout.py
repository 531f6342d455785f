"""Checkout sessions: pages of Stripe on which somebody pays once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from billing.stripe.calls.sending import PAGE, called, listed, sent, under
from billing.stripe.fields import Fields

STATUSES = ("open", "complete", "expired")
PAYMENT_STATUSES = ("paid", "unpaid", "no_payment_required")


@dataclass(frozen=True, slots=True)
class CheckoutSession:
    """A session. `url` is "" once it is no longer open; `reference` is the id that we gave it.

    Money has come only when its payment intent has succeeded.
    """

    id: str
    status: str
    payment_status: str
    url: str
    reference: str
    customer: str
    payment_intent: str
    amount_minor: int
    currency: str
    created_at: datetime
    expires_at: datetime
    metadata: dict[str, str]


def create(
    *,
    key: str,
    customer: str,
    amount_minor: int,
    currency: str,
    words: str,
    reference: str,
    metadata: Mapping[str, str],
    success_url: str,
    cancel_url: str,
) -> CheckoutSession:
    """Make a session for one amount. `words` name on the page what is paid.

    The payment intent that it makes has the same metadata.
    """
    lower = sent(currency)
    made = called(
        lambda stripe: stripe.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "customer": customer,
                "client_reference_id": reference,
                "line_items": [
                    {
                        "quantity": 1,
                        "price_data": {
                            "currency": lower,
                            "unit_amount": amount_minor,
                            "product_data": {"name": words},
                        },
                    }
                ],
                "metadata": dict(metadata),
                "payment_intent_data": {"metadata": dict(metadata)},
                "success_url": success_url,
                "cancel_url": cancel_url,
            },
            under(key),
        )
    )
    return _read(made)


def retrieve(session: str) -> CheckoutSession:
    """Return a session as it is now."""
    return _read(called(lambda stripe: stripe.v1.checkout.sessions.retrieve(session)))


def of_customer(customer: str) -> Iterator[CheckoutSession]:
    """Yield a customer's sessions, the newest first."""
    return map(
        _read,
        listed(
            lambda stripe: stripe.v1.checkout.sessions.list({"customer": customer, "limit": PAGE})
        ),
    )


def _read(found: Fields) -> CheckoutSession:
    return CheckoutSession(
        id=found.text("id"),
        status=found.one_of("status", STATUSES),
        payment_status=found.one_of("payment_status", PAYMENT_STATUSES),
        url=found.text_or_empty("url"),
        reference=found.text_or_empty("client_reference_id"),
        customer=found.id_of("customer"),
        payment_intent=found.id_of("payment_intent"),
        amount_minor=found.integer("amount_total"),
        currency=found.currency(),
        created_at=found.moment("created"),
        expires_at=found.moment("expires_at"),
        metadata=found.metadata(),
    )
