"""The two sides that each scenario runs against."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import stripe

DESTINATION = "STRIPE_TEST_DESTINATION"
KEY = "STRIPE_TEST_KEY"


@dataclass
class Side:
    """A side of the contract: its client, and how it comes by a connected account that can receive transfers."""

    client: stripe.StripeClient
    recipient: Callable[[], str]

    @staticmethod
    def unique(word: str) -> str:
        """Return a word that no other run uses, for keys and groups."""
        return f"contract-{word}-{uuid4()}"

    @staticmethod
    def eventually(look: Callable[[], Any]) -> Any:
        """Return what `look` returns when it is true: Stripe does some things a moment later."""
        for _ in range(40):
            if found := look():
                return found
            time.sleep(0.5)
        raise AssertionError("it did not happen within 20 seconds")

    def paid(self, amount: int = 2_000, **more: Any) -> Any:
        """Return a card payment whose money is available at once."""
        fields = {
            "amount": amount,
            "currency": "usd",
            "payment_method": "pm_card_bypassPending",
            "confirm": True,
        }
        methods = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
        return self.client.v1.payment_intents.create(fields | methods | more)


@pytest.fixture(params=["emulator", "stripe"] if os.environ.get(KEY) else ["emulator"])
def side(request: pytest.FixtureRequest) -> Side:
    """The emulator, or Stripe in test mode if there is a key for it."""
    if request.param == "emulator":
        control = request.getfixturevalue("stripe_emulator")
        client = control.client()
        return Side(client, lambda: control.recipient(client))
    key = os.environ[KEY]
    assert key.startswith("sk_test_"), f"{KEY} must be a test key"
    return Side(stripe.StripeClient(key, max_network_retries=2), _destination)


def _destination() -> str:
    if not os.environ.get(DESTINATION):
        pytest.skip(f"{DESTINATION} is not set")
    return os.environ[DESTINATION]
