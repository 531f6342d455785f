"""Events of the platform at Stripe, for whoever missed a webhook. Stripe keeps them for 30 days."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from billing.stripe.calls.sending import PAGE, listed
from billing.stripe.events import PLATFORM, THIN, Event, read_snapshot, read_thin


def between(since: datetime, until: datetime) -> Iterator[Event]:
    """Yield the snapshot events of API v1 in this time (`until` excluded), the newest first."""
    created: Any = {"gte": int(since.timestamp()), "lt": int(until.timestamp()) + 1}
    for found in listed(lambda stripe: stripe.v1.events.list({"created": created, "limit": PAGE})):
        yield read_snapshot(PLATFORM, found)


def undelivered(since: datetime) -> Iterator[Event]:
    """Yield the snapshot events since then that did not reach every webhook endpoint yet, the newest first."""
    created: Any = {"gte": int(since.timestamp())}
    for found in listed(
        lambda stripe: stripe.v1.events.list(
            {"created": created, "delivery_success": False, "limit": PAGE}
        )
    ):
        yield read_snapshot(PLATFORM, found)


def thin_between(since: datetime, until: datetime) -> Iterator[Event]:
    """Yield the events of API v2 in this time (`until` excluded), the newest first."""
    created: Any = {"gte": _iso(since), "lt": _iso(until)}
    for found in listed(
        lambda stripe: stripe.v2.core.events.list({"created": created, "limit": PAGE})
    ):
        yield read_thin(THIN, found)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
