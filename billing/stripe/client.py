"""The client of Stripe's API, made from the settings."""

import os
from functools import cache
from threading import Thread
from typing import TYPE_CHECKING, Any

from django.conf import settings

from billing.stripe.errors import NotSetUp

if TYPE_CHECKING:
    from stripe import StripeClient

_LIVE = ("sk_live_", "rk_live_")


def is_set_up() -> bool:
    """Return whether there is a secret key, so that money can be paid in and out by Stripe."""
    return bool(settings.STRIPE_SECRET_KEY)


def is_live() -> bool:
    """Return whether the secret key moves real money."""
    return settings.STRIPE_SECRET_KEY.startswith(_LIVE)


def client() -> "StripeClient":
    """Return the client of this process. A call takes at most 71 seconds: three times 23, and the pauses between.

    Raises: NotSetUp without a secret key.
    """
    if not is_set_up():
        raise NotSetUp("Stripe is not set up: there is no secret key.")
    # A forked process must not share its parent's connections.
    return _made(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, os.getpid())


@cache
def _made(key: str, base: str, process: int) -> "StripeClient":
    import stripe  # imported late, see errors.translated

    stripe.enable_telemetry = False
    addresses: Any = dict.fromkeys(("api", "connect", "files", "meter_events"), base)
    return stripe.StripeClient(
        key,
        stripe_version=settings.STRIPE_VERSION,
        base_addresses=addresses if base else None,
        max_network_retries=settings.STRIPE_RETRIES,
        http_client=_http_client(base),
    )


def _http_client(base: str) -> Any:
    """Return the SDK's HTTP client with a limit on the whole answer. requests limits only the wait for each part of it,
    so an answer that arrives byte by byte would take for ever."""
    import requests
    import stripe

    waits = (settings.STRIPE_CONNECT_SECONDS, settings.STRIPE_ANSWER_SECONDS)
    session = requests.Session()
    # The emulator is on this machine: no proxy of the environment stands before it.
    session.trust_env = not base

    class WholeAnswerClient(stripe.RequestsClient):
        def request(self, *given: Any, **named: Any) -> Any:
            outcome: list[Any] = []
            send = super().request

            def run() -> None:
                try:
                    outcome.append(send(*given, **named))
                except Exception as error:  # raised below, in the thread that called
                    outcome.append(error)

            thread = Thread(target=run, name="stripe", daemon=True)
            thread.start()
            thread.join(sum(waits))
            if not outcome:
                raise stripe.APIConnectionError("The answer took too long.", should_retry=True)
            if isinstance(outcome[0], Exception):
                raise outcome[0]
            return outcome[0]

    return WholeAnswerClient(timeout=waits, session=session)
