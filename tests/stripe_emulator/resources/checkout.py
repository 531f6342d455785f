"""/v1/checkout/sessions: a hosted page on which somebody pays once."""

from typing import Any

from tests.stripe_emulator import currencies
from tests.stripe_emulator.clock import DAY, MINUTE
from tests.stripe_emulator.errors import Refusal, check_known, not_implemented, parameter_missing
from tests.stripe_emulator.jobs import job
from tests.stripe_emulator.operations import PAGED, operation
from tests.stripe_emulator.payments import FOLLOWERS, intent_for
from tests.stripe_emulator.resources.payment_intents import CHOICES, method_types
from tests.stripe_emulator.store import Object, new_id
from tests.stripe_emulator.views import EXPANSIONS, listed, listing, merged_metadata
from tests.stripe_emulator.world import Call, World

KIND = "checkout.session"
INTENT_FIELDS = (
    "description",
    "receipt_email",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)
KEPT = (
    "client_reference_id",
    "customer",
    "customer_creation",
    "customer_email",
    "locale",
    "submit_type",
)


@operation(
    "POST /v1/checkout/sessions",
    *KEPT, *CHOICES, "cancel_url", "expires_at", "line_items", "metadata", "mode", "payment_intent_data",
    "success_url", "ui_mode",
)  # fmt: skip
def create(call: Call) -> Object:
    """Make a session, open for a day."""
    _check(call)
    items = [_line_item(each) for each in call.get("line_items")]
    currency, total = items[0]["currency"], sum(item["amount_total"] for item in items)
    if any(item["currency"] != currency for item in items):
        raise Refusal("All line items must have one currency.", param="line_items")
    currencies.check_charge(total, currency)
    expires = call.get("expires_at") or call.world.now + DAY
    session = call.world.new(
        call.account, KIND, "cs_test", **_fields(call, currency, total, expires), _items=items
    )
    call.world.change(session, url=f"{call.world.address}/checkout/{session['id']}")
    call.world.later(expires - call.world.now, "checkout.expire", session=session["id"])
    return session


def _check(call: Call) -> None:
    """Raise Refusal for what Stripe does not take, Fault for what the emulator does not."""
    if call.get("mode") != "payment":
        raise not_implemented(f"Checkout sessions with mode {call.get('mode')}")
    if call.get("ui_mode", "hosted_page") != "hosted_page":
        raise not_implemented(f"Checkout sessions with ui_mode {call.get('ui_mode')}")
    for param in ("line_items", "success_url"):
        if not call.get(param):
            raise parameter_missing(param)
    if call.get("customer"):
        call.world.find(call.account, "customer", call.get("customer"), "customer")
    if call.get("customer") and call.get("customer_email"):
        raise Refusal("You may only specify one of these parameters: customer, customer_email.")
    expires = call.get("expires_at")
    if expires and not 30 * MINUTE <= expires - call.world.now <= DAY:
        raise Refusal(
            "expires_at must be between 30 minutes and 24 hours from now.", param="expires_at"
        )
    check_known(
        call.get("payment_intent_data") or {}, "payment_intent_data", *INTENT_FIELDS, "metadata"
    )


def _line_item(given: Object) -> Object:
    check_known(given, "line_items", "price_data", "quantity")
    data = given["price_data"]
    check_known(data, "price_data", "currency", "product_data", "unit_amount")
    for param in ("product_data", "unit_amount"):
        if param not in data:
            raise parameter_missing(f"line_items[price_data][{param}]")
    currency, quantity = currencies.checked(data["currency"]), given.get("quantity", 1)
    amount = data["unit_amount"] * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": currency,
        "description": data["product_data"]["name"],
        "price": None,
        "quantity": quantity,
    }


