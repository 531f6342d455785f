"""/v1/invoiceitems: what a customer owes, on an invoice or waiting for one."""

from tests.stripe_emulator import currencies, invoicing
from tests.stripe_emulator.errors import Refusal
from tests.stripe_emulator.operations import PAGED, operation
from tests.stripe_emulator.store import Object, new_id
from tests.stripe_emulator.views import listed, listing, merged_metadata
from tests.stripe_emulator.world import Call, World

KIND = "invoiceitem"


@operation(
    "POST /v1/invoiceitems",
    "amount",
    "currency",
    "customer",
    "description",
    "invoice",
    "metadata",
    "quantity",
    "unit_amount_decimal",
)
def create(call: Call) -> Object:
    """Make an item of an amount, or of a unit amount and a quantity."""
    customer = call.world.find(call.account, "customer", call.get("customer", ""), "customer")
    invoice = (
        call.world.find(call.account, "invoice", call.get("invoice"), "invoice")
        if call.get("invoice")
        else None
    )
    currency = call.get("currency") or (invoice["currency"] if invoice else "usd")
    quantity = call.get("quantity", 1)
    period = {"start": call.world.now, "end": call.world.now}
    item = call.world.new(
        call.account,
        KIND,
        "ii",
        amount=_amount(call, quantity),
        currency=currencies.checked(currency),
        customer=customer["id"],
        date=call.world.now,
        description=call.get("description"),
        discountable=True,
        discounts=[],
        metadata=merged_metadata({}, call.get("metadata")),
        period=period,
        proration=False,
        quantity=quantity,
        quantity_decimal=str(quantity),
    )
    call.world.emit("invoiceitem.created", item)
    if invoice:
        add_item(call.world, invoice, item)
    return item


def _amount(call: Call, quantity: int) -> int:
    if "amount" in call.parameters:
        return int(call.get("amount"))
    unit = call.get("unit_amount_decimal", "")
    if not unit.isdigit():
        raise Refusal("An item has an amount, or a whole unit_amount_decimal.", param="amount")
    return int(unit) * quantity


def line_of(item: Object) -> Object:
    """Return the line of an invoice that an item is."""
    names = (
        "amount",
        "currency",
        "description",
        "discountable",
        "metadata",
        "period",
        "quantity",
        "quantity_decimal",
    )
    details = {
        "invoice_item": item["id"],
        "proration": False,
        "proration_details": None,
        "subscription": None,
    }
    return {
        **{name: item[name] for name in names},
        "id": new_id("il"),
        "object": "line_item",
        "discounts": [],
        "invoice": item["invoice"],
        "livemode": False,
        "parent": {"type": "invoice_item_details", "invoice_item_details": details},
        "subtotal": item["amount"],
    }


def add_item(world: World, invoice: Object, item: Object) -> None:
    """Put an item on a draft."""
    invoicing.in_state(invoice, "add lines to", "draft")
    if item["currency"] != invoice["currency"]:
        raise Refusal(
            f"The item is in {item['currency']}, the invoice in {invoice['currency']}.",
            param="currency",
        )
    world.change(item, invoice=invoice["id"])
    lines = listing(
        [*invoice["lines"]["data"], line_of(item)], f"/v1/invoices/{invoice['id']}/lines"
    )
    world.change(invoice, lines=lines)
    invoicing.count(world, invoice)


def pending(call: Call, customer: str) -> list[Object]:
    """Return a customer's items that are on no invoice, the oldest first."""
    where = "body ->> 'customer' = ? AND body ->> 'invoice' IS NULL"
    return call.world.store.select(call.account, KIND, where, customer, order="ASC")


@operation("GET /v1/invoiceitems/{invoiceitem}")
def retrieve(call: Call) -> Object:
    """Return one item."""
    return call.world.find(call.account, KIND, call.path["invoiceitem"], "invoiceitem")


@operation("GET /v1/invoiceitems", *PAGED, "customer", "invoice")
def list_items(call: Call) -> Object:
    """Return the account's items."""
    return listed(call, KIND, "/v1/invoiceitems")
