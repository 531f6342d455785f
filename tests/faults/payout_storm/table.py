"""The table that the storm prints."""

from collections.abc import Iterator, Mapping

from tests.faults.payout_storm.outcome import Outcome


def lines(
    name: str, outcome: Outcome, faults: Mapping[str, int], kills: int, nights: int
) -> Iterator[str]:
    """Yield the lines of one storm."""
    yield name
    yield _line("payouts", outcome.payouts)
    yield _line("faults", sum(faults.values()))
    for fault, number in sorted(faults.items()):
        yield _line(f"  {fault}", number)
    yield _line("workers killed", kills)
    yield _line("nights", nights)
    yield _line("paid once", outcome.paid_once)
    yield _line("paid twice", outcome.paid_twice)
    yield _line("lost", outcome.lost)
    yield _line("stuck", outcome.stuck)
    yield _line("difference, in cents", outcome.difference_minor)
    yield _line("differences of the reconciliation", outcome.differences)
    yield _line("invariants that do not hold", len(outcome.broken))
    yield from outcome.broken


def _line(words: str, number: int) -> str:
    return f"  {words:<40}{number:>10,}"
