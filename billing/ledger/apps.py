"""The double-entry ledger; post is its only writer."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "billing.ledger"
    label = "billing_ledger"
