"""Rate limits: costly writes by workspace, and failed authentications by address. Counted in the configured cache.

Nothing else is counted. A view without a throttle (such as the desk's lease and submit) makes no cache request, nor
does a valid key, however many invalid ones came from its address. Keys cannot be guessed; the limit only keeps failed
attempts from taking the database's time and filling the log.
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
    """Count one costly write of the workspace, made with any of its keys or pages.

    Returns: 0 when the write is allowed, also while the cache cannot be reached; otherwise the seconds until the next
        write is allowed.
    """
    rate = settings.THROTTLES[scope]
    if not rate:
        return 0
    number, _, period = rate.partition("/")
    seconds = _SECONDS[period[0]]
    key = f"throttle:{scope}:{workspace_id}"
    now = time.time()
    # The period begins with the first write. The cache increments atomically, so that concurrent writes all count.
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
    """Throttles the writes of a REST view by its `throttle_scope`."""

    def allow_request(self, request: Request, view: Any) -> bool:
        scope = getattr(view, "throttle_scope", None)
        if scope is None or request.method in SAFE_METHODS:
            return True
        self._seconds = seconds_to_wait(scope, request.user.workspace_id)  # type: ignore[union-attr]
        return self._seconds == 0

    def wait(self) -> float:
        return self._seconds


class FailedKeys(SimpleRateThrottle):
    """Limits refused keys by client address."""

    scope = "failed_keys"

    def get_rate(self) -> str | None:
        """Return the rate of the setting (such as `30/minute`), or None without a limit."""
        return settings.THROTTLES[self.scope] or None

    def get_cache_key(self, request: Request, view: Any) -> str:
        address = addresses.network(str(self.get_ident(request)))
        return self.cache_format % {"scope": self.scope, "ident": address}


def after_failure(error: APIException, request: Request, view: Any) -> APIException:
    """Count a refused key. Returns the refusal itself, or 429 when there were too many from its address."""
    limit = FailedKeys()
    return error if limit.allow_request(request, view) else Throttled(limit.wait())
