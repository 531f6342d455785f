"""The page of an invoice: /invoice/INVOICE."""

from tests.stripe_emulator import invoicing
from tests.stripe_emulator.clock import iso
from tests.stripe_emulator.currencies import written
from tests.stripe_emulator.errors import Refusal, missing
from tests.stripe_emulator.pages.layout import button, error, facts, form, page
from tests.stripe_emulator.resources.funding_instructions import BANK, account_number
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.wire import Answer, page_answer, redirect
from tests.stripe_emulator.world import World

# What each button pays with, and what it says.
BUTTONS = {
    "card": ("pm_card_visa", "Pay by card"),
    "declined": ("pm_card_chargeDeclined", "Pay with a card that is declined"),
    "debit": ("pm_usBankAccount_success", "Pay by bank debit"),
    "transfer": ("pm_bank_transfer", "The bank transfer arrives"),
}


def show(world: World, path: list[str], sent: dict[str, str] | None) -> Answer:
    """Show an invoice, or pay it with what the sent form says."""
    invoice = world.store.get(path[0])
    if invoice is None or invoice["object"] != invoicing.KIND or invoice["status"] == "draft":
        raise missing("invoice", path[0])
    if sent is None or invoice["status"] not in invoicing.PAYABLE:
        return page_answer(_shown(invoice), 200 if sent is None else 410)
    if sent.get("pay") not in BUTTONS:
        raise Refusal(f"pay is one of {', '.join(BUTTONS)}")
    try:
        invoicing.pay(world, invoice, BUTTONS[sent["pay"]][0])
    except Refusal as refusal:
        return page_answer(_shown(invoice, str(refusal)), refusal.status)
    return redirect(invoice["hosted_invoice_url"])


def _shown(invoice: Object, problem: str = "") -> str:
    lines = [
        (line["description"] or "Item", written(line["amount"], line["currency"]))
        for line in invoice["lines"]["data"]
    ]
    total = [
        ("Total", written(invoice["total"], invoice["currency"])),
        ("Status", invoice["status"]),
    ]
    if invoice["due_date"]:
        total.append(("Due", iso(invoice["due_date"])[:10]))
    heading = f"Invoice {invoice['number']}"
    if invoice["status"] not in invoicing.PAYABLE:
        return page(heading, facts([*lines, *total]))
    buttons = [
        button("pay", name, text, plain=name != "card") for name, (_, text) in BUTTONS.items()
    ]
    account = account_number(invoice["customer"])
    transfer = [
        ("Bank", BANK),
        ("Routing number", "110000000"),
        ("Account number", account),
    ]
    transfer.append(("Reference", invoice["number"]))
    instructions = "<h2>Bank transfer</h2>", facts(transfer)
    shown_problem = error(problem) if problem else ""
    return page(
        heading,
        shown_problem,
        facts([*lines, *total]),
        form(*buttons[:3]),
        *instructions,
        form(buttons[3]),
    )
