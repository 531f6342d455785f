"""The queue of webhooks: one row for each event and endpoint that wants it, and what tests do to it."""

from typing import TYPE_CHECKING, Any

import orjson

from tests.stripe_emulator.clock import DAY, HOUR, MINUTE
from tests.stripe_emulator.store import Object

if TYPE_CHECKING:
    from tests.stripe_emulator.world import World

# After so many failed attempts an endpoint is tried again this much later, and then never: three days in all.
PAUSES = (MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, *[12 * HOUR] * 4)
# `hold` keeps all events until they are delivered by hand; `duplicate` and `drop` are probabilities; each event is
# delayed by up to `delay` seconds, by which events overtake each other.
PLAIN = {"hold": False, "duplicate": 0.0, "drop": 0.0, "delay": 0, "seed": 0}
KEPT_AFTER_ROLL = DAY


def wanting(world: "World", account: str, kind: str, payload: str) -> list[str]:
    """Return the ids of the endpoints that want an event of an account, in the form "snapshot" or "thin"."""
    own = account == world.platform
    found = []
    if payload == "snapshot":
        for endpoint in world.store.select(world.platform, "webhook_endpoint", order="ASC"):
            if (
                endpoint["_connect"] != own
                and endpoint["status"] == "enabled"
                and _listed(endpoint, kind)
            ):
                found.append(endpoint["id"])
    for endpoint in world.store.select(world.platform, "v2.core.event_destination", order="ASC"):
        from_here = ("@self" if own else "@accounts") in endpoint["events_from"]
        if (
            from_here
            and endpoint["event_payload"] == payload
            and endpoint["status"] == "enabled"
            and _listed(endpoint, kind)
        ):
            found.append(endpoint["id"])
    return found


def _listed(endpoint: Object, kind: str) -> bool:
    return kind in endpoint["enabled_events"] or "*" in endpoint["enabled_events"]


def put(world: "World", endpoints: list[str], event: Object, payload: Object) -> None:
    """Queue an event for endpoints, as often and as late as tests want it."""
    treatment = PLAIN | world.store.setting("webhooks", {})
    body = orjson.dumps(payload)
    for endpoint in endpoints:
        state = "held" if treatment["hold"] else "pending"
        if world.dice.random() < treatment["drop"]:
            state = "dropped"
        for _ in range(2 if world.dice.random() < treatment["duplicate"] else 1):
            due = world.now + world.dice.randint(0, treatment["delay"])
            _insert(world, event["id"], endpoint, due, state, body)


def _insert(world: "World", event: str, endpoint: str, due: int, state: str, body: bytes) -> None:
    world.store.database.execute(
        "INSERT INTO deliveries (event, endpoint, due, attempts, state, body) VALUES (?, ?, ?, 0, ?, ?)",
        (event, endpoint, due, state, body),
    )


def due(world: "World") -> list[Any]:
    """Return the deliveries whose time has come, in order."""
    return world.store.rows(
        "SELECT * FROM deliveries WHERE state = 'pending' AND due <= ? ORDER BY due, id LIMIT 200",
        world.now,
    )


def waiting(world: "World") -> list[Any]:
    """Return the deliveries that were not made yet: held ones, and those whose time has not come."""
    return world.store.rows(
        "SELECT deliveries.*, objects.body ->> 'type' AS type FROM deliveries JOIN objects ON objects.id = event"
        " WHERE state IN ('held', 'pending') ORDER BY deliveries.id"
    )


def settle(world: "World", delivery: Any, status: int) -> None:
    """Note how an endpoint answered (0: not at all)."""
    delivered = 200 <= status < 300
    attempts = delivery["attempts"] + 1
    state = "delivered" if delivered else "pending" if attempts <= len(PAUSES) else "failed"
    later = PAUSES[attempts - 1] if state == "pending" else 0
    world.store.database.execute(
        "UPDATE deliveries SET state = ?, attempts = ?, status = ?, due = ? WHERE id = ?",
        (state, attempts, status, world.now + later, delivery["id"]),
    )
    if (
        delivered
        and (event := world.store.get(delivery["event"]))
        and event.get("pending_webhooks")
    ):
        event["pending_webhooks"] -= 1
        world.store.save(event)
