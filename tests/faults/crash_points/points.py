"""Kills operations at their points, and compares what is there after recovery with what is there without a kill."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from random import Random

from django.db import connection

from rlhfhub import invariants
from tests.concurrency.processes import CALL, COMMIT, STATEMENT, dies_at, points_of
from tests.faults.crash_points.operation import Effects, Operation


@dataclass
class Row:
    """A row of the table: what the operation passes, and at how many points it was killed.

    It may pass some more or less at another time: the first request of a minute notes that its API key was used.
    """

    operation: str
    passed: Counter[str]
    killed: int = 0
    #: The point, and what was there afterwards and should not be so.
    wrong: dict[int, Effects] = field(default_factory=dict)


def kill(operation: Operation, share: float = 1.0, dice: Random | None = None) -> Row:
    """Kill an operation at each of its points, or at a share of them, each time on a new case, until one ends."""
    case = operation.begin()
    row = Row(operation.name, points_of(partial(operation.act, case)))
    operation.recover(case)
    right = operation.effects(case)
    for point in count(1):
        if dice and dice.random() >= share:
            continue
        case = operation.begin()
        died = dies_at(point, partial(operation.act, case))
        operation.recover(case)
        found = operation.effects(case)
        if found != right:
            row.wrong[point] = {name: found[name] for name in found if found[name] != right[name]}
        if not died:
            return row
        row.killed += 1
    raise AssertionError("it never ends")


def broken() -> list[str]:
    """Return the invariants that do not hold."""
    connection.close()
    return [str(one) for one in invariants.verify() if not one.holds]


def table(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield f"{'operation':<20}{'statements':>11}{'commits':>9}{'calls':>7}{'points':>8}{'killed':>8}{'wrong':>7}"
    for row in rows:
        commits, calls = row.passed[COMMIT] // 2, row.passed[CALL] // 2
        yield (
            f"{row.operation:<20}{row.passed[STATEMENT]:>11}{commits:>9}{calls:>7}"
            f"{row.passed.total():>8}{row.killed:>8}{len(row.wrong):>7}"
        )
        for point, found in row.wrong.items():
            yield f"    killed at point {point}: {found}"
