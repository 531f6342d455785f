"""Deposits: workspaces pay in by Stripe."""

from django.apps import AppConfig


class DepositsConfig(AppConfig):
    name = "billing.deposits"
    label = "billing_deposits"

    def ready(self) -> None:
        from billing.deposits import freezing, handlers, invariants, links, notices, watch
        from rlhfhub.tenancy.staff import site

        freezing.register()
        handlers.register()
        invariants.put_in_register()
        links.register()
        notices.register()
        site.warn_of(watch.warnings)
