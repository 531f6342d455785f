"""Figures that are dear to count are kept for as long as is fair."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.core.cache import cache

from rlhfhub.web import costly
from rlhfhub.web.costly import remembered, unless_resting


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """For how many seconds each answer was kept, when every count takes one."""
    clock, seconds = [0.0], []

    def tick() -> float:
        clock[0] += 1.0
        return clock[0]

    real = cache.set
    monkeypatch.setattr(costly, "time", SimpleNamespace(monotonic=tick))
    monkeypatch.setattr(costly, "SHARE", 20)
    monkeypatch.setattr(
        cache, "set", lambda key, value, of: (seconds.append(of), real(key, value, of))
    )
    return seconds


def test_a_figure_is_kept_twenty_times_as_long_as_it_took(kept: list[float]) -> None:
    answers = iter([None, 2])
    assert [remembered("figure", lambda: next(answers)) for _ in range(3)] == [None] * 3
    assert remembered("another", lambda: next(answers)) == 2
    assert kept == [20.0, 20.0]


def test_what_is_counted_at_once_is_counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([1, 2])
    monkeypatch.setattr(costly, "SHARE", 20)
    monkeypatch.setattr(costly, "time", SimpleNamespace(monotonic=lambda: 0.0))
    assert [remembered("figure", lambda: next(answers)) for _ in range(2)] == [1, 2]


def test_what_fails_rests_as_well(kept: list[float]) -> None:
    """Or a count that takes too long each time would be at it all the time."""
    tries: list[str] = []

    def fails() -> None:
        tries.append("tried")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        unless_resting("figure", fails, every=2)
    assert not unless_resting("figure", fails, every=2)
    assert (tries, kept) == (["tried"], [18.0])
