"""Wrong passwords: counted by who sends them and for which account, answered by growing delays, never by a lock.

An attempt is counted before its password is checked, so that attempts sent together cannot pass together, and
given back when the password is right. After `free` failures within 15 minutes each further attempt waits:
30 seconds, doubling to 15 minutes. An attempt refused for its delay counts nothing and makes no delay longer.
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
    """Attempts have to wait for `seconds`; `limit` is the one that was reached."""

    def __init__(self, limit: "Limit", seconds: int) -> None:
        super().__init__(limit.name)
        self.limit, self.seconds = limit, seconds


@dataclass(frozen=True)
class Limit:
    """How many failures of one kind of sender are free of delay; a right password forgets them if `forgotten`."""

    name: str
    free: int
    forgotten: bool = False


# Who holds a known browser of the account is judged by that alone; everybody else by the three others together.
BROWSER = Limit("browser", 5, forgotten=True)
PAIR = Limit("pair", 5, forgotten=True)
ADDRESS = Limit("address", 30)
ACCOUNT = Limit("account", 50)


class _Counter:
    """The failures of one sender under one limit, as two cache keys: their number, and the delay that runs."""

    def __init__(self, limit: Limit, *sender: str) -> None:
        self.limit = limit
        name = hashlib.sha256("\n".join(sender).encode()).hexdigest()
        self._count, self._delay = (
            f"guesses:{limit.name}:{name}",
            f"guesses-delay:{limit.name}:{name}",
        )
        self._delayed = False

    def wait(self) -> int:
        """Seconds until the next attempt; 0 for now."""
        until = cache.get(self._delay)
        return 0 if until is None else max(1, math.ceil(until - time.time()))

    def take(self) -> int:
        """Count an attempt. Returns the seconds it has to wait, and then did not count it; 0 lets it go on."""
        number = self._next()
        free = process_share(self.limit.free)
        if number < free:
            return 0
        delay = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** min(number - free, 10))
        # Of attempts sent together one starts the delay and goes on.
        if not cache.add(self._delay, time.time() + delay, delay):
            self.undo()
            return self.wait() or 1
        self._delayed = True
        cache.touch(self._count, WINDOW_SECONDS + delay)
        return 0

    def undo(self) -> None:
        """As if the attempt that was taken had not been made."""
        with suppress(ValueError):
            cache.decr(self._count)
        if self._delayed:
            cache.delete(self._delay)

    def forget(self) -> None:
        """As if none had been made."""
        cache.delete(self._count)
        cache.delete(self._delay)

    def _next(self) -> int:
        cache.add(self._count, 0, WINDOW_SECONDS)
        try:
            return int(cache.incr(self._count))
        except ValueError:  # it expired, or the cache went away, since the line before
            cache.set(self._count, 1, WINDOW_SECONDS)
            return 1


class Attempt:
    """One sign-in that is under way: a failure unless `succeeded` is called."""

    def __init__(self, counters: Sequence[_Counter]) -> None:
        self._counters = counters

    def succeeded(self) -> None:
        """The password was right: give back what was counted."""
        for counter in self._counters:
            if counter.limit.forgotten:
                counter.forget()
            else:
                counter.undo()


def begin(*, account: str, address: str, browser: str | None) -> Attempt:
    """Count an attempt on `account` from `address`, or from `browser` if that is known to the account.

    Raises TooManyGuesses.
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
