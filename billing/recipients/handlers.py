"""Handlers of Stripe's events about recipients: each looks at the account that the event is about."""

from billing.recipients import seeing
from billing.stripe.events import Event
from billing.stripe.handles import handle

_ABOUT_ACCOUNT = (
    "v2.core.account[requirements].updated",
    "v2.core.account[configuration.recipient].capability_status_updated",
    "v2.core.account[configuration.recipient].updated",
    "v2.core.account.closed",
    "v2.core.account_link.returned",
    "account.updated",
    "account.application.deauthorized",
    "account.external_account.created",
    "account.external_account.updated",
    "account.external_account.deleted",
)


def on_account(event: Event) -> None:
    """Look at the account that the event happened to, or that it is about."""
    account = event.account or event.object_id
    if account:
        seeing.see(account)


def register() -> None:
    """Register the handlers. Called from the AppConfig's ready()."""
    for type in _ABOUT_ACCOUNT:
        handle(type, on_account)
