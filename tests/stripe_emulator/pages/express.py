"""The small dashboard of a connected account: /express/TOKEN, and its pages under /express/home/TOKEN."""

from tests.stripe_emulator import money
from tests.stripe_emulator.currencies import written
from tests.stripe_emulator.errors import missing
from tests.stripe_emulator.pages import tickets
from tests.stripe_emulator.pages.layout import button, choice, error, facts, form, page
from tests.stripe_emulator.pages.onboarding import BANK
from tests.stripe_emulator.recipients import bank_account_of, set_bank
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.wire import Answer, page_answer, redirect
from tests.stripe_emulator.world import World

KIND = "_login_link"


def show(world: World, path: list[str], sent: dict[str, str] | None) -> Answer:
    """Lead a login link to the dashboard, once; show it, and change the bank account."""
    if path[0] != "home":
        ticket = tickets.taken(world, KIND, path[0])
        if ticket is None:
            return page_answer(page("Express", error("This link was used, or is too old.")), 410)
        return redirect(f"{world.address}/express/home/{ticket['form']}")
    ticket = tickets.of_form(world, KIND, path[-1])
    account = world.store.get(ticket["account"])
    if account is None:
        raise missing("account", ticket["account"])
    if sent is None:
        return page_answer(_dashboard(world, account))
    set_bank(world, account, sent.get("bank", "none"))
    return redirect(f"{world.address}/express/home/{path[-1]}")


def _dashboard(world: World, account: Object) -> str:
    identifier = account["id"]
    held = [
        (
            currency.upper(),
            f"{written(available, currency)} available, {written(pending, currency)} pending",
        )
        for currency, (pending, available) in money.balances(world, identifier).items()
    ]
    payouts = [
        (payout["id"], f"{written(payout['amount'], payout['currency'])}: {payout['status']}")
        for payout in world.store.select(identifier, "payout", limit=20)
    ]
    bank = bank_account_of(world, identifier)
    problem = (
        error("A payout failed. Change your bank account.")
        if bank and bank["status"] == "errored"
        else ""
    )
    known = f"<p>Bank account: {'ends in ' + bank['last4'] if bank else 'none'}</p>"
    change = form(choice("bank", "Change it to", BANK[:3]), button("submit", "yes", "Save"))
    parts = (
        "<h2>Balance</h2>",
        facts(held),
        "<h2>Payouts</h2>",
        facts(payouts),
        "<h2>Bank account</h2>",
        known,
        change,
    )
    return page("Express", problem, *parts)
