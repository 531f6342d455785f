"""Refunds of payments to the card or account that they came from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from billing.stripe.calls.sending import PAGE, called, listed, under
from billing.stripe.fields import Fields

STATUSES = ("pending", "requires_action", "succeeded", "failed", "canceled")


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund. It can fail days after it succeeded: then `failure_transaction` brings the money back."""

    id: str
    status: str
    payment_intent: str
    charge: str
    amount_minor: int
    currency: str
    transaction: str
    failure_transaction: str
    failure_reason: str
    created_at: datetime
    metadata: dict[str, str]


def create(
    *, key: str, payment_intent: str, amount_minor: int, metadata: Mapping[str, str]
) -> Refund:
    """Refund a part of a payment, in the payment's currency."""
    return _read(
        called(
            lambda stripe: stripe.v1.refunds.create(
                {
                    "payment_intent": payment_intent,
                    "amount": amount_minor,
                    "metadata": dict(metadata),
                },
                under(key),
            )
        )
    )


def retrieve(refund: str) -> Refund:
    """Return a refund as it is now."""
    return _read(called(lambda stripe: stripe.v1.refunds.retrieve(refund)))


def of_payment(payment_intent: str) -> Iterator[Refund]:
    """Yield a payment's refunds, the newest first."""
    return map(
        _read,
        listed(
            lambda stripe: stripe.v1.refunds.list({"payment_intent": payment_intent, "limit": PAGE})
        ),
    )


def _read(found: Fields) -> Refund:
    return Refund(
        id=found.text("id"),
        status=found.one_of("status", STATUSES),
        payment_intent=found.id_of("payment_intent"),
        charge=found.id_of("charge"),
        amount_minor=found.integer("amount"),
        currency=found.currency(),
        transaction=found.id_of("balance_transaction"),
        failure_transaction=found.id_of("failure_balance_transaction"),
        failure_reason=found.text_or_empty("failure_reason"),
        created_at=found.moment("created"),
        metadata=found.metadata(),
    )
