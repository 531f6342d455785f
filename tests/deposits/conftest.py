"""Fixtures of deposits: the emulator is Stripe, and its books agree with ours at the end of each test."""

from collections.abc import Iterator

import pytest

from billing.ledger.entries import Entry, platform
from billing.ledger.services import post
from rlhfhub.tenancy import planes
from tests.deposits.made import assert_books_agree, paid
from tests.factories import Tenant, make_workspace
from tests.stripe.conftest import emulator, set_up
from tests.stripe_emulator.control import Control

__all__ = ["emulator", "set_up"]


@pytest.fixture
def stripe(emulator: Control, database: None) -> Iterator[Control]:
    """The emulator. What the ledger says is at Stripe must be there when the test ends."""
    yield emulator
    assert_books_agree(emulator)


@pytest.fixture
def rich(stripe: Control) -> Control:
    """The emulator, with money that is available, booked as from the bank."""
    amount = 1_000_000
    stripe.fund(amount)
    lines = (
        (platform("stripe_available", "USD"), -amount),
        (platform("platform_cash", "USD"), amount),
    )
    with planes.as_system():
        post([Entry("toppedup", "toppedup:tu_1", None, lines)])
    return stripe


@pytest.fixture
def paying(rich: Control) -> Tenant:
    """A workspace whose only money is one deposit by card; Stripe has enough to give it back."""
    tenant = make_workspace(money=0)
    paid(rich, tenant)
    return tenant
