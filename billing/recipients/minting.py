"""Asks Stripe for the addresses that people wait for, and deletes those that have expired."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.urls import reverse

from billing.recipients.models import Link
from billing.stripe.calls import account_links
from billing.stripe.errors import Busy, Refused, Unknown
from rlhfhub.tenancy import planes

#: A claim is this long, and an address without an end of its own is kept this long.
CLAIM_SECONDS, KEPT_SECONDS = 360, 300
#: Who asked for an address waits no longer than this for Stripe.
PATIENCE_MINUTES = 30
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 2, 60

_END = """
    UPDATE billing_recipients_link SET state = 'ended', url = ''
    WHERE state = 'ready' AND next_at <= statement_timestamp()
       OR state = 'asked' AND created_at <= statement_timestamp() - make_interval(mins => %s)
"""
_CLAIM = """
    UPDATE billing_recipients_link l SET tries = l.tries + 1,
           next_at = clock_timestamp() + make_interval(secs => %s)
    FROM billing_recipients_recipient r
    WHERE r.person_id = l.person_id AND l.id = (
        SELECT k.id FROM billing_recipients_link k JOIN billing_recipients_recipient o ON o.person_id = k.person_id
        WHERE k.state = 'asked' AND k.next_at <= statement_timestamp() AND o.account <> ''
        ORDER BY k.next_at LIMIT 1 FOR UPDATE OF k SKIP LOCKED)
    RETURNING l.id, l.kind, r.account, l.tries
"""
_READY = """
    UPDATE billing_recipients_link SET state = 'ready', url = %(url)s, expires_at = found.ends, next_at = found.ends
    FROM (SELECT COALESCE(%(ends)s::timestamptz, clock_timestamp() + make_interval(secs => %(kept)s)) AS ends) found
    WHERE id = %(id)s AND state = 'asked'
"""
_REFUSED = "UPDATE billing_recipients_link SET state = 'ended', error = %s WHERE id = %s AND state = 'asked'"
_PUT_OFF = """
    UPDATE billing_recipients_link SET error = %s, next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE id = %s AND state = 'asked'
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A link whose address this process asks for."""

    id: uuid.UUID
    kind: str
    account: str
    tries: int


def end() -> None:
    """Delete the addresses that have expired, and end the links for which somebody has waited too long."""
    _execute(_END, [PATIENCE_MINUTES])


def minted() -> Iterator[int]:
    """Ask for the addresses that are due, one after the other, until none is left or Stripe does not respond."""
    while claimed := _claim():
        is_away = _mint(claimed)
        yield 1
        if is_away:
            return


def _claim() -> Claimed | None:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [CLAIM_SECONDS])
        row = cursor.fetchone()
    return Claimed(*row) if row else None


def _mint(claimed: Claimed) -> bool:
    """Ask for one address, and note what became of it. Returns whether Stripe does not respond."""
    try:
        made = _asked(claimed)
    except Refused as error:
        _execute(_REFUSED, [str(error)[:500], claimed.id])
        return False
    except (Busy, Unknown) as error:
        pause = min(FIRST_PAUSE_SECONDS * 2 ** min(claimed.tries - 1, 10), LONGEST_PAUSE_SECONDS)
        _execute(_PUT_OFF, [str(error)[:500], pause, claimed.id])
        return True
    _ready(claimed.id, made.url, made.expires_at)
    return False


def _asked(claimed: Claimed) -> account_links.Link:
    key = f"link:{claimed.id}"
    if claimed.kind == Link.Kind.DASHBOARD:
        return account_links.login_link(key=key, account=claimed.account)
    return account_links.onboarding_link(
        key=key,
        account=claimed.account,
        return_url=_address("paid_returned"),
        refresh_url=_address("paid_again"),
    )


def _ready(link_id: uuid.UUID, url: str, expires_at: datetime | None) -> None:
    values: dict[str, Any] = {"id": link_id, "url": url, "ends": expires_at, "kept": KEPT_SECONDS}
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_READY, values)


def _execute(statement: str, values: list[Any]) -> None:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def _address(name: str) -> str:
    return settings.SITE_URL.rstrip("/") + reverse(name)
