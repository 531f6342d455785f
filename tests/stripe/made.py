"""Makes what tests of Stripe need: stored events, and signed bodies of webhooks."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from stripe import WebhookSignature

from billing.stripe import inbound
from billing.stripe.events import PLATFORM, Event
from billing.stripe.models import InboundEvent
from rlhfhub.tenancy import planes

KEY = "sk_test_51Room"
SECRETS = {
    "platform": ["whsec_platform"],
    "connect": ["whsec_connect"],
    "thin": ["whsec_thin"],
}
AT = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


def event(type: str = "payment_intent.succeeded", **fields: Any) -> Event:
    """Return an event of the platform about a payment intent."""
    made = Event(
        endpoint=PLATFORM,
        id=f"evt_{uuid4().hex}",
        type=type,
        account="",
        object_kind="payment_intent",
        object_id="pi_1",
        happened_at=AT,
    )
    return replace(made, **fields)


def make_event(type: str = "payment_intent.succeeded", **fields: Any) -> Event:
    """Store an event, as the webhook does."""
    made = event(type, **fields)
    with planes.at_door():
        assert inbound.store(events=[made])
    return made


def stored(event: Event) -> InboundEvent:
    """Return the row of an event."""
    with planes.as_system():
        return InboundEvent.objects.get(endpoint=event.endpoint, event_id=event.id)


def snapshot(**changes: Any) -> dict[str, Any]:
    """Return the body of a snapshot event, as Stripe sends it."""
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "api_version": settings.STRIPE_VERSION,
        "created": int(AT.timestamp()),
        "data": {"object": {"id": "pi_1", "object": "payment_intent", "amount": 500}},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": "req_1", "idempotency_key": None},
        "type": "payment_intent.succeeded",
        **changes,
    }


def thin(**changes: Any) -> dict[str, Any]:
    """Return the body of a thin event, as Stripe sends it."""
    return {
        "id": f"evt_test_{uuid4().hex}",
        "object": "v2.core.event",
        "type": "v2.core.account[requirements].updated",
        "created": "2026-11-20T12:30:00.250Z",
        "livemode": False,
        "context": "acct_1",
        "related_object": {
            "id": "acct_1",
            "type": "v2.core.account",
            "url": "/v2/core/accounts/acct_1",
        },
        **changes,
    }


def written(body: Any) -> str:
    """Return a body as text; text stays as it is."""
    return body if isinstance(body, str) else json.dumps(body)


def signature(body: Any, secret: str = "whsec_platform", *, ago: float = 0) -> str:
    """Return the header with which Stripe would sign a body so many seconds ago."""
    at = int(time.time() - ago)
    return WebhookSignature.generate_signature_header(written(body), secret, at)
