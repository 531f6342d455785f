"""/v1/invoices."""

from typing import Any

from tests.stripe_emulator import currencies, invoicing
from tests.stripe_emulator.errors import Refusal, parameter_missing
from tests.stripe_emulator.invoicing import KIND
from tests.stripe_emulator.operations import PAGED, operation
from tests.stripe_emulator.resources.invoice_items import add_item, pending
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import listed, listing, merged_metadata
from tests.stripe_emulator.world import Call

FIELDS = ("auto_advance", "custom_fields", "description", "due_date", "footer")
OTHERS = ("collection_method", "days_until_due", "metadata", "payment_settings")


@operation(
    "POST /v1/invoices", *FIELDS, *OTHERS, "currency", "customer", "pending_invoice_items_behavior"
)
def create(call: Call) -> Object:
    """Make a draft, with the customer's pending items if it is asked to."""
    if not call.get("customer"):
        raise parameter_missing("customer")
    customer = call.world.find(call.account, "customer", call.get("customer"), "customer")
    sends = call.get("collection_method") == "send_invoice"
    if sends and not (call.get("days_until_due") or call.get("due_date")):
        raise Refusal(
            "If you set `collection_method=send_invoice`, you must set `days_until_due` or `due_date`."
        )
    if sends and not customer["email"]:
        raise Refusal(
            "Missing email. In order to create invoices that are sent to the customer, the customer must have a "
            "valid email."
        )
    items = (
        pending(call, customer["id"])
        if call.get("pending_invoice_items_behavior") == "include"
        else []
    )
    currency = call.get("currency") or (
        items[0]["currency"] if items else customer["currency"] or "usd"
    )
    invoice = call.world.new(
        call.account, KIND, "in", **_fields(call, customer, currencies.checked(currency))
    )
    for item in items:
        add_item(call.world, invoice, item)
    call.world.emit("invoice.created", invoice)
    return invoice


def _fields(call: Call, customer: Object, currency: str) -> dict[str, Any]:
    nothing = (
        "amount_due",
        "amount_overpaid",
        "amount_paid",
        "amount_remaining",
        "amount_shipping",
        "attempt_count",
    )
    credit = (
        "post_payment_credit_notes_amount",
        "pre_payment_credit_notes_amount",
        "starting_balance",
    )
    return {
        **dict.fromkeys((*nothing, *credit, "subtotal", "total"), 0),
        **{"auto_advance": False} | call.given(*FIELDS),
        "account_name": "RLHFHub",
        "attempted": False,
        "automatic_tax": {
            "enabled": False,
            "disabled_reason": None,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "billing_reason": "manual",
        "collection_method": call.get("collection_method", "charge_automatically"),
        "currency": currency,
        "customer": customer["id"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "default_tax_rates": [],
        "discounts": [],
        "issuer": {"type": "self"},
        "lines": listing([], "/v1/invoices/lines"),
        "metadata": merged_metadata({}, call.get("metadata")),
        "payment_settings": call.get("payment_settings") or {},
        "period_end": call.world.now,
        "period_start": call.world.now,
        "status": "draft",
        "status_transitions": dict.fromkeys(
            ("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")
        ),
        "_days": call.get("days_until_due"),
    }


@operation("GET /v1/invoices/{invoice}")
def retrieve(call: Call) -> Object:
    """Return one invoice."""
    return call.world.find(call.account, KIND, call.path["invoice"], "invoice")


@operation("POST /v1/invoices/{invoice}", *FIELDS, *OTHERS)
def update(call: Call) -> Object:
    """Change a draft; of other invoices the metadata alone."""
    invoice = retrieve(call)
    fields = call.given(*FIELDS, "collection_method", "payment_settings")
    if fields or call.get("days_until_due"):
        invoicing.in_state(invoice, "change", "draft")
    metadata = merged_metadata(invoice["metadata"], call.get("metadata"))
    days = call.get("days_until_due", invoice["_days"])
    return call.world.change(invoice, "invoice.updated", **fields, metadata=metadata, _days=days)


@operation("DELETE /v1/invoices/{invoice}")
def delete(call: Call) -> Object:
    """Delete a draft."""
    invoice = retrieve(call)
    invoicing.in_state(invoice, "delete", "draft")
    call.world.emit("invoice.deleted", invoice)
    call.world.store.remove(invoice["id"])
    return {"id": invoice["id"], "object": KIND, "deleted": True}


@operation("POST /v1/invoices/{invoice}/finalize", "auto_advance")
def finalize(call: Call) -> Object:
    """Open a draft."""
    return invoicing.finalize(call.world, retrieve(call))


@operation("POST /v1/invoices/{invoice}/send")
def send(call: Call) -> Object:
    """Send an invoice to the customer; a draft is opened first."""
    invoice = retrieve(call)
    if invoice["status"] == "draft":
        invoicing.finalize(call.world, invoice)
    call.world.emit("invoice.sent", invoice)
    return invoice


@operation("POST /v1/invoices/{invoice}/pay", "paid_out_of_band", "payment_method", "off_session")
def pay(call: Call) -> Object:
    """Pay an invoice with a payment method, or note that it was paid elsewhere."""
    invoice = retrieve(call)
    if call.get("paid_out_of_band"):
        invoicing.note_paid_elsewhere(call.world, invoice)
        return invoice
    if not call.get("payment_method"):
        raise Refusal(
            "There is no `default_payment_method` set on this Customer or Invoice.", code="missing"
        )
    invoicing.pay(call.world, invoice, call.get("payment_method"))
    return retrieve(call)


@operation("POST /v1/invoices/{invoice}/void")
def void(call: Call) -> Object:
    """Take an invoice back."""
    invoice = retrieve(call)
    invoicing.void(call.world, invoice)
    return invoice


@operation("POST /v1/invoices/{invoice}/mark_uncollectible")
def mark_uncollectible(call: Call) -> Object:
    """Give an invoice up."""
    invoice = retrieve(call)
    invoicing.give_up(call.world, invoice)
    return invoice


@operation("GET /v1/invoices", *PAGED, "collection_method", "customer", "status")
def list_invoices(call: Call) -> Object:
    """Return the account's invoices."""
    method = call.get("collection_method")
    return listed(
        call,
        KIND,
        "/v1/invoices",
        *(("body ->> 'collection_method' = ?", method) if method else ()),
    )
