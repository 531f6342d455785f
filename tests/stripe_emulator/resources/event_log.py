"""/v1/events and /v2/core/events: what happened, for whoever missed a webhook."""

from tests.stripe_emulator.clock import seconds
from tests.stripe_emulator.errors import missing
from tests.stripe_emulator.operations import PAGED, operation
from tests.stripe_emulator.resources.accounts import page_of
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import COMPARISONS, listed, public
from tests.stripe_emulator.world import Call

DELIVERED = (
    "NOT EXISTS (SELECT 1 FROM deliveries WHERE event = objects.id AND state != 'delivered')"
)


@operation("GET /v1/events", *PAGED, "delivery_success", "type", "types")
def list_events(call: Call) -> Object:
    """Return the account's v1 events: all, or those that did or did not reach every endpoint yet."""
    conditions, values = [], []
    if (delivered := call.get("delivery_success")) is not None:
        conditions.append(DELIVERED if delivered else f"NOT {DELIVERED}")
    if types := call.get("types"):
        conditions.append(f"body ->> 'type' IN ({', '.join('?' * len(types))})")
        values += types
    return listed(call, "event", "/v1/events", " AND ".join(conditions), *values)


@operation("GET /v1/events/{id}")
def retrieve_event(call: Call) -> Object:
    """Return one v1 event."""
    return call.world.find(call.account, "event", call.path["id"])


@operation("GET /v2/core/events", "created", "limit", "object_id", "page", "types")
def list_v2_events(call: Call) -> Object:
    """Return the account's v2 events; the platform's are also those of the accounts that it made."""
    conditions, values = ["1"], []
    if call.get("object_id"):
        conditions.append("body ->> '$.related_object.id' = ?")
        values.append(call.get("object_id"))
    if types := call.get("types"):
        conditions.append(f"body ->> 'type' IN ({', '.join('?' * len(types))})")
        values += types
    for name, time in (call.get("created") or {}).items():
        conditions.append(f"created {COMPARISONS[name]} ?")
        values.append(seconds(time))
    return page_of(
        call, "v2.core.event", "/v2/core/events", public, " AND ".join(conditions), *values
    )


@operation("GET /v2/core/events/{id}")
def retrieve_v2_event(call: Call) -> Object:
    """Return one v2 event, which a connected account may retrieve too if it tells of it."""
    event = call.world.store.get(call.path["id"])
    owner = call.world.store.owner(call.path["id"])
    if (
        event is None
        or event["object"] != "v2.core.event"
        or call.account not in (owner, event["context"])
    ):
        raise missing("event", call.path["id"])
    return public(event)
