"""Payment intents: whether money of a workspace has come, with the charge that brought it."""

from dataclasses import dataclass
from datetime import datetime

from billing.stripe.calls import balance_transactions
from billing.stripe.calls.balance_transactions import BalanceTransaction
from billing.stripe.calls.sending import called
from billing.stripe.fields import Fields

STATUSES = (
    "canceled",
    "processing",
    "requires_action",
    "requires_capture",
    "requires_confirmation",
    "requires_payment_method",
    "succeeded",
)
CHARGE_STATUSES = ("failed", "pending", "succeeded")


@dataclass(frozen=True, slots=True)
class Charge:
    """An attempt to pay. `method` is its kind, such as `card` or `us_bank_account`; "" before one is known.

    `transaction` is None until the money is on the balance.
    """

    id: str
    status: str
    amount_minor: int
    refunded_minor: int
    currency: str
    method: str
    is_disputed: bool
    failure_code: str
    failure_words: str
    receipt_url: str
    transaction: BalanceTransaction | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """A payment. Money has come if `status` is `succeeded`: `received_minor`, by the latest charge.

    It is real money if `is_live`.
    """

    id: str
    is_live: bool
    status: str
    amount_minor: int
    received_minor: int
    currency: str
    customer: str
    charge: Charge | None
    created_at: datetime
    metadata: dict[str, str]


def retrieve(payment_intent: str) -> PaymentIntent:
    """Return a payment with its latest charge and that charge's balance transaction."""
    return _read(
        called(
            lambda stripe: stripe.v1.payment_intents.retrieve(
                payment_intent, {"expand": ["latest_charge.balance_transaction"]}
            )
        )
    )


def _read(found: Fields) -> PaymentIntent:
    charge = found.part_or_none("latest_charge")
    return PaymentIntent(
        id=found.text("id"),
        is_live=found.flag("livemode"),
        status=found.one_of("status", STATUSES),
        amount_minor=found.integer("amount"),
        received_minor=found.integer("amount_received"),
        currency=found.currency(),
        customer=found.id_of("customer"),
        charge=_charge(charge) if charge else None,
        created_at=found.moment("created"),
        metadata=found.metadata(),
    )


def _charge(found: Fields) -> Charge:
    method = found.part_or_none("payment_method_details")
    transaction = found.part_or_none("balance_transaction")
    return Charge(
        id=found.text("id"),
        status=found.one_of("status", CHARGE_STATUSES),
        amount_minor=found.integer("amount"),
        refunded_minor=found.integer("amount_refunded"),
        currency=found.currency(),
        method=method.text("type") if method else "",
        is_disputed=found.flag("disputed"),
        failure_code=found.text_or_empty("failure_code"),
        failure_words=found.text_or_empty("failure_message"),
        receipt_url=found.text_or_empty("receipt_url"),
        transaction=balance_transactions.read(transaction) if transaction else None,
        created_at=found.moment("created"),
    )
