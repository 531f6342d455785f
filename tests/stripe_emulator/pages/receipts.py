"""The receipt of a charge: /receipts/CHARGE."""

from tests.stripe_emulator.clock import iso
from tests.stripe_emulator.currencies import written
from tests.stripe_emulator.errors import missing
from tests.stripe_emulator.pages.layout import facts, page
from tests.stripe_emulator.wire import Answer, page_answer
from tests.stripe_emulator.world import World


def show(world: World, path: list[str], sent: dict[str, str] | None) -> Answer:
    """Show what was paid, and what of it was refunded."""
    charge = world.store.get(path[0])
    if charge is None or charge["object"] != "charge":
        raise missing("charge", path[0])
    amounts = [("Paid", written(charge["amount"], charge["currency"]))]
    if charge["amount_refunded"]:
        amounts.append(("Refunded", written(charge["amount_refunded"], charge["currency"])))
    return page_answer(page("Receipt", facts([("Date", iso(charge["created"])[:10]), *amounts])))
