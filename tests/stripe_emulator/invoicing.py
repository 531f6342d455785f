"""The life of an invoice: draft, open, then paid, void or uncollectible."""

from typing import Any

from tests.stripe_emulator.clock import DAY
from tests.stripe_emulator.errors import Refusal
from tests.stripe_emulator.jobs import job
from tests.stripe_emulator.payments import FOLLOWERS, confirm, intent_for
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import EXPANSIONS, listing
from tests.stripe_emulator.world import World

KIND = "invoice"
PAYABLE = ("open", "uncollectible")


def owner(world: World, invoice: Object) -> str:
    """Return the account that an invoice belongs to."""
    return world.store.owner(invoice["id"]) or world.platform


def in_state(invoice: Object, verb: str, *states: str) -> None:
    """Raise Refusal if an invoice is in none of the states that a verb needs."""
    if invoice["status"] not in states:
        message = f"You can only {verb} an invoice that is {' or '.join(states)}. This one is {invoice['status']}."
        raise Refusal(message, code="invoice_not_editable")


def moved(invoice: Object, name: str, second: int) -> Object:
    """Return the times of an invoice's changes, with one more."""
    return {**invoice["status_transitions"], name: second}


def count(world: World, invoice: Object) -> Object:
    """Add up the lines of a draft."""
    total = sum(line["amount"] for line in invoice["lines"]["data"])
    sums = dict.fromkeys(("amount_due", "amount_remaining", "subtotal", "total"), total)
    return world.change(invoice, **sums, subtotal_excluding_tax=total, total_excluding_tax=total)


def finalize(world: World, invoice: Object) -> Object:
    """Open a draft: it gets its number, its page and the intent by which it is paid."""
    in_state(invoice, "finalize", "draft")
    if not invoice["lines"]["data"]:
        raise Refusal(
            "You cannot finalize an invoice without lines.", code="invoice_no_customer_line_items"
        )
    account = owner(world, invoice)
    number = world.store.setting("invoice_number", 0) + 1
    world.store.set("invoice_number", number)
    page = f"{world.address}/invoice/{invoice['id']}"
    due = invoice["due_date"] or (
        world.now + invoice["_days"] * DAY if invoice["_days"] is not None else None
    )
    world.change(
        invoice,
        status="open",
        number=f"HUB-{number:04}",
        effective_at=world.now,
        hosted_invoice_url=page,
        invoice_pdf=f"{page}/pdf",
        due_date=due,
        status_transitions=moved(invoice, "finalized_at", world.now),
    )
    _new_payment(world, account, invoice)
    world.emit("invoice.finalized", invoice)
    if due:
        world.later(max(due - world.now, 0), "invoicing.fall_due", invoice=invoice["id"])
    if invoice["total"] == 0:
        _note_paid(world, invoice, 0)
    return invoice


def _new_payment(world: World, account: str, invoice: Object) -> None:
    """Make the intent of an invoice, and the invoice payment that joins the two."""
    if invoice["total"] == 0:
        return
    intent = intent_for(
        world,
        account,
        invoice["total"],
        invoice["currency"],
        purpose=(KIND, invoice["id"]),
        customer=invoice["customer"],
        description=f"Payment for Invoice {invoice['number']}",
        payment_method_types=["card", "customer_balance", "us_bank_account"],
    )
    world.new(
        account,
        "invoice_payment",
        "inpay",
        amount_paid=None,
        amount_requested=invoice["total"],
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"type": "payment_intent", "payment_intent": intent["id"]},
        status="open",
        status_transitions={"canceled_at": None, "paid_at": None},
    )


def payment_of(world: World, invoice: Object) -> Object | None:
    """Return the invoice payment of an open invoice."""
    found = world.store.select(
        owner(world, invoice), "invoice_payment", "body ->> 'invoice' = ?", invoice["id"]
    )
    return found[0] if found else None


