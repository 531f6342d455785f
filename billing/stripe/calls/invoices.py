"""Invoices that a workspace pays by card or bank transfer: a draft gets its line, is finalized, and is sent."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from billing.stripe.calls import bank_transfers
from billing.stripe.calls.sending import PAGE, called, listed, sent, under
from billing.stripe.fields import Fields

if TYPE_CHECKING:
    from stripe import StripeClient
    from stripe.params import (
        InvoiceCreateParams,
        InvoiceCreateParamsPaymentSettings,
        InvoiceCreateParamsPaymentSettingsPaymentMethodOptionsCustomerBalance,
    )

STATUSES = ("draft", "open", "paid", "uncollectible", "void")
PAYMENT_STATUSES = ("canceled", "open", "paid")
#: An invoice in one of these can be paid and voided.
PAYABLE = ("open", "uncollectible")
_PAYMENTS = ["payments"]


@dataclass(frozen=True, slots=True)
class InvoicePayment:
    """A payment of an invoice: by a payment intent, or by a charge without one. `paid_minor` is 0 until it is paid."""

    id: str
    status: str
    payment_intent: str
    charge: str
    paid_minor: int
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice. `page_url` is where it is paid, "" for a draft."""

    id: str
    status: str
    number: str
    customer: str
    total_minor: int
    paid_minor: int
    remaining_minor: int
    currency: str
    page_url: str
    pdf_url: str
    due_at: datetime | None
    paid_at: datetime | None
    payments: tuple[InvoicePayment, ...]
    created_at: datetime
    metadata: dict[str, str]


def create(
    *,
    key: str,
    customer: str,
    currency: str,
    days_until_due: int,
    metadata: Mapping[str, str],
    reference: str = "",
) -> Invoice:
    """Make a draft without lines, to be paid by card, or by bank transfer in currencies in which Stripe takes them.

    `reference` is printed on it.
    """
    about: InvoiceCreateParams = {
        "customer": customer,
        "currency": sent(currency),
        "collection_method": "send_invoice",
        "days_until_due": days_until_due,
        "auto_advance": False,
        "pending_invoice_items_behavior": "exclude",
        "payment_settings": _payment_settings(currency),
        "metadata": dict(metadata),
        "expand": _PAYMENTS,
    }
    if reference:
        about["custom_fields"] = [{"name": "Your reference", "value": reference}]
    return _answered(lambda stripe: stripe.v1.invoices.create(about, under(key)))


def _payment_settings(currency: str) -> "InvoiceCreateParamsPaymentSettings":
    transfer = bank_transfers.parameters(currency)
    if not transfer:
        return {"payment_method_types": ["card"]}
    options: InvoiceCreateParamsPaymentSettingsPaymentMethodOptionsCustomerBalance = {
        "funding_type": "bank_transfer",
        "bank_transfer": transfer,  # type: ignore[typeddict-item]  # as for details_of
    }
    return {
        "payment_method_types": ["card", "customer_balance"],
        "payment_method_options": {"customer_balance": options},
    }


def add_line(
    *, key: str, invoice: str, customer: str, amount_minor: int, currency: str, words: str
) -> str:
    """Add a line to a draft. Returns the line's id."""
    lower = sent(currency)
    made = called(
        lambda stripe: stripe.v1.invoice_items.create(
            {
                "invoice": invoice,
                "customer": customer,
                "amount": amount_minor,
                "currency": lower,
                "description": words,
            },
            under(key),
        )
    )
    return made.text("id")


def finalize(*, key: str, invoice: str) -> Invoice:
    """Make a draft into an open invoice, which does not change any more."""
    return _answered(
        lambda stripe: stripe.v1.invoices.finalize_invoice(
            invoice, {"auto_advance": False, "expand": _PAYMENTS}, under(key)
        )
    )


def send(*, key: str, invoice: str) -> Invoice:
    """Let Stripe mail an open invoice to its customer."""
    return _answered(
        lambda stripe: stripe.v1.invoices.send_invoice(invoice, {"expand": _PAYMENTS}, under(key))
    )


def void(*, key: str, invoice: str) -> Invoice:
    """End an open invoice that nobody is to pay any more."""
    return _answered(
        lambda stripe: stripe.v1.invoices.void_invoice(invoice, {"expand": _PAYMENTS}, under(key))
    )


def retrieve(invoice: str) -> Invoice:
    """Return an invoice as it is now, with its payments."""
    return _answered(lambda stripe: stripe.v1.invoices.retrieve(invoice, {"expand": _PAYMENTS}))


def of_customer(customer: str) -> Iterator[Invoice]:
    """Yield a customer's invoices, the newest first, with their payments."""
    return map(
        _read,
        listed(
            lambda stripe: stripe.v1.invoices.list(
                {"customer": customer, "limit": PAGE, "expand": ["data.payments"]}
            )
        ),
    )


def of_payment(payment_intent: str) -> Invoice | None:
    """Return the invoice that a payment pays, without its payments; None if it pays none."""
    found = called(
        lambda stripe: stripe.v1.invoice_payments.list(
            {
                "payment": {"type": "payment_intent", "payment_intent": payment_intent},
                "limit": 1,
                "expand": ["data.invoice"],
            }
        )
    )
    for payment in found.parts("data"):
        return _read(payment.part("invoice"))
    return None


def _answered(call: Callable[["StripeClient"], Any]) -> Invoice:
    return _read(called(call))


def _read(found: Fields) -> Invoice:
    payments = found.part_or_none("payments")
    return Invoice(
        id=found.text("id"),
        status=found.one_of("status", STATUSES),
        number=found.text_or_empty("number"),
        customer=found.id_of("customer"),
        total_minor=found.integer("total"),
        paid_minor=found.integer("amount_paid"),
        remaining_minor=found.integer("amount_remaining"),
        currency=found.currency(),
        page_url=found.text_or_empty("hosted_invoice_url"),
        pdf_url=found.text_or_empty("invoice_pdf"),
        due_at=found.moment_or_none("due_date"),
        paid_at=found.part("status_transitions").moment_or_none("paid_at"),
        payments=tuple(map(_payment, payments.parts("data"))) if payments else (),
        created_at=found.moment("created"),
        metadata=found.metadata(),
    )


def _payment(found: Fields) -> InvoicePayment:
    by = found.part("payment")
    return InvoicePayment(
        id=found.text("id"),
        status=found.one_of("status", PAYMENT_STATUSES),
        payment_intent=by.id_of("payment_intent"),
        charge=by.id_of("charge"),
        paid_minor=found.integer("amount_paid") if found.has("amount_paid") else 0,
        paid_at=found.part("status_transitions").moment_or_none("paid_at"),
    )
