"""Fixtures of payouts: Stripe's emulator as the API, with money on our balance."""

import pytest

from tests.stripe.conftest import emulator, set_up
from tests.stripe_emulator.control import Control

__all__ = ["emulator", "set_up"]


@pytest.fixture
def stripe(emulator: Control, db: None) -> Control:
    """The emulator, with ten thousand dollars on the platform's balance."""
    emulator.fund(1_000_000)
    return emulator