def intent_of(world: World, invoice: Object) -> Object:
    """Return the intent by which an invoice is paid."""
    payment = payment_of(world, invoice)
    assert payment is not None
    return world.find(owner(world, invoice), "payment_intent", payment["payment"]["payment_intent"])


def pay(world: World, invoice: Object, method: str) -> None:
    """Pay an invoice with a test method. Raises: Refusal (402) if the card is declined."""
    in_state(invoice, "pay", *PAYABLE)
    world.change(invoice, attempted=True, attempt_count=invoice["attempt_count"] + 1)
    try:
        confirm(world, intent_of(world, invoice), method)
    except Refusal as refusal:
        if refusal.keep:
            world.emit("invoice.payment_failed", invoice)
        raise


def follow(world: World, identifier: str, intent: Object) -> None:
    """Record a change of the payment of an invoice: it has begun, succeeded or failed."""
    invoice = world.store.get(identifier)
    payment = payment_of(world, invoice) if invoice else None
    assert invoice is not None and payment is not None
    if intent["status"] == "succeeded":
        paid = {"status": "paid", "amount_paid": intent["amount_received"]}
        world.change(
            payment,
            **paid,
            status_transitions={**payment["status_transitions"], "paid_at": world.now},
        )
        world.emit("invoice_payment.paid", payment)
        _note_paid(world, invoice, intent["amount_received"])
    elif intent["status"] == "requires_payment_method":
        world.emit("invoice.payment_failed", invoice)


FOLLOWERS[KIND] = follow


def note_paid_elsewhere(world: World, invoice: Object) -> None:
    """Note that an invoice was paid outside Stripe."""
    in_state(invoice, "pay", *PAYABLE)
    _cancel_intent(world, invoice)
    world.change(invoice, amount_paid_off_stripe=invoice["total"])
    _note_paid(world, invoice, invoice["total"])


def _note_paid(world: World, invoice: Object, amount: int) -> None:
    times = moved(invoice, "paid_at", world.now)
    fields: dict[str, Any] = {
        "amount_paid": amount,
        "amount_remaining": 0,
        "status_transitions": times,
    }
    world.change(invoice, status="paid", **fields)
    world.emit("invoice.paid", invoice)
    world.emit("invoice.payment_succeeded", invoice)


def _cancel_intent(world: World, invoice: Object) -> None:
    if payment := payment_of(world, invoice):
        intent = intent_of(world, invoice)
        world.change(
            intent, status="canceled", canceled_at=world.now, cancellation_reason="void_invoice"
        )
        world.emit("payment_intent.canceled", intent)
        world.change(payment, status="canceled")


def void(world: World, invoice: Object) -> None:
    """Take an invoice back."""
    in_state(invoice, "void", *PAYABLE)
    _cancel_intent(world, invoice)
    world.change(invoice, status="void", status_transitions=moved(invoice, "voided_at", world.now))
    world.emit("invoice.voided", invoice)


def give_up(world: World, invoice: Object) -> None:
    """Note that an invoice will not be paid; it still can be."""
    in_state(invoice, "mark as uncollectible", "open")
    times = moved(invoice, "marked_uncollectible_at", world.now)
    world.change(invoice, status="uncollectible", status_transitions=times)
    world.emit("invoice.marked_uncollectible", invoice)


@job("invoicing.fall_due")
def fall_due(world: World, invoice: str) -> None:
    """Tell that an invoice is overdue."""
    found = world.store.get(invoice)
    if found and found["status"] == "open":
        world.emit("invoice.overdue", found)


def payments_of(world: World, account: str, invoice: str) -> Object:
    """Return the payments of an invoice, which `expand` shows."""
    found = world.store.select(account, "invoice_payment", "body ->> 'invoice' = ?", invoice)
    return listing(found, f"/v1/invoice_payments?invoice={invoice}")


EXPANSIONS[KIND, "payments"] = payments_of
