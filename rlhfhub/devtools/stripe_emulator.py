"""The emulator of Stripe beside the development site: payments and payouts go their whole way, and no money moves.

It is used unless the environment says STRIPE_SECRET_KEY; say it empty for a site without Stripe. Its state stays in a
file, as the database does, so that both remember the same payments.
"""

import os
import secrets
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from billing.stripe.events import ENDPOINTS, PLATFORM
from rlhfhub.devtools.processes import Recipe
from rlhfhub.devtools.servers import ServerError

NAME, STATE = "stripe", "stripe.sqlite"
KEY = "sk_test_emulator"
#: How far its port is from the site's.
DISTANCE = 10_000
READY_SECONDS = 30


def is_used() -> bool:
    """Return whether the site gets the emulator, because the environment says nothing of Stripe."""
    return "STRIPE_SECRET_KEY" not in os.environ


def port_beside(site: int) -> int:
    """Return the emulator's port for the site's."""
    return site + DISTANCE if site + DISTANCE < 65536 else site - DISTANCE


def variables(site: int) -> dict[str, str]:
    """Return the site's settings of Stripe, with new signing secrets."""
    return {
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_API_BASE": f"http://127.0.0.1:{port_beside(site)}",
        **{
            f"STRIPE_WEBHOOK_SECRETS_{name.upper()}": f"whsec_{secrets.token_hex(16)}"
            for name in ENDPOINTS
        },
    }


def recipe(state: Path, site: int, settings: dict[str, str]) -> Recipe:
    """Return the recipe of the emulator, which sends its events to the site."""
    port = port_beside(site)
    webhooks = [f"--webhook={_endpoint(name, site, settings)}" for name in ENDPOINTS]
    return Recipe(
        name=NAME,
        command=[
            sys.executable, "-m", "tests.stripe_emulator",
            "--port", str(port),
            "--state", str(state / STATE),
            *webhooks,
        ],
        log=state / "log" / f"{NAME}.log",
        ready=lambda alive: _wait_until_listening(port, alive),
    )  # fmt: skip


def is_new(state: Path) -> bool:
    """Return whether the emulator has no state yet, so that it holds no money."""
    return not (state / STATE).exists()


def fund(site: int, amount_minor: int, currency: str) -> None:
    """Put money of the platform's own into its balance at the emulator, as from its bank."""
    address = f"http://127.0.0.1:{port_beside(site)}/_emulator/fund"
    given = {"amount": amount_minor, "currency": currency.lower()}
    with httpx.Client(trust_env=False, timeout=READY_SECONDS) as client:
        client.post(address, json=given).raise_for_status()


def _endpoint(name: str, site: int, settings: dict[str, str]) -> str:
    address = f"http://127.0.0.1:{site}/webhooks/stripe/{name}/"
    secret = settings[f"STRIPE_WEBHOOK_SECRETS_{name.upper()}"]
    return ",".join((address, secret, *(() if name == PLATFORM else (name,))))


def _wait_until_listening(port: int, alive: Callable[[], bool]) -> None:
    end = time.monotonic() + READY_SECONDS
    while alive() and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise ServerError(
        f"the emulator of Stripe does not answer on port {port}; STRIPE_SECRET_KEY= starts without it"
    )
