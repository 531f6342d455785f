"""Payouts: what annotators earned is sent to them, each amount once."""

from django.apps import AppConfig


class PayoutsConfig(AppConfig):
    name = "billing.payouts"
    label = "billing_payouts"

    def ready(self) -> None:
        from billing.payouts import banking, invariants, notices, watch
        from rlhfhub.tenancy.staff import site

        banking.register()
        notices.register()
        invariants.put_in_register()
        site.warn_of(watch.warnings)
