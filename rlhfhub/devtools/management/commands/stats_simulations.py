"""`manage.py stats_simulations`: how the monitors and the pass rule behave on simulated annotators."""

from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.quality import simulations as monitors
from projects.stats.fall_simulations import falls
from projects.stats.simulations import Row, simulate
from rlhfhub.devtools import cast_simulations as casts


class Command(BaseCommand):
    help = "Simulates annotators who stay as they are and who drift, and prints what the monitors make of them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--size",
            type=float,
            default=1.0,
            help="1 (the default) takes about ten minutes; .1 makes a tenth of the runs",
        )

    def handle(self, *args: Any, size: float, **options: Any) -> None:
        missed = 0
        rows = chain(simulate(size), falls(size), monitors.simulate(size), casts.simulate(size))
        for row in rows:
            self.stdout.write(_line(row))
            missed += not row.met
        if missed:
            raise CommandError(f"{missed} figures are outside their bounds")


def _line(row: Row) -> str:
    bound = ""
    if row.at_least is not None:
        bound = f"at least {row.at_least:g}"
    elif row.at_most is not None:
        bound = f"at most {row.at_most:g}"
    is_met = "" if row.met else "MISSED"
    return f"{row.name:<72}{row.measured:>12.4g}  {bound:<16}{is_met or ('holds' if bound else '')}".rstrip()
