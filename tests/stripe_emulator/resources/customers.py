"""/v1/customers."""

from tests.stripe_emulator.operations import PAGED, operation
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import listed, merged_metadata
from tests.stripe_emulator.world import Call

KIND = "customer"
FIELDS = (
    "address",
    "description",
    "email",
    "name",
    "phone",
    "preferred_locales",
    "shipping",
    "tax_exempt",
)


@operation("POST /v1/customers", *FIELDS, "metadata")
def create(call: Call) -> Object:
    """Make a customer."""
    fields = {"balance": 0, "delinquent": False, "preferred_locales": [], "tax_exempt": "none"}
    customer = call.world.new(
        call.account,
        KIND,
        "cus",
        **fields | call.given(*FIELDS),
        metadata=merged_metadata({}, call.get("metadata")),
    )
    call.world.emit("customer.created", customer)
    return customer


@operation("GET /v1/customers/{customer}")
def retrieve(call: Call) -> Object:
    """Return one customer."""
    return call.world.find(call.account, KIND, call.path["customer"], "customer")


@operation("POST /v1/customers/{customer}", *FIELDS, "metadata")
def update(call: Call) -> Object:
    """Change a customer."""
    customer = retrieve(call)
    fields = call.given(*FIELDS)
    metadata = merged_metadata(customer["metadata"], call.get("metadata"))
    return call.world.change(customer, "customer.updated", **fields, metadata=metadata)


@operation("DELETE /v1/customers/{customer}")
def delete(call: Call) -> Object:
    """Delete a customer."""
    customer = retrieve(call)
    call.world.emit("customer.deleted", customer)
    call.world.store.remove(customer["id"])
    return {"id": customer["id"], "object": KIND, "deleted": True}


@operation("GET /v1/customers", *PAGED, "email")
def list_customers(call: Call) -> Object:
    """Return the account's customers, or those with an email address."""
    email = ("body ->> 'email' = ?", call.get("email")) if call.get("email") else ()
    return listed(call, KIND, "/v1/customers", *email)
