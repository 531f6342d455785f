"""`manage.py reconcile [--full]`: hold the ledger against Stripe. Ends with 1 if something differs, 2 if it failed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.reconciliation import running
from billing.reconciliation.models import Difference, Run
from rlhfhub.ground.money import format_minor
from rlhfhub.tenancy import planes


class Command(BaseCommand):
    help = "Hold the ledger against what Stripe says, and list what differs. Nothing is booked because of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--full",
            action="store_true",
            help="also look for journals that Stripe knows nothing of",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        run = running.reconcile(is_full=options["full"])
        if run is None:
            raise CommandError("Stripe is not set up: STRIPE_SECRET_KEY is empty.", returncode=2)
        if run.error:
            raise CommandError(f"It failed: {run.error}", returncode=2)
        self._show(run)
        if run.differences:
            raise CommandError(f"{run.differences} differences are open.", returncode=1)

    def _show(self, run: Run) -> None:
        self.stdout.write(f"{run.entries} new balance entries, {run.matched} matched")
        for currency, held in sorted(run.balances.items()):
            for what in ("pending", "available"):
                there, here = (
                    format_minor(held[f"{side}_{what}"], currency) for side in ("stripe", "ledger")
                )
                self.stdout.write(f"{what:<10} Stripe {there:>20}   ledger {here:>20}")
        with planes.as_system():
            for one in Difference.objects.filter(ended_at=None).order_by("id")[:100]:
                there, here = (
                    format_minor(n, one.currency) for n in (one.stripe_minor, one.ledger_minor)
                )
                self.stdout.write(
                    f"{one.get_kind_display()}: {one.subject}: Stripe {there}, ledger {here}"
                )
