"""A site that pays in and out by an emulator of Stripe, which tells it of events."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from billing.stripe.events import ENDPOINTS, PLATFORM
from tests.browser.site import Site
from tests.stripe_emulator.control import KEY, Control, Process

#: Any day will do for the weekly payout; a small amount is enough.
PAYOUTS = "thursday USD:100"


@contextmanager
def running_with_stripe(state: Path, static: Path) -> Iterator[tuple[Site, Control]]:
    """Run a site and its emulator inside the block. Earnings from a first card payment can be paid at once."""
    site = Site(state, static)
    signing = {name: f"whsec_{secrets.token_hex(16)}" for name in ENDPOINTS}
    webhooks = [
        ",".join(
            [f"{site.url}/webhooks/stripe/{name}/", secret, *([] if name == PLATFORM else [name])]
        )
        for name, secret in signing.items()
    ]
    with Process(":memory:", 0, *webhooks) as stripe:
        site.environment |= {
            "SITE_URL": site.url,
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_API_BASE": stripe.address,
            "STRIPE_CARD_HOLD_DAYS": "0",
            "RLHFHUB_PAYOUTS": PAYOUTS,
            **{f"STRIPE_WEBHOOK_SECRETS_{name.upper()}": value for name, value in signing.items()},
        }
        try:
            site.start()
            yield site, stripe.control
        finally:
            site.stop()
