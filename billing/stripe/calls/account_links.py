"""Addresses at which recipients tell Stripe about themselves, and get into their dashboard there."""

from dataclasses import dataclass
from datetime import datetime

from billing.stripe.calls.sending import called, under


@dataclass(frozen=True, slots=True)
class Link:
    """An address that works once. `expires_at` is None if Stripe does not say it: some minutes."""

    url: str
    expires_at: datetime | None


def onboarding_link(*, key: str, account: str, return_url: str, refresh_url: str) -> Link:
    """Make an address at which a person tells Stripe about themselves. It works once, for minutes.

    Stripe sends them to `return_url` when they leave, which proves nothing, and to `refresh_url` when the address has
    expired.
    """
    made = called(
        lambda stripe: stripe.v2.core.account_links.create(
            {
                "account": account,
                "use_case": {
                    "type": "account_onboarding",
                    "account_onboarding": {
                        "refresh_url": refresh_url,
                        "return_url": return_url,
                    },
                },
            },
            under(key),
        )
    )
    return Link(url=made.text("url"), expires_at=made.moment("expires_at"))


def login_link(*, key: str, account: str) -> Link:
    """Make an address at which a person gets into their Express dashboard, once."""
    made = called(lambda stripe: stripe.v1.accounts.login_links.create(account, {}, under(key)))
    return Link(url=made.text("url"), expires_at=None)
