"""/v2/core/event_destinations."""

from tests.stripe_emulator import events
from tests.stripe_emulator.clock import iso
from tests.stripe_emulator.endpoints import new_destination
from tests.stripe_emulator.errors import Refusal, not_implemented
from tests.stripe_emulator.operations import operation
from tests.stripe_emulator.resources.accounts import page_of
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import merged_metadata, public
from tests.stripe_emulator.world import Call

KIND = "v2.core.event_destination"
FIELDS = ("description", "enabled_events", "name")
SECRET, URL = "webhook_endpoint.signing_secret", "webhook_endpoint.url"
# The names that older versions had.
SCOPES = {"self": "@self", "other_accounts": "@accounts"}


@operation(
    "POST /v2/core/event_destinations",
    *FIELDS, "event_payload", "events_from", "include", "metadata", "snapshot_api_version", "type", "webhook_endpoint",
)  # fmt: skip
def create(call: Call) -> Object:
    """Make a destination. Its secret is told if the request includes it."""
    if call.get("type") != "webhook_endpoint" or not call.get("webhook_endpoint"):
        raise not_implemented(f"event destinations of type {call.get('type')}")
    version = call.get("snapshot_api_version")
    if call.get("event_payload") == "snapshot" and version != call.world.oracle.version:
        raise Refusal(
            f"snapshot_api_version must be {call.world.oracle.version}",
            param="snapshot_api_version",
        )
    destination = new_destination(
        call.world,
        call.get("webhook_endpoint")["url"],
        [],
        **call.given(*FIELDS, "event_payload", "snapshot_api_version"),
        events_from=[SCOPES.get(scope, scope) for scope in call.get("events_from") or ["@self"]],
        metadata=merged_metadata({}, call.get("metadata")),
    )
    return view(call, destination)


def view(call: Call, destination: Object) -> Object:
    """Return a destination as the API shows it: address and secret if they are included."""
    included = call.get("include") or []
    hook = {
        "url": destination["webhook_endpoint"]["url"] if URL in included else None,
        "signing_secret": destination["_secrets"][0][0] if SECRET in included else None,
    }
    return {**public(destination), "webhook_endpoint": hook}


def _find(call: Call) -> Object:
    return call.world.find(call.account, KIND, call.path["id"])


@operation("GET /v2/core/event_destinations/{id}", "include")
def retrieve(call: Call) -> Object:
    """Return one destination."""
    return view(call, _find(call))


@operation("POST /v2/core/event_destinations/{id}", *FIELDS, "include", "metadata")
def update(call: Call) -> Object:
    """Change a destination."""
    destination = _find(call)
    metadata = merged_metadata(destination["metadata"], call.get("metadata"))
    call.world.change(
        destination, **call.given(*FIELDS), metadata=metadata, updated=iso(call.world.now)
    )
    return view(call, destination)


@operation("POST /v2/core/event_destinations/{id}/disable")
def disable(call: Call) -> Object:
    """Send a destination nothing."""
    details = {"disabled": {"reason": "user"}}
    return view(call, call.world.change(_find(call), status="disabled", status_details=details))


@operation("POST /v2/core/event_destinations/{id}/enable")
def enable(call: Call) -> Object:
    """Send a destination events again."""
    return view(call, call.world.change(_find(call), status="enabled", status_details=None))


@operation("POST /v2/core/event_destinations/{id}/ping")
def ping(call: Call) -> Object:
    """Send a destination an event that tells of nothing."""
    destination = _find(call)
    url = f"/v2/core/event_destinations/{destination['id']}"
    related = {"id": destination["id"], "type": KIND, "url": url}
    identifier = events.emit_v2(call.world, call.account, "v2.core.event_destination.ping", related)
    return call.world.find(call.account, "v2.core.event", identifier)


@operation("DELETE /v2/core/event_destinations/{id}")
def delete(call: Call) -> Object:
    """Delete a destination."""
    destination = _find(call)
    call.world.store.remove(destination["id"])
    return {"id": destination["id"], "object": KIND, "deleted": True}


@operation("GET /v2/core/event_destinations", "include", "limit", "page")
def list_destinations(call: Call) -> Object:
    """Return the platform's destinations."""
    return page_of(call, KIND, "/v2/core/event_destinations", lambda each: view(call, each))
