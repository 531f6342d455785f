"""A fifth of the points at which operations that move money may be killed. See `crash_points` for all of them."""

import pytest

from tests.faults.crash_points.points import broken, table
from tests.faults.crash_points.run import rows
from tests.stripe_emulator.control import Control

SHARE, SEED = 1 / 5, 1
#: Killed at fewer points in all, the operations were not what they are.
LEAST_KILLS = 60
LEAST_TWICE = 18


@pytest.mark.slow
@pytest.mark.concurrency
@pytest.mark.usefixtures("own_database")
def test_each_effect_is_there_once_after_a_kill(stripe_emulator: Control) -> None:
    found = list(rows(stripe_emulator, SHARE, SEED))
    print("\n".join(table(found)))
    assert {row.operation: row.wrong for row in found if row.wrong} == {}
    assert sum(row.killed for row in found) >= LEAST_KILLS
    assert sum(row.twice for row in found) >= LEAST_TWICE
    assert broken() == []
