"""Reconciliation: what Stripe says of the platform's balance there, held against the ledger."""

from django.apps import AppConfig


class ReconciliationConfig(AppConfig):
    name = "billing.reconciliation"
    label = "billing_reconciliation"

    def ready(self) -> None:
        from billing.reconciliation import invariants, watch
        from rlhfhub.tenancy.staff import site

        invariants.put_in_register()
        site.warn_of(watch.warnings)
