"""Events that Stripe sends: checked before anything is stored, and stored once.

The checks need no database. Of a refusal the sender learns which check it failed, and never how near a signature came.
"""

import json
import time
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from billing.stripe import client
from billing.stripe.errors import Unreadable
from billing.stripe.events import CONNECT, THIN, Event, is_thin, read_snapshot, read_thin
from billing.stripe.fields import Fields
from rlhfhub.events import broker
from rlhfhub.ground.refusals import Refused

#: The largest body. Snapshots of an object take some kilobytes.
MOST_BYTES = 512 * 1024
#: Seconds by which the time of a signature may differ from ours, either way.
MOST_SKEW_SECONDS = 300


def checked(*, endpoint: str, body: bytes, signature: str) -> Event:
    """Return the event of a request to one endpoint.

    Raises: Refused with the code `not_set_up`, `bad_signature`, `bad_time`, `bad_json`, `bad_event`, `wrong_payload`,
    `wrong_mode` or `wrong_version`.
    """
    text = _signed_text(endpoint, body, signature)
    _check_time(signature)
    try:
        # Not rlhfhub.ground.strict_json: Stripe may send numbers and texts that we would not store, and do not.
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused("bad_json", "The body is not JSON.") from error
    try:
        return _event(endpoint, Fields(found))
    except Unreadable as error:
        raise Refused("bad_event", str(error)) from error


def _signed_text(endpoint: str, body: bytes, signature: str) -> str:
    """Return the body as text if it was signed with one of the endpoint's secrets."""
    import stripe  # imported late, see errors.translated

    if not (secrets := settings.STRIPE_WEBHOOK_SECRETS[endpoint]) or not client.is_set_up():
        raise Refused("not_set_up", "Stripe is not set up here.")
    refused = Refused(
        "bad_signature", "The signature is missing, or not by this endpoint's secret."
    )
    # The SDK compares text in constant time, which Python can only do for ASCII.
    if not signature.isascii():
        raise refused
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise refused from error
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(text, signature, secret)
        except stripe.SignatureVerificationError:
            continue
        return text
    raise refused


def _check_time(signature: str) -> None:
    """Refuse a signature of long ago, which may be recorded, and one of the future, which the SDK would accept.

    By this machine's clock: nothing is read from the database before all checks have passed.
    """
    times = [part[2:] for part in signature.split(",") if part.startswith("t=")]
    if len(times) != 1 or not times[0].isdigit():
        raise Refused("bad_time", "The signature must name one time.")
    if abs(time.time() - int(times[0])) > MOST_SKEW_SECONDS:
        raise Refused("bad_time", f"The signature is more than {MOST_SKEW_SECONDS} seconds off.")


def _event(endpoint: str, found: Fields) -> Event:
    thin = is_thin(found)
    if thin != (endpoint == THIN):
        raise Refused("wrong_payload", "Thin events and snapshots have endpoints of their own.")
    if found.flag("livemode") != client.is_live():
        # Stripe sends test events of connected accounts to a live endpoint too, and gives up one that refuses them.
        status = 200 if endpoint == CONNECT and client.is_live() else 400
        words = "The event is of the other mode than our key: live or test."
        raise Refused("wrong_mode", words, status=status)
    if thin:
        return read_thin(endpoint, found)
    if found.text_or_empty("api_version") != settings.STRIPE_VERSION:
        raise Refused("wrong_version", f"The endpoint must use version {settings.STRIPE_VERSION}.")
    return read_snapshot(endpoint, found)


_STORE = "SELECT door_stripe_event(%s, %s, %s, %s, %s, %s, %s)"


def store(*, events: Iterable[Event]) -> int:
    """Store events, each once, and let a worker take them after the commit. Door or system plane.

    Returns: how many were new.
    """
    new = sum(map(_store, events))
    if new:
        transaction.on_commit(lambda: broker.enqueue("stripe.process", expires=60))
    return new


def _store(event: Event) -> bool:
    values: list[Any] = [
        event.endpoint,
        event.id,
        event.type,
        event.account,
        event.object_kind,
        event.object_id,
        event.happened_at,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_STORE, values)
        new: bool = cursor.fetchone()[0]
    return new
