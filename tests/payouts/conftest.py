"""Fixtures of payouts: Stripe's emulator as the API, with money on our balance."""

import pytest

from rlhfhub.tenancy.models import User
from tests import people
from tests.stripe.conftest import emulator, set_up
from tests.stripe_emulator.control import Control

__all__ = ["emulator", "set_up"]


@pytest.fixture
def stripe(emulator: Control, db: None) -> Control:
    """The emulator, with ten thousand dollars on the platform's balance."""
    emulator.fund(1_000_000)
    return emulator


@pytest.fixture
def staff(db: None) -> list[User]:
    """Two members of staff."""
    return [people.make_user(f"Staff {n}", f"staff{n}@x.example", is_staff=True) for n in range(2)]
