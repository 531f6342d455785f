"""Kill every operation that moves money at each of its points: python -m tests.faults.crash_points

It prints the table of points, and ends with 1 if an effect is missing or doubled after recovery.
"""

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from tests.faults.own_servers import own_servers


def main() -> int:
    """Print the table. Returns the exit status."""
    with own_servers("crash_points"):
        # Imported late: models need Django.
        from tests import databases
        from tests.faults.crash_points.points import Row, broken, table
        from tests.faults.crash_points.run import rows
        from tests.stripe_emulator.control import Process

        found: list[Row] = []
        with databases.copied(), Process() as stripe:
            # Each line is printed as soon as its operation is done.
            for line in table(_kept(rows(stripe.control), found)):
                print(line, flush=True)
            lost = broken()
        print("\n".join(lost))
    return 1 if lost or any(row.wrong for row in found) else 0


def _kept(rows: Iterable[Any], found: list[Any]) -> Iterator[Any]:
    for row in rows:
        found.append(row)
        yield row


if __name__ == "__main__":
    sys.exit(main())
