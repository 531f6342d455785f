"""Events: made with the change that they tell of, stored, and put in the queue of each endpoint that wants them."""

from typing import TYPE_CHECKING, Any

from tests.stripe_emulator import queue
from tests.stripe_emulator.clock import iso
from tests.stripe_emulator.store import Object, new_id
from tests.stripe_emulator.views import public

if TYPE_CHECKING:
    from tests.stripe_emulator.world import World


def emit(
    world: "World", account: str, kind: str, body: Object, previous: Object | None = None
) -> None:
    """Store a v1 event with a snapshot of an object, and its thin twin where the SDK knows one."""
    snapshot = public(body)
    world.oracle.check_object(snapshot)
    data: Object = {"object": snapshot} | ({"previous_attributes": previous} if previous else {})
    cause = world.cause
    event: Object = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": world.oracle.version,
        "created": world.now,
        "data": data,
        "livemode": False,
        "pending_webhooks": len(wanting := queue.wanting(world, account, kind, "snapshot")),
        "request": {
            "id": cause and cause.request,
            "idempotency_key": cause and cause.idempotency_key,
        },
        "type": kind,
    }
    if account != world.platform:
        event["account"] = account
    world.oracle.check_object(event)
    world.store.add(account, event, world.now)
    queue.put(world, wanting, event, event)
    if world.oracle.is_v2_event(f"v1.{kind}"):
        emit_v2(world, account, f"v1.{kind}", _related(snapshot), snapshot_event=event["id"])


def emit_v2(
    world: "World",
    account: str,
    kind: str,
    related: Object | None,
    data: Object | None = None,
    **more: Any,
) -> str:
    """Store a v2 event. Endpoints get a thin notification of it, and retrieve the rest. Returns its id."""
    event: Object = {
        "id": new_id("evt"),
        "object": "v2.core.event",
        "type": kind,
        "created": iso(world.now),
    }
    event |= {
        "livemode": False,
        "context": None if account == world.platform else account,
        "reason": None,
        **more,
    }
    if cause := world.cause:
        request = {"id": cause.request, "idempotency_key": cause.idempotency_key or ""}
        event["reason"] = {"type": "request", "request": request}
    if related:
        event["related_object"] = related
    if data:
        event["data"] = data
    world.oracle.check_v2_event(event)
    # The platform lists the events of accounts that it made, as it lists the accounts.
    world.store.add(
        world.platform if kind.startswith("v2.core.account") else account, event, world.now
    )
    if wanting := queue.wanting(world, account, kind, "thin"):
        world.oracle.check_v2_event(thin := notification(event), thin=True)
        queue.put(world, wanting, event, thin)
    return str(event["id"])


def notification(event: Object) -> Object:
    """Return what a thin destination gets of a v2 event."""
    left_out = ("data", "changes", "snapshot_event")
    return {name: value for name, value in event.items() if name not in left_out}


def _related(body: Object) -> Object:
    """Return the object that a thin event tells of, and where the SDK retrieves it. A balance has no id."""
    kind = body["object"]
    if "id" not in body:
        return {"type": kind, "url": f"/v1/{kind}"}
    families = {
        "bank_account": f"accounts/{body.get('account')}/external_accounts",
        "checkout.session": "checkout/sessions",
    }
    family = families.get(kind, f"{kind}s")
    return {"id": body["id"], "type": kind, "url": f"/v1/{family}/{body['id']}"}
