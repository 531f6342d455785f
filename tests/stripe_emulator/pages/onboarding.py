"""The pages of an account link: /onboarding/TOKEN, and the form that it leads to, /onboarding/form/TOKEN."""

from tests.stripe_emulator import events
from tests.stripe_emulator.errors import missing
from tests.stripe_emulator.pages import tickets
from tests.stripe_emulator.pages.layout import button, choice, facts, form, page
from tests.stripe_emulator.recipients import bank_account_of, country_of, set_bank, set_identity
from tests.stripe_emulator.resources.account_links import KIND
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.wire import Answer, page_answer, redirect
from tests.stripe_emulator.world import World

IDENTITY = (
    ("verified", "Everything is verified"),
    ("document", "A photo of a document is still needed"),
    ("missing", "Tell nothing yet"),
)
BANK = (
    ("good", "A bank account that works"),
    ("bad", "A bank account to which payouts fail"),
    ("none", "No bank account yet"),
    ("keep", "Keep what is there"),
)


def show(world: World, path: list[str], sent: dict[str, str] | None) -> Answer:
    """Lead a link to its form; one that was used, or is too old, to its refresh_url."""
    if path[0] != "form":
        ticket = tickets.taken(world, KIND, path[0])
        if ticket is None:
            return redirect(_urls(tickets.refused(world, KIND, path[0]))["refresh_url"])
        return redirect(f"{world.address}/onboarding/form/{ticket['form']}")
    ticket = tickets.of_form(world, KIND, path[-1])
    account = world.store.get(ticket["account"])
    if account is None:
        raise missing("account", ticket["account"])
    if sent is None:
        return page_answer(_questions(world, account))
    return _answered(world, ticket, account, sent)


def _urls(ticket: Object) -> Object:
    """Return the addresses of a link's use case."""
    use_case = ticket["use_case"]
    urls: Object = use_case[use_case["type"]]
    return urls


def _questions(world: World, account: Object) -> str:
    bank = bank_account_of(world, account["id"])
    known = [("Country", country_of(account)), ("Identity", account["_identity"])]
    known.append(("Bank account", f"ends in {bank['last4']}, {bank['status']}" if bank else "none"))
    buttons = (
        button("submit", "yes", "Submit"),
        button("submit", "no", "Return without submitting", plain=True),
    )
    questions = (
        choice("identity", "Your identity", IDENTITY),
        choice("bank", "Where you are paid", BANK),
    )
    return page("Get paid by RLHFHub", facts(known), form(*questions, *buttons))


def _answered(world: World, ticket: Object, account: Object, sent: dict[str, str]) -> Answer:
    if sent.get("submit") != "no":
        set_identity(world, account, sent.get("identity", "missing"))
        if sent.get("bank", "keep") != "keep":
            set_bank(world, account, sent["bank"])
    use_case = ticket["use_case"]["type"]
    data = {"account_id": account["id"], "configurations": ["recipient"], "use_case": use_case}
    events.emit_v2(world, account["id"], "v2.core.account_link.returned", None, data)
    back = _urls(ticket).get("return_url")
    return (
        redirect(back)
        if back
        else page_answer(page("Thank you", "<p>You can close this page.</p>"))
    )
