"""/v1/invoice_payments: which intent pays which invoice."""

from tests.stripe_emulator.operations import PAGED, operation
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import listed
from tests.stripe_emulator.world import Call

KIND = "invoice_payment"


@operation("GET /v1/invoice_payments", *PAGED, "invoice", "payment", "status")
def list_payments(call: Call) -> Object:
    """Return the payments of an invoice, or those of an intent."""
    intent = (call.get("payment") or {}).get("payment_intent")
    where = ("body ->> '$.payment.payment_intent' = ?", intent) if intent else ()
    return listed(call, KIND, "/v1/invoice_payments", *where)


@operation("GET /v1/invoice_payments/{invoice_payment}")
def retrieve(call: Call) -> Object:
    """Return one payment of an invoice."""
    return call.world.find(call.account, KIND, call.path["invoice_payment"])
