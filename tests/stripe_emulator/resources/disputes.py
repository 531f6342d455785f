"""/v1/disputes: charges that the holder of the card took back."""

from tests.stripe_emulator import currencies, money
from tests.stripe_emulator.clock import DAY
from tests.stripe_emulator.errors import Refusal
from tests.stripe_emulator.jobs import job
from tests.stripe_emulator.operations import PAGED, operation
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import listed, merged_metadata, public
from tests.stripe_emulator.world import Call, World

KIND = "dispute"
DAYS_TO_ANSWER = 9
DAYS_TO_DECIDE = 60
# Evidence with one of these words as its text decides at once, as in Stripe's test mode.
DECIDING = {"winning_evidence": "won", "losing_evidence": "lost"}


def fee(currency: str) -> int:
    """Return what a dispute costs, won or lost: 15.00."""
    return 15 * 10 ** currencies.decimals(currency)


@job("disputes.open")
def open_dispute(
    world: World, charge: str, amount: int | None = None, reason: str = "fraudulent"
) -> str:
    """Take a charge, or a part of it, back from the balance. Returns the dispute's id."""
    account = world.store.owner(charge) or world.platform
    disputed = world.find(account, "charge", charge)
    if disputed["disputed"] or disputed["status"] != "succeeded":
        raise Refusal(f"{charge} is disputed already, or has not succeeded", param="charge")
    dispute = _new(world, account, disputed, amount or disputed["amount"], reason)
    world.change(disputed, disputed=True)
    taken = money.record(
        world, account, "adjustment", -dispute["amount"], dispute["currency"], dispute["id"],
        fee=fee(dispute["currency"]), category="dispute",
    )  # fmt: skip
    world.change(dispute, balance_transactions=[public(taken)])
    world.emit("charge.dispute.created", dispute)
    world.emit("charge.dispute.funds_withdrawn", dispute)
    world.later(DAYS_TO_ANSWER * DAY, "disputes.answer_is_late", dispute=dispute["id"])
    return str(dispute["id"])


def _new(world: World, account: str, charge: Object, amount: int, reason: str) -> Object:
    details: Object = {
        "due_by": world.now + DAYS_TO_ANSWER * DAY,
        "enhanced_eligibility": {},
        "has_evidence": False,
    }
    details |= {"past_due": False, "submission_count": 0, "submission_method": "not_submitted"}
    card = {
        "brand": "visa",
        "case_type": "chargeback",
        "network": "visa",
        "network_reason_code": "10.4",
    }
    return world.new(
        account,
        KIND,
        "du",
        amount=amount,
        currency=charge["currency"],
        charge=charge["id"],
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
        balance_transactions=[],
        enhanced_eligibility_types=[],
        evidence={"enhanced_evidence": {}},
        evidence_details=details,
        is_charge_refundable=False,
        metadata={},
        payment_method_details={"type": "card", "card": card},
    )


@operation("POST /v1/disputes/{dispute}", "evidence", "submit", "metadata")
def update(call: Call) -> Object:
    """Write evidence, and submit it unless `submit` is false."""
    dispute = retrieve(call)
    if dispute["status"] != "needs_response":
        raise Refusal(f"This dispute is already {dispute['status']}.")
    evidence = {**dispute["evidence"], **call.get("evidence", {})}
    metadata = merged_metadata(dispute["metadata"], call.get("metadata"))
    call.world.change(dispute, evidence=evidence, metadata=metadata)
    if not call.get("submit", "evidence" in call.parameters):
        return dispute
    details = dispute["evidence_details"] | {
        "has_evidence": True,
        "submission_count": 1,
        "submission_method": "manual",
    }
    call.world.change(
        dispute, "charge.dispute.updated", status="under_review", evidence_details=details
    )
    decision = DECIDING.get(evidence.get("uncategorized_text", ""))
    call.world.later(
        0 if decision else DAYS_TO_DECIDE * DAY,
        "disputes.decide",
        dispute=dispute["id"],
        status=decision or "won",
    )
    return dispute


@operation("POST /v1/disputes/{dispute}/close")
def close(call: Call) -> Object:
    """Accept that the money is lost."""
    dispute = retrieve(call)
    if dispute["status"] not in ("needs_response", "under_review"):
        raise Refusal("This dispute is already closed")
    decide(call.world, dispute["id"], "lost")
    return retrieve(call)


@job("disputes.answer_is_late")
def answer_is_late(world: World, dispute: str) -> None:
    """A dispute that nobody answered is lost."""
    found = world.store.get(dispute)
    if found and found["status"] == "needs_response":
        decide(world, dispute, "lost")


@job("disputes.decide")
def decide(world: World, dispute: str, status: str) -> None:
    """Decide a dispute: the money of a won one comes back, its fee does not. A lost one can be won on appeal."""
    found = world.store.get(dispute)
    before = {"needs_response", "under_review"} | ({"lost"} if status == "won" else set())
    if found is None or found["status"] not in before:
        return
    account = world.store.owner(dispute) or world.platform
    if status == "won":
        back = money.record(
            world,
            account,
            "adjustment",
            found["amount"],
            found["currency"],
            dispute,
            category="dispute_reversal",
        )
        world.change(found, balance_transactions=[*found["balance_transactions"], public(back)])
        world.emit("charge.dispute.funds_reinstated", found)
    world.change(found, "charge.dispute.closed", status=status)


@operation("GET /v1/disputes/{dispute}")
def retrieve(call: Call) -> Object:
    """Return one dispute."""
    return call.world.find(call.account, KIND, call.path["dispute"])


@operation("GET /v1/disputes", *PAGED, "charge", "payment_intent")
def list_disputes(call: Call) -> Object:
    """Return the account's disputes."""
    return listed(call, KIND, "/v1/disputes")
