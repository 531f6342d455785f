"""Events: that something happened to an object at Stripe.

Snapshots (API v1) and thin events (API v2) are read into the same shape. Only the object's id is kept, and handlers
fetch the object: what an event says of it may be old, and may be what Stripe knows about people.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from billing.stripe.errors import Unreadable
from billing.stripe.fields import Fields

PLATFORM, CONNECT, THIN = "platform", "connect", "thin"
#: The webhook endpoints, each with secrets of its own.
ENDPOINTS = (PLATFORM, CONNECT, THIN)
_SNAPSHOT, _THIN = "event", "v2.core.event"
_ID = re.compile(r"evt_[A-Za-z0-9_]{1,120}")
_TYPE = re.compile(r"[A-Za-z0-9_.\[\]]{1,120}")
_OBJECT = re.compile(r"[A-Za-z0-9_.\-]{0,255}")


@dataclass(frozen=True, slots=True)
class Event:
    """An event of one endpoint. `account` is the connected account to which it happened, "" for the platform.

    `object_id` is "" for an object without an id, such as a balance.
    """

    endpoint: str
    id: str
    type: str
    account: str
    object_kind: str
    object_id: str
    happened_at: datetime


def is_thin(found: Fields) -> bool:
    """Return whether these are the fields of a thin event. Raises: Unreadable for what is no event."""
    return found.one_of("object", (_SNAPSHOT, _THIN)) == _THIN


def read_snapshot(endpoint: str, found: Fields) -> Event:
    """Return an event of API v1. Raises: Unreadable."""
    about = found.part("data").part("object")
    return _event(
        endpoint,
        found,
        found.text_or_empty("account"),
        about.text("object"),
        about.text_or_empty("id"),
    )


def read_thin(endpoint: str, found: Fields) -> Event:
    """Return an event of API v2. Raises: Unreadable."""
    about = found.part_or_none("related_object")
    # A context names the account, after its organization if that has one.
    account = found.text_or_empty("context").rpartition("/")[2]
    kind, key = (about.text("type"), about.text_or_empty("id")) if about else ("", "")
    return _event(endpoint, found, account, kind, key)


def _event(endpoint: str, found: Fields, account: str, kind: str, key: str) -> Event:
    event = Event(
        endpoint=endpoint,
        id=found.text("id"),
        type=found.text("type"),
        account=account,
        object_kind=kind,
        object_id=key,
        happened_at=found.moment("created"),
    )
    named = (
        (event.id, _ID),
        (event.type, _TYPE),
        (account, _OBJECT),
        (kind, _OBJECT),
        (key, _OBJECT),
    )
    for value, pattern in named:
        if not pattern.fullmatch(value):
            raise Unreadable(f"an event names {value[:60]!r}")
    return event
