"""Fixtures of Stripe: a key and secrets, an API that says what the test says, and handlers of the test."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from stripe import HTTPClient

from billing.stripe import handles
from billing.stripe.handles import Handler
from rlhfhub.tenancy import planes
from tests.stripe.made import KEY, SECRETS
from tests.stripe.scripted import Scripted
from tests.stripe_emulator.control import KEY as EMULATOR_KEY
from tests.stripe_emulator.control import Control
from tests.stripe_emulator.fixtures import stripe_emulator, stripe_process

__all__ = ["stripe_emulator", "stripe_process"]


@pytest.fixture
def set_up(settings: Any) -> None:
    """Set a test key and the webhooks' secrets; the API is away."""
    settings.STRIPE_SECRET_KEY = KEY
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    settings.STRIPE_WEBHOOK_SECRETS = SECRETS


@pytest.fixture
def asks_nothing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test without the fixture `db` that begins a transaction."""
    if "db" in request.fixturenames:
        return

    def asked(*_: Any) -> None:
        raise AssertionError("the database was asked")

    monkeypatch.setattr(planes, "_stand", asked)
    monkeypatch.setattr(connection, "ensure_connection", asked)


@pytest.fixture
def api(set_up: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """The API is on the loopback and says what the test tells it; the SDK does not pause between its attempts."""
    monkeypatch.setattr(HTTPClient, "_sleep_time_seconds", lambda *_: 0.0)
    scripted = Scripted()
    settings.STRIPE_API_BASE = scripted.address
    yield scripted
    scripted.stop()


@pytest.fixture
def emulator(
    set_up: None, stripe_emulator: Control, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Control:
    """The API is the emulator, empty; the SDK does not pause between its attempts."""
    monkeypatch.setattr(HTTPClient, "_sleep_time_seconds", lambda *_: 0.0)
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = EMULATOR_KEY, stripe_emulator.address
    return stripe_emulator


class Handlers:
    """Registers handlers for the test."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def on(self, type: str, *handlers: Handler) -> None:
        """Register these, or one that remembers the event."""
        for handler in handlers or (self.seen.append,):
            handles.handle(type, handler)

    def only(self, type: str) -> None:
        """Replace all by one that remembers the event."""
        handles._handlers.clear()
        self.on(type)


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> Handlers:
    """No handlers but those of the test."""
    monkeypatch.setattr(handles, "_handlers", {})
    return Handlers()
