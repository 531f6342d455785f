"""Fixtures for tests that need Stripe: one emulator for a run, emptied before each test."""

from collections.abc import Iterator

import pytest
import stripe

from tests.stripe_emulator.control import Control, Process


@pytest.fixture(scope="session")
def stripe_process() -> Iterator[Process]:
    """The emulator of this run (and this xdist worker), on a free port."""
    with Process() as running:
        yield running


@pytest.fixture
def stripe_emulator(stripe_process: Process) -> Iterator[Control]:
    """An empty emulator. The test fails if it was asked what it cannot do, or answered what the SDK cannot read."""
    control = stripe_process.control
    control.reset()
    yield control
    assert control.take_own_faults() == []


@pytest.fixture
def stripe_client(stripe_emulator: Control) -> stripe.StripeClient:
    """The SDK's client for the emulator, which tries nothing again by itself."""
    return stripe_emulator.client()
