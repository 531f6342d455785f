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
from tests.faults.crash_points.operation import Case, Effects, Operation

#: In so many cases of each operation, or a share of them, the recovery is killed as well, at a point of its own.
TWICE = 12


@dataclass
class Row:
    """A row of the table: what the operation passes, and at how many points it was killed; `twice` also in recovery.

    It may pass some more or less at another time: the first request of a minute notes that its API key was used.
    """

    operation: str
    passed: Counter[str]
    killed: int = 0
    twice: int = 0
    #: The point, or both, and what was there afterwards and should not be so.
    wrong: dict[str, Effects] = field(default_factory=dict)


def kill(operation: Operation, share: float = 1.0, dice: Random | None = None) -> Row:
    """Kill an operation at each of its points, or at a share of them, each time on a new case, until one ends.

    Then kill it at some points, and its recovery too.
    """
    case = operation.begin()
    row = Row(operation.name, points_of(partial(operation.act, case)))
    operation.recover(case)
    right = operation.effects(case)
    for point in count(1):
        if dice and dice.random() >= share:
            continue
        case = operation.begin()
        died = dies_at(point, partial(operation.act, case))
        _compare(row, operation, case, right, f"{point}")
        if not died:
            break
        row.killed += 1
    for point, second in _spread(row.passed.total(), round(TWICE * share)):
        case = operation.begin()
        dies_at(point, partial(operation.act, case))
        row.twice += dies_at(second, partial(operation.recover, case))
        _compare(row, operation, case, right, f"{point}, in recovery at {second}")
    return row


def _compare(row: Row, operation: Operation, case: Case, right: Effects, where: str) -> None:
    """Let the operation recover, and note what is not as it is without a kill."""
    operation.recover(case)
    found = operation.effects(case)
    if found != right:
        row.wrong[where] = {name: found[name] for name in found if found[name] != right[name]}


def _spread(points: int, pairs: int) -> Iterator[tuple[int, int]]:
    """Yield pairs of points: the earlier the operation is killed, the later its recovery, which has more to do."""
    for n in range(pairs):
        yield 1 + points * n // pairs, 1 + points * (pairs - 1 - n) // pairs


def broken() -> list[str]:
    """Return the invariants that do not hold."""
    connection.close()
    return [str(one) for one in invariants.verify() if not one.holds]


def table(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of the table."""
    heads = ("statements", "commits", "calls", "points", "killed", "twice", "wrong")
    yield f"{'operation':<20}" + "".join(f"{head:>{len(head) + 2}}" for head in heads)
    for row in rows:
        commits, calls = row.passed[COMMIT] // 2, row.passed[CALL] // 2
        killed = row.passed.total(), row.killed, row.twice, len(row.wrong)
        values = zip(heads, (row.passed[STATEMENT], commits, calls, *killed), strict=True)
        yield f"{row.operation:<20}" + "".join(f"{n:>{len(head) + 2}}" for head, n in values)
        for point, found in row.wrong.items():
            yield f"    killed at point {point}: {found}"
