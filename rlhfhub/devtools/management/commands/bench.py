"""`manage.py bench --size 10k|100k|1m`: how fast it is (see rlhfhub/devtools/bench)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from rlhfhub.devtools.bench.run import run
from rlhfhub.devtools.bench.scale import QUICK, SCALES


class Command(BaseCommand):
    help = "Measures the way over HTTP against plain SQL on a throw-away database; leaves a JSON file in the state."
    # The site's own database need not be there.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--size", type=str.lower, choices=list(SCALES), default=QUICK)
        parser.add_argument(
            "--keep", action="store_true", help="leave the database for a look at it"
        )

    def handle(self, *args: Any, size: str, keep: bool, **options: Any) -> None:
        try:
            run(size, keep=keep)
        except BlockingIOError as error:
            raise CommandError("another benchmark runs in this state directory") from error
