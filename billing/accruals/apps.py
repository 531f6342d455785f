"""Accruals: accepted work becomes earned money."""

from django.apps import AppConfig


class AccrualsConfig(AppConfig):
    name = "billing.accruals"
    label = "billing_accruals"

    def ready(self) -> None:
        from billing.accruals import handlers, invariants

        handlers.register()
        invariants.put_in_register()
