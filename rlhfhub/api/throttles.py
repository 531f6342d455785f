"""How often: costly writes by workspace, and failed authentications by address. Counted in the configured cache.

Nothing else is counted. A call that names no throttle (the desk's lease and submit among them) asks the cache
nothing, and a key that is right asks nothing however many were wrong before it from the same address: keys
cannot be guessed, the limit keeps those who try from the database's time and the log.
"""

import math
import time
import uuid
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.exceptions import APIException, Throttled
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

from rlhfhub.ground import addresses

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds_to_wait(scope: str, workspace_id: uuid.UUID) -> int:
    """Count one costly write of the workspace, by whichever of its keys or pages. Returns 0, or in how many
    seconds there may be another: this one is one too many.

    A cache that is away lets all through.
    """
    rate = settings.THROTTLES[scope]
    if not rate:
        return 0
    number, _, period = rate.partition("/")
    seconds = _SECONDS[period[0]]
    key = f"throttle:{scope}:{workspace_id}"
    now = time.time()
    # The time begins with the first write. The counter is the cache's own, so that none of many at once is missed.
    if cache.add(key, 0, seconds):
        cache.set(f"{key}:until", now + seconds, seconds)
    try:
        count = cache.incr(key)
    except ValueError:
        return 0
    if count is None or count <= int(number):
        return 0
    return max(1, math.ceil((cache.get(f"{key}:until") or now + seconds) - now))


class CostlyWrites(BaseThrottle):
    """For the writes of a REST view that names its `throttle_scope`."""

    def allow_request(self, request: Request, view: Any) -> bool:
        scope = getattr(view, "throttle_scope", None)
        if scope is None or request.method in SAFE_METHODS:
            return True
        self._seconds = seconds_to_wait(scope, request.user.workspace_id)  # type: ignore[union-attr]
        return self._seconds == 0

    def wait(self) -> float:
        return self._seconds


class FailedKeys(SimpleRateThrottle):
    """By address, for keys that were refused."""

    scope = "failed_keys"

    def get_rate(self) -> str | None:
        """The setting's (`30/minute`); empty for no limit."""
        return settings.THROTTLES[self.scope] or None

    def get_cache_key(self, request: Request, view: Any) -> str:
        address = addresses.network(str(self.get_ident(request)))
        return self.cache_format % {"scope": self.scope, "ident": address}


def after_failure(error: APIException, request: Request, view: Any) -> APIException:
    """What to answer a key that was refused: the refusal, or 429 when there were too many from its address."""
    limit = FailedKeys()
    return error if limit.allow_request(request, view) else Throttled(limit.wait())
