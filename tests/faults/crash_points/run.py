"""All operations, each killed at its points."""

from collections.abc import Iterator
from functools import partial
from random import Random

from tests.concurrency.conftest import Race
from tests.faults.crash_points import of_deposits, of_payouts, of_reversals, of_work
from tests.faults.crash_points.operation import Operation
from tests.faults.crash_points.points import Row, kill
from tests.faults.emulated import emulated
from tests.faults.payout_storm.earners import make_earners
from tests.stripe_emulator.control import Control

FUNDS_MINOR = 10_000_000


def rows(emulator: Control, share: float = 1.0, seed: int | None = None) -> Iterator[Row]:
    """Yield the rows of all operations, on an empty emulator and a new database. With a seed, of a share of points."""
    with emulated(emulator, PAYOUT_LEAST={}):
        for operation in _operations(emulator):
            yield kill(operation, share, None if seed is None else Random(seed))


def _operations(emulator: Control) -> Iterator[Operation]:
    emulator.fund(FUNDS_MINOR)
    yield from of_work.operations(Race())
    earners = make_earners(emulator, 1)
    yield from of_payouts.operations(earners)
    yield from of_reversals.operations(partial(of_payouts.paid, earners))
    yield from of_deposits.operations(emulator)
