"""Begins payouts of everybody now: `manage.py pay_out --currency EUR`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.payouts import runs
from billing.stripe.calls.sending import takes
from billing.stripe.client import is_set_up


class Command(BaseCommand):
    help = "Begins a payout run of everybody who is owed enough. Workers make and send the payouts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--currency", default="", help="Only this one, such as EUR.")

    def handle(self, *args: Any, currency: str, **options: Any) -> None:
        if not is_set_up():
            raise CommandError("Stripe is not set up: STRIPE_SECRET_KEY is empty.")
        if currency and not takes(currency):
            raise CommandError(f"{currency}: no payouts are made in this currency.")
        runs.begin_by_command(currency)
        self.stdout.write("A payout run has begun.")