def _fields(call: Call, currency: str, total: int, expires: int) -> dict[str, Any]:
    email = call.get("customer_email")
    return {
        **call.given(*KEPT, "success_url", "cancel_url"),
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "currency": currency,
        "custom_fields": [],
        "custom_text": {},
        "customer_creation": None
        if call.get("customer")
        else call.get("customer_creation", "if_required"),
        "customer_details": {"email": email} if email else None,
        "expires_at": expires,
        "metadata": merged_metadata({}, call.get("metadata")),
        "mode": "payment",
        "payment_method_collection": "if_required",
        "payment_method_types": method_types(call),
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "_intent_data": call.get("payment_intent_data") or {},
    }


def intent_of(world: World, session: Object) -> Object:
    """Return the intent of a session. It is made when somebody first tries to pay."""
    account = world.store.owner(session["id"]) or world.platform
    if session["payment_intent"]:
        return world.find(account, "payment_intent", session["payment_intent"])
    given = dict(session["_intent_data"])
    metadata = merged_metadata({}, given.pop("metadata", None))
    customer = session["customer"]
    if not customer and session["customer_creation"] == "always":
        customer = _new_customer(world, account, session)
    intent = intent_for(
        world, account, session["amount_total"], session["currency"],
        purpose=(KIND, session["id"]), metadata=metadata, customer=customer, **given,
    )  # fmt: skip
    world.change(session, payment_intent=intent["id"], customer=customer)
    return intent


def _new_customer(world: World, account: str, session: Object) -> str:
    customer = world.new(account, "customer", "cus", email=session["customer_email"], metadata={})
    world.emit("customer.created", customer)
    return str(customer["id"])


def follow(world: World, identifier: str, intent: Object) -> None:
    """Note how the payment of a session goes."""
    session = world.store.get(identifier)
    assert session is not None
    paid, was_open = intent["status"] == "succeeded", session["status"] == "open"
    if was_open and intent["status"] in ("succeeded", "processing"):
        details = session["customer_details"] or {
            "email": session["customer_email"] or "payer@example.com"
        }
        world.change(session, status="complete", url=None, customer_details=details)
    world.change(session, payment_status="paid" if paid else "unpaid")
    if was_open:
        world.emit("checkout.session.completed", session)
    else:
        outcome = "succeeded" if paid else "failed"
        world.emit(f"checkout.session.async_payment_{outcome}", session)


FOLLOWERS[KIND] = follow


@job("checkout.expire")
def expire(world: World, session: str) -> None:
    """Close a session that nobody paid."""
    found = world.store.get(session)
    if found and found["status"] == "open":
        world.change(found, status="expired", url=None)
        world.emit("checkout.session.expired", found)


@operation("POST /v1/checkout/sessions/{session}/expire")
def expire_now(call: Call) -> Object:
    """Close a session by hand."""
    session = retrieve(call)
    if session["status"] != "open":
        message = f'Only Checkout Sessions with a status in ["open"] can be expired. This one is {session["status"]}.'
        raise Refusal(message, code="checkout_session_not_open")
    expire(call.world, session["id"])
    return retrieve(call)


@operation("GET /v1/checkout/sessions/{session}")
def retrieve(call: Call) -> Object:
    """Return one session."""
    return call.world.find(call.account, KIND, call.path["session"], "session")


@operation("GET /v1/checkout/sessions", *PAGED, "customer", "payment_intent", "status")
def list_sessions(call: Call) -> Object:
    """Return the account's sessions."""
    return listed(call, KIND, "/v1/checkout/sessions")


def line_items_of(world: World, account: str, session: str) -> Object:
    """Return the line items of a session, which `expand` shows."""
    found = world.find(account, KIND, session)
    return listing(found["_items"], f"/v1/checkout/sessions/{session}/line_items")


EXPANSIONS[KIND, "line_items"] = line_items_of


@operation("GET /v1/checkout/sessions/{session}/line_items", "limit")
def list_line_items(call: Call) -> Object:
    """Return the line items of a session."""
    return line_items_of(call.world, call.account, call.path["session"])
