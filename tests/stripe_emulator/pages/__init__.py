"""The pages that Stripe hosts, as plain HTML forms that tests and people fill."""

from collections.abc import Callable
from urllib.parse import parse_qsl

from tests.stripe_emulator.errors import Refusal
from tests.stripe_emulator.pages import checkout, express, invoices, onboarding, receipts
from tests.stripe_emulator.wire import Answer, Request
from tests.stripe_emulator.world import World

PAGES: dict[str, Callable[[World, list[str], dict[str, str] | None], Answer]] = {
    "checkout": checkout.show,
    "express": express.show,
    "invoice": invoices.show,
    "onboarding": onboarding.show,
    "receipts": receipts.show,
}


def show(world: World, request: Request) -> Answer:
    """Return the page at an address. `form` is what the browser sent by POST; None for a GET."""
    family, *path = request.path.strip("/").split("/")
    if family not in PAGES or not path:
        raise Refusal("There is no such page.", status=404)
    form = dict(parse_qsl(request.body.decode())) if request.method == "POST" else None
    return PAGES[family](world, path, form)
