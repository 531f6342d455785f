"""`python -m rlhfhub.devtools.bench --size 10k|100k|1m`, as `make bench` calls it."""

import argparse
import sys

import django

from rlhfhub.devtools.bench.figures import Report
from rlhfhub.devtools.bench.ground import prepared
from rlhfhub.devtools.bench.scale import QUICK, SCALES


def main() -> int:
    """Measure one scale, print the figures and save them in the state directory."""
    parser = argparse.ArgumentParser(prog="python -m rlhfhub.devtools.bench", description=__doc__)
    parser.add_argument("--size", type=str.lower, choices=list(SCALES), default=QUICK)
    parser.add_argument("--keep", action="store_true", help="keep the database afterwards")
    options = parser.parse_args()
    report = Report(options.size)
    try:
        with prepared(keep=options.keep) as ground:
            django.setup()
            # Imported late: models need Django, and Django needs the benchmark's database.
            from rlhfhub.devtools.bench.run import run

            run(ground, SCALES[options.size], report)
            print(report.save(ground.state), flush=True)
    except BlockingIOError:
        print("bench: another benchmark runs in this state directory", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
