"""Limits on wrong passwords, counted by sender and by account. They delay further attempts and never lock an account.

An attempt is counted before its password is checked, so that concurrent attempts cannot bypass the limit; a right
password takes the count back. After `free` failures within 15 minutes every further attempt must wait: 30 seconds,
doubling up to 15 minutes. An attempt refused for its delay is not counted and extends no delay.
"""

import hashlib
import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.core.cache import cache

from rlhfhub.shared_cache import process_share

WINDOW_SECONDS = 15 * 60
FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS = 30, 15 * 60


class TooManyGuesses(Exception):
    """Raised when the next attempt has to wait for `seconds`; `limit` is the limit that was reached."""

    def __init__(self, limit: "Limit", seconds: int) -> None:
        super().__init__(limit.name)
        self.limit, self.seconds = limit, seconds


@dataclass(frozen=True)
class Limit:
    """How many failures of one kind of sender cause no delay. If `forgotten`, a right password resets the count."""

    name: str
    free: int
    forgotten: bool = False


# An attempt from a known browser of the account counts under that limit only; any other under the other three.
BROWSER = Limit("browser", 5, forgotten=True)
PAIR = Limit("pair", 5, forgotten=True)
ADDRESS = Limit("address", 30)
ACCOUNT = Limit("account", 50)


class _Counter:
    """The failures of one sender under one limit. Two cache keys hold their number and the current delay."""

    def __init__(self, limit: Limit, *sender: str) -> None:
        self.limit = limit
        name = hashlib.sha256("\n".join(sender).encode()).hexdigest()
        self._count, self._delay = (
            f"guesses:{limit.name}:{name}",
            f"guesses-delay:{limit.name}:{name}",
        )
        self._delayed = False

    def wait(self) -> int:
        """Return the seconds until the next attempt is allowed; 0 if it is allowed now."""
        until = cache.get(self._delay)
        return 0 if until is None else max(1, math.ceil(until - time.time()))

    def take(self) -> int:
        """Count an attempt. Returns 0 if it may go on; otherwise the seconds to wait, and it was not counted."""
        number = self._next()
        free = process_share(self.limit.free)
        if number < free:
            return 0
        delay = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** min(number - free, 10))
        # Of concurrent attempts, one starts the delay and goes on.
        if not cache.add(self._delay, time.time() + delay, delay):
            self.undo()
            return self.wait() or 1
        self._delayed = True
        cache.touch(self._count, WINDOW_SECONDS + delay)
        return 0

    def undo(self) -> None:
        """Take back the attempt that `take` counted."""
        with suppress(ValueError):
            cache.decr(self._count)
        if self._delayed:
            cache.delete(self._delay)

    def forget(self) -> None:
        """Delete all counted failures."""
        cache.delete(self._count)
        cache.delete(self._delay)

    def _next(self) -> int:
        cache.add(self._count, 0, WINDOW_SECONDS)
        try:
            return int(cache.incr(self._count))
        except ValueError:  # the key expired or the cache became unreachable since the line before
            cache.set(self._count, 1, WINDOW_SECONDS)
            return 1


class Attempt:
    """A sign-in attempt in progress. It stays counted as a failure unless `succeeded` is called."""

    def __init__(self, counters: Sequence[_Counter]) -> None:
        self._counters = counters

    def succeeded(self) -> None:
        """Take back the counted failure, because the password was right."""
        for counter in self._counters:
            if counter.limit.forgotten:
                counter.forget()
            else:
                counter.undo()


def begin(*, account: str, address: str, browser: str | None) -> Attempt:
    """Count an attempt on `account` from `address`, or from `browser` if that is known to the account.

    Raises: TooManyGuesses while the sender or the account has to wait.
    """
    if browser:
        counters = [_Counter(BROWSER, browser, account)]
    else:
        counters = [
            _Counter(PAIR, address, account),
            _Counter(ADDRESS, address),
            _Counter(ACCOUNT, account),
        ]
    for counter in counters:
        if seconds := counter.wait():
            raise TooManyGuesses(counter.limit, seconds)
    for position, counter in enumerate(counters):
        if seconds := counter.take():
            for taken in counters[:position]:
                taken.undo()
            raise TooManyGuesses(counter.limit, seconds)
    return Attempt(counters)
