"""The double-entry ledger; `post` is its only writer."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "billing.ledger"
    label = "billing_ledger"

    def ready(self) -> None:
        from billing.ledger import invariants

        invariants.put_in_register()
