"""The page of a Checkout session: /checkout/SESSION."""

from tests.stripe_emulator.currencies import written
from tests.stripe_emulator.errors import Refusal, missing
from tests.stripe_emulator.pages.layout import button, error, facts, form, link, page
from tests.stripe_emulator.payments import confirm
from tests.stripe_emulator.resources.checkout import KIND, intent_of
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.wire import Answer, page_answer, redirect
from tests.stripe_emulator.world import World

# What each button pays with, and what it says.
BUTTONS = {
    "card": ("pm_card_visa", "Pay"),
    "declined": ("pm_card_chargeDeclined", "Pay with a card that is declined"),
    "disputed": ("pm_card_createDispute", "Pay with a card whose holder disputes it"),
    "debit": ("pm_usBankAccount_success", "Pay by bank debit"),
    "debit_fails": ("pm_usBankAccount_insufficientFunds", "Pay by bank debit that fails later"),
}


def show(world: World, path: list[str], sent: dict[str, str] | None) -> Answer:
    """Show a session, or pay it with what the sent form says."""
    session = world.store.get(path[0])
    if session is None or session["object"] != KIND:
        raise missing("checkout.session", path[0])
    if session["status"] != "open":
        return page_answer(page("Checkout", f"<p>This page is {session['status']}.</p>"), 410)
    if sent is None:
        return page_answer(_offer(session))
    if sent.get("pay") not in BUTTONS:
        raise Refusal(f"pay is one of {', '.join(BUTTONS)}")
    try:
        confirm(world, intent_of(world, session), BUTTONS[sent["pay"]][0])
    except Refusal as refusal:
        return page_answer(_offer(session, str(refusal)), refusal.status)
    return redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))


def _offer(session: Object, problem: str | None = None) -> str:
    items = [
        (
            item["description"],
            f"{item['quantity']} × {written(item['amount_total'], item['currency'])}",
        )
        for item in session["_items"]
    ]
    total = ("Total", written(session["amount_total"], session["currency"]))
    offered = [name for name in BUTTONS if _allowed(session, BUTTONS[name][0])]
    buttons = [button("pay", name, BUTTONS[name][1], plain=name != "card") for name in offered]
    cancel = link(session["cancel_url"], "Cancel") if session["cancel_url"] else ""
    return page(
        "Checkout",
        error(problem) if problem else "",
        facts([*items, total]),
        form(*buttons),
        cancel,
    )


def _allowed(session: Object, method: str) -> bool:
    kind = "us_bank_account" if method.startswith("pm_usBank") else "card"
    return kind in session["payment_method_types"]
