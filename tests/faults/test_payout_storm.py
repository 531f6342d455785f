"""A thousand payouts while requests fail, workers are killed and days pass. See `payout_storm` for ten thousand."""

import pytest

from tests.faults.payout_storm.run import run
from tests.stripe_emulator.control import Control

pytestmark = [pytest.mark.slow, pytest.mark.concurrency, pytest.mark.usefixtures("own_database")]
PAYOUTS, FAULTS, KILLS = 1_000, 300, 50


def test_each_payout_is_sent_once(stripe_emulator: Control) -> None:
    report = run(stripe_emulator, payouts=PAYOUTS, seed=1)
    assert report.outcome.is_right, "\n".join(report.lines)
    assert report.outcome.payouts >= PAYOUTS
    assert sum(report.faults.values()) >= FAULTS
    assert report.kills >= KILLS


def test_a_naive_client_pays_twice(stripe_emulator: Control) -> None:
    """So the storm would find a payout that is sent twice."""
    report = run(stripe_emulator, payouts=100, seed=1, naive=True)
    assert report.outcome.paid_twice > 0
    assert report.outcome.difference_minor > 0
    assert report.outcome.differences > 0
    assert not report.outcome.is_right
