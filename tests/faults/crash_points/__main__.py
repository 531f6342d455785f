"""Kill every operation that moves money at each of its points: python -m tests.faults.crash_points

It prints the table of points, and ends with 1 if an effect is missing or doubled after recovery.
"""

import sys

from tests.faults.own_servers import own_servers


def main() -> int:
    """Print the table. Returns the exit status."""
    with own_servers("crash_points"):
        # Imported late: models need Django.
        from tests import databases
        from tests.faults.crash_points.points import broken, table
        from tests.faults.crash_points.run import rows
        from tests.stripe_emulator.control import Process

        with databases.copied(), Process() as stripe:
            found = list(rows(stripe.control))
            lost = broken()
        print("\n".join([*table(found), *lost]))
    return 1 if lost or any(row.wrong for row in found) else 0


if __name__ == "__main__":
    sys.exit(main())
