"""Bonuses: money that a workspace gives to annotators beside the price of their answers."""

from django.apps import AppConfig


class BonusesConfig(AppConfig):
    name = "billing.bonuses"
    label = "billing_bonuses"

    def ready(self) -> None:
        from billing.bonuses import handlers, invariants, notices, readings

        handlers.register()
        notices.register()
        readings.register()
        invariants.put_in_register()
