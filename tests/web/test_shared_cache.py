"""The circuit breaker before the shared cache, and what the process does while it is open."""

import logging
import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.test import override_settings

from rlhfhub import shared_cache
from rlhfhub.settings.rates import Rates
from rlhfhub.shared_cache import Breaker, SharedCache

DOWN = ConnectionError("refused")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the breaker reads."""
    now = [1000.0]
    monkeypatch.setattr(shared_cache, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Accepts connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(50)
        yield server


def test_pauses_grow_and_one_caller_tries_after_each(clock: list[float]) -> None:
    breaker, pauses = Breaker(), []
    for _ in range(5):
        assert breaker.may_ask()
        breaker.failed(DOWN, breaker.pause)
        pauses.append(breaker.pause)
        assert not breaker.may_ask()
        clock[0] += breaker.pause
    assert pauses == [5, 10, 20, 30, 30]
    assert [breaker.may_ask() for _ in range(3)] == [True, False, False]
    breaker.answered()
    assert not breaker.is_open and breaker.may_ask() and breaker.may_ask()


def test_calls_that_fail_together_are_one_failure(
    clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    breaker = Breaker()
    with caplog.at_level(logging.INFO):
        for _ in range(8):
            breaker.failed(DOWN, 0)
    assert breaker.pause == 5 and len(caplog.records) == 1


def test_one_line_is_logged_for_an_outage(
    listener: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    cache = SharedCache(f"redis://127.0.0.1:{listener.getsockname()[1]}/0", {})
    with caplog.at_level(logging.INFO):
        for n in range(20):
            cache.set(f"key-{n}", n)
    assert cache.is_away and [r.levelname for r in caplog.records] == ["WARNING"]
    assert "Traceback" not in caplog.text


def test_another_cache_object_of_the_process_does_not_ask_either(listener: socket.socket) -> None:
    """Django makes one for each thread."""
    url = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
    SharedCache(url, {}).get("key")
    assert SharedCache(url, {}).is_away


def test_rates_are_a_process_share_while_the_cache_is_away(listener: socket.socket) -> None:
    rates = Rates({"reset": "20/m/ip,5/m/key", "confirm": "1/180s/key", "off": ""})
    assert dict(rates) == {"reset": "20/m/ip,5/m/key", "confirm": "1/180s/key", "off": ""}
    url = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
    away = {"default": {"BACKEND": "rlhfhub.shared_cache.SharedCache", "LOCATION": url}}
    SharedCache(url, {}).get("key")
    with override_settings(CACHES=away, WEB_WORKERS=4):
        assert dict(rates) == {"reset": "5/m/ip,2/m/key", "confirm": "1/180s/key", "off": ""}
