"""Stripe: the only room that talks to it. It takes its events in, and other rooms call it and handle events."""

from django.apps import AppConfig


class StripeConfig(AppConfig):
    name = "billing.stripe"
    label = "billing_stripe"

    def ready(self) -> None:
        from billing.stripe import checks, invariants, watch  # noqa: F401
        from rlhfhub.tenancy.staff import site

        invariants.put_in_register()
        site.warn_of(watch.warnings)
