"""Recipients: who can be paid, and how: by an account at Stripe, or by hand."""

from django.apps import AppConfig


class RecipientsConfig(AppConfig):
    name = "billing.recipients"
    label = "billing_recipients"

    def ready(self) -> None:
        from billing.recipients import handlers, invariants, notices

        handlers.register()
        notices.register()
        invariants.put_in_register()
