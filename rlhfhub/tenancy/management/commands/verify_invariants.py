"""`manage.py verify_invariants [NUMBER …]`: checks the invariants on one snapshot, and changes nothing."""

import time
from contextlib import ExitStack
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from rlhfhub import invariants


class Command(BaseCommand):
    help = "Checks the invariants of DESIGN.md §7; exits with 1 when one is violated."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "numbers", nargs="*", metavar="NUMBER", help="W1, M5 …; all when none is named"
        )

    def handle(self, *args: Any, numbers: list[str], **options: Any) -> None:
        known = {one.number for one in invariants.registered()}
        unknown = sorted(set(numbers) - known)
        if unknown:
            raise CommandError(f"no such invariant: {', '.join(unknown)}")
        broken = 0
        with ExitStack() as stack:
            if not connection.in_atomic_block:
                stack.enter_context(transaction.atomic())
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            if not invariants.sees_everything():
                raise CommandError(
                    "row-level security filters what this login sees: verify as the owner"
                )
            at = time.monotonic()
            for finding in invariants.verify(numbers):
                broken += not finding.holds
                self._tell(finding, time.monotonic() - at)
                at = time.monotonic()
        if broken:
            raise CommandError(f"{broken} invariants are violated", returncode=1)
        self.stdout.write(self.style.SUCCESS("All hold."))

    def _tell(self, finding: invariants.Finding, seconds: float) -> None:
        one = finding.invariant
        state = self.style.SUCCESS("OK") if finding.holds else self.style.ERROR("VIOLATED")
        count = "" if finding.holds else f" {finding.violations} times"
        self.stdout.write(f"{one.number:4} {state}{count}  {one.says}  ({seconds:.2f} s)")
        for example in finding.examples:
            self.stdout.write(f"       {example}")
