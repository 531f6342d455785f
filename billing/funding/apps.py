"""Funding: moves money into job budgets and gives back what is not used."""

from django.apps import AppConfig


class FundingConfig(AppConfig):
    name = "billing.funding"
    label = "billing_funding"

    def ready(self) -> None:
        from billing.funding import handlers, invariants, panels

        handlers.register()
        panels.register()
        invariants.put_in_register()
