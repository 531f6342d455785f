"""The cache that all processes share (Redis or Valkey), and what a process does while it cannot be reached.

A failed call opens a circuit breaker: this process does not call the server again for 5 seconds, growing to 30 while it
stays away. Meanwhile the process keeps small values (the counts of limits) in its own memory and drops large ones.
"""

import logging
import math
import pickle
import threading
import time
from collections import defaultdict
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 0.2
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5, 30
# What a process keeps in its own memory while the server is away: at most 40 MB.
_LOCAL_ENTRIES, _LOCAL_VALUE_BYTES = 10_000, 4096
_LOWEST_SHARE = 2


class Breaker:
    """The circuit breaker of one server, shared by the threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.pause, self._until = 0, 0.0

    @property
    def is_open(self) -> bool:
        """Whether the last call of the server failed."""
        return self.pause > 0

    def may_ask(self) -> bool:
        """Return whether this caller should call the server. After each pause one caller tries; no other waits."""
        if not self.pause:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._until:
                return False
            self._until = now + max(self.pause, FIRST_PAUSE_SECONDS)
            return True

    def failed(self, error: Exception, pause_before: int) -> None:
        """Start a pause, twice as long if the server is still away. `pause_before` was in force when the call began."""
        with self._lock:
            if self.pause != pause_before:
                return  # another thread's call failed at the same time
            self.pause = min(LONGEST_PAUSE_SECONDS, self.pause * 2 or FIRST_PAUSE_SECONDS)
            self._until = time.monotonic() + self.pause
        if not pause_before:
            log.warning("The shared cache is away (%s); this process counts limits alone", error)

    def answered(self) -> None:
        """Close the breaker, because the server is back."""
        if self.pause:
            with self._lock:
                self.pause = 0
            log.warning("The shared cache is back")


# Django makes a cache object for each thread; the objects of one server share one circuit breaker.
_breakers: dict[str, Breaker] = defaultdict(Breaker)


class SharedCache(BaseCache):
    """Django's Redis cache behind a circuit breaker. LOCATION is its URL. No call raises while the server is away."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = {
            "socket_connect_timeout": TIMEOUT_SECONDS,
            "socket_timeout": TIMEOUT_SECONDS,
            "retry": Retry(NoBackoff(), 0),
        }
        self._breaker = _breakers[server]
        self._shared = RedisCache(server, {**params, "OPTIONS": options})
        self._local = LocMemCache(
            f"while {server} is away", {**params, "OPTIONS": {"MAX_ENTRIES": _LOCAL_ENTRIES}}
        )

    @property
    def is_away(self) -> bool:
        """Whether this process is counting alone now."""
        return self._breaker.is_open

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        return bool(self._ask("add", key, value, _whole(timeout), version))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._ask("get", key, default, version)

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._ask("set", key, value, _whole(timeout), version)

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._ask("touch", key, _whole(timeout), version))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._ask("delete", key, version))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Increment atomically and return the new value. Raises ValueError for a missing key."""
        return int(self._ask("incr", key, delta, version))

    def clear(self) -> None:
        self._ask("clear")

    def _ask(self, verb: str, *arguments: Any) -> Any:
        pause = self._breaker.pause
        if self._breaker.may_ask():
            try:
                answer = getattr(self._shared, verb)(*arguments)
            except (RedisError, OSError) as error:
                self._breaker.failed(error, pause)
            else:
                self._breaker.answered()
                return answer
        if verb in ("add", "set") and len(pickle.dumps(arguments[1])) > _LOCAL_VALUE_BYTES:
            return None
        return getattr(self._local, verb)(*arguments)


def _whole(timeout: Any) -> Any:
    """Round a timeout up to whole seconds, which Redis needs. Rounding down to 0 would delete the key."""
    return math.ceil(timeout) if isinstance(timeout, float) else timeout


def process_share(limit: int) -> int:
    """Return `limit`; while the shared cache is away, return this process's share of it.

    All processes together then allow about `limit`. A share is at least 2, so that one mistake causes no wait, and
    never more than `limit`.
    """
    if not getattr(caches["default"], "is_away", False):
        return limit
    return min(limit, max(_LOWEST_SHARE, limit // settings.WEB_WORKERS))
