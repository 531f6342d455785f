"""Send payouts through a storm: python -m tests.faults.payout_storm --payouts 10000

It ends with 1 if a payout was paid twice, lost or is stuck, if anything differs, if there were too few faults, or if a
naive client pays each once too, so that the storm would prove nothing.
"""

import argparse
import sys
import time

from tests.faults.own_servers import own_servers

#: With a naive client, a tenth of the payouts is enough to see that it pays twice.
NAIVE_SHARE = 10
#: Faults for each payout, at least.
LEAST_FAULTS = 0.3


def main() -> int:
    """Print the tables of the site and of the naive client. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.payout_storm", description=__doc__
    )
    parser.add_argument("--payouts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    with own_servers("payout_storm"):
        # Imported late: models need Django.
        from tests import databases
        from tests.faults.payout_storm.run import Report, run
        from tests.stripe_emulator.control import Process

        def raged(payouts: int, *, naive: bool) -> Report:
            begun = time.monotonic()
            with databases.copied(), Process() as stripe:
                report = run(
                    stripe.control, payouts=payouts, seed=options.seed, naive=naive, tell=_tell
                )
                own_faults = stripe.control.take_own_faults()
            assert own_faults == [], own_faults
            print("\n".join(report.lines))
            print(f"  {'seconds':<40}{time.monotonic() - begun:>10,.0f}\n", flush=True)
            return report

        site = raged(options.payouts, naive=False)
        naive = raged(max(100, options.payouts // NAIVE_SHARE), naive=True)
    is_storm = sum(site.faults.values()) >= LEAST_FAULTS * options.payouts
    bites = naive.outcome.paid_twice > 0
    return 0 if site.outcome.is_right and is_storm and bites else 1


def _tell(words: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{words}", end="\r", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
