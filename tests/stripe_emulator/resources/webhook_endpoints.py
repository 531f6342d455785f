"""/v1/webhook_endpoints."""

from tests.stripe_emulator.endpoints import new_endpoint
from tests.stripe_emulator.errors import not_implemented
from tests.stripe_emulator.operations import PAGED, operation
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import listed, merged_metadata
from tests.stripe_emulator.world import Call

KIND = "webhook_endpoint"


@operation(
    "POST /v1/webhook_endpoints",
    "api_version",
    "connect",
    "description",
    "enabled_events",
    "metadata",
    "url",
)
def create(call: Call) -> Object:
    """Make an endpoint. Its secret is told this once."""
    version = call.get("api_version", call.world.oracle.version)
    if version != call.world.oracle.version:
        raise not_implemented(f"webhook endpoints of version {version}")
    endpoint = new_endpoint(
        call.world,
        call.get("url"),
        [],
        connect=call.get("connect", False),
        enabled_events=call.get("enabled_events"),
        description=call.get("description"),
        metadata=merged_metadata({}, call.get("metadata")),
    )
    return {**endpoint, "secret": endpoint["_secrets"][0][0]}


@operation("GET /v1/webhook_endpoints/{webhook_endpoint}")
def retrieve(call: Call) -> Object:
    """Return one endpoint."""
    return call.world.find(call.account, KIND, call.path["webhook_endpoint"])


@operation(
    "POST /v1/webhook_endpoints/{webhook_endpoint}",
    "description",
    "disabled",
    "enabled_events",
    "metadata",
    "url",
)
def update(call: Call) -> Object:
    """Change an endpoint."""
    endpoint = retrieve(call)
    fields = call.given("description", "enabled_events", "url")
    if "disabled" in call.parameters:
        fields["status"] = "disabled" if call.get("disabled") else "enabled"
    metadata = merged_metadata(endpoint["metadata"], call.get("metadata"))
    return call.world.change(endpoint, **fields, metadata=metadata)


@operation("DELETE /v1/webhook_endpoints/{webhook_endpoint}")
def delete(call: Call) -> Object:
    """Delete an endpoint."""
    endpoint = retrieve(call)
    call.world.store.remove(endpoint["id"])
    return {"id": endpoint["id"], "object": KIND, "deleted": True}


@operation("GET /v1/webhook_endpoints", *PAGED)
def list_endpoints(call: Call) -> Object:
    """Return the account's endpoints."""
    return listed(call, KIND, "/v1/webhook_endpoints")
