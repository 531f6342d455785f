"""Fixtures of deposits: the emulator is Stripe, and its books agree with ours at the end of each test."""

from collections.abc import Iterator

import pytest

from tests.deposits.made import assert_books_agree
from tests.stripe.conftest import emulator, set_up
from tests.stripe_emulator.control import Control

__all__ = ["emulator", "set_up"]


@pytest.fixture
def stripe(emulator: Control, database: None) -> Iterator[Control]:
    """The emulator. What the ledger says is at Stripe must be there when the test ends."""
    yield emulator
    assert_books_agree(emulator)
