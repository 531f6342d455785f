"""One storm from its beginning to its table."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.faults.emulated import emulated
from tests.faults.payout_storm import table
from tests.faults.payout_storm.earners import make_earners
from tests.faults.payout_storm.outcome import Outcome, outcome
from tests.faults.payout_storm.storm import Storm
from tests.faults.payout_storm.workers import work, work_naively
from tests.stripe_emulator.control import Control

FUNDS_MINOR = 10_000_000
#: The more people are paid in one run, the longer a look for a transfer among those of its run takes.
MOST_PEOPLE = 200


@dataclass(frozen=True, slots=True)
class Report:
    """What a storm did, and what became of it."""

    outcome: Outcome
    faults: dict[str, int]
    kills: int
    lines: list[str]


def run(
    emulator: Control,
    *,
    payouts: int,
    seed: int,
    naive: bool = False,
    tell: Callable[[str], None] = lambda words: None,
) -> Report:
    """Send at least so many payouts through a storm, on an empty emulator and a new database."""
    with emulated(emulator, PAYOUT_LEAST={}):
        earners = make_earners(emulator, min(MOST_PEOPLE, max(10, payouts // 10)))
        emulator.fund(FUNDS_MINOR)
        loop = work_naively if naive else work
        storm = Storm(emulator, earners, Random(seed), loop)
        storm.rage(payouts, tell)
        found = outcome(earners)
    faults = emulator.get("faults/applied")
    name = f"{'a naive client' if naive else 'the site'}, seed {seed}"
    lines = list(table.lines(name, found, faults, storm.kills, storm.nights))
    return Report(found, faults, storm.kills, lines)
