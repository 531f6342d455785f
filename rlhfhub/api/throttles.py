"""How often: costly writes by key, and failed authentications by address. Counted in the configured cache.

Nothing else is counted. A call that names no throttle (the desk's lease and submit among them) asks the cache
nothing, and a key that is right asks nothing however many were wrong before it from the same address: keys
cannot be guessed, the limit keeps those who try from the database's time and the log.
"""

from typing import Any

from django.conf import settings
from rest_framework.exceptions import APIException, Throttled
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from rlhfhub.web import addresses


class _Limit(SimpleRateThrottle):
    """One of the setting."""

    def get_rate(self) -> str | None:
        """The setting's of the scope (`600/hour`); empty for no limit."""
        return settings.THROTTLES[str(self.scope)] or None


class CostlyWrites(_Limit):
    """By key, for the writes of a view that names its `throttle_scope`."""

    def __init__(self) -> None:
        """The rate is known with the view."""

    def allow_request(self, request: Request, view: Any) -> bool:
        self.scope = getattr(view, "throttle_scope", None)
        if self.scope is None or request.method in SAFE_METHODS:
            return True
        super().__init__()
        return super().allow_request(request, view)

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": request.user.pk}


class FailedKeys(_Limit):
    """By address, for keys that were refused."""

    scope = "failed_keys"

    def get_cache_key(self, request: Request, view: Any) -> str:
        address = addresses.network(str(self.get_ident(request)))
        return self.cache_format % {"scope": self.scope, "ident": address}


def after_failure(error: APIException, request: Request, view: Any) -> APIException:
    """What to answer a key that was refused: the refusal, or 429 when there were too many from its address."""
    limit = FailedKeys()
    return error if limit.allow_request(request, view) else Throttled(limit.wait())
