"""Lets the site call an emulator of Stripe where pytest's fixtures are not at hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.test import override_settings
from stripe import HTTPClient

from tests.stripe_emulator.control import KEY, Control


@contextmanager
def emulated(emulator: Control, **settings: Any) -> Iterator[None]:
    """Let the site call the emulator inside the block. The SDK does not pause between its attempts."""
    at = {"STRIPE_SECRET_KEY": KEY, "STRIPE_API_BASE": emulator.address}
    no_pause = mock.patch.object(HTTPClient, "_sleep_time_seconds", lambda *_: 0.0)
    with override_settings(**at, **settings), no_pause:
        yield
