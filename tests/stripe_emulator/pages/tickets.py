"""Links that work once: they are exchanged for the address of a form, which then belongs to that visit."""

import secrets

from tests.stripe_emulator.errors import missing
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.world import World


def taken(world: World, kind: str, token: str) -> Object | None:
    """Use a link up. Returns it with the token of its form in `form`; None if it was used, or is too old.

    Raises: Refusal (404) if there is no such link.
    """
    ticket = _find(world, kind, "token", token)
    if ticket["used"] or ticket["expires"] < world.now:
        return None
    return world.change(ticket, used=True, form=secrets.token_urlsafe(18))


def of_form(world: World, kind: str, token: str) -> Object:
    """Return the link whose form has a token."""
    return _find(world, kind, "form", token)


def refused(world: World, kind: str, token: str) -> Object:
    """Return a link that does not work any more."""
    return _find(world, kind, "token", token)


def _find(world: World, kind: str, name: str, token: str) -> Object:
    found = world.store.select(world.platform, kind, f"body ->> '{name}' = ?", token)
    if not found:
        raise missing("link", token)
    return found[0]
