"""Notices by which members who manage money learn what became of deposits, invoices, disputes and refunds."""

from typing import Any

from django.db.models.functions import JSONObject
from django.urls import reverse

from billing.deposits.models import Deposit, Dispute, Refund
from rlhfhub.ground.money import format_minor
from rlhfhub.notices import kinds, services
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic
from rlhfhub.tenancy.models import Membership, Workspace
from rlhfhub.tenancy.roles import Capability, Role, may

PAID, FAILED, DISPUTED = "deposit.paid", "deposit.failed", "deposit.disputed"
REFUNDED, INVOICE = "deposit.refunded", "deposit.invoice"
_READERS = [role for role in Role.values if may(role, Capability.MONEY)]


def tell_of_payment(deposit: Deposit) -> None:
    """Tell that the money is there. System plane, in the transaction that books it."""
    assert deposit.received_minor is not None
    received = format_minor(deposit.received_minor, deposit.currency)
    is_other = deposit.received_minor != deposit.amount_minor
    _tell(deposit, PAID, {"received": received, "is_other": is_other})


def tell_of_failure(deposit: Deposit) -> None:
    """Tell that nothing was paid, and why. System plane."""
    _tell(deposit, FAILED, {"error": deposit.error})


def tell_of_invoice(deposit: Deposit, state: str) -> None:
    """Tell, once, that an invoice is overdue, uncollectible or void. System plane."""
    data = {"state": state, "number": deposit.invoice_number}
    _tell(deposit, INVOICE, data, f"{deposit.pk}:{state}")


def tell_of_dispute(dispute: Dispute) -> None:
    """Tell that a payment is disputed, or how that ended. System plane."""
    state = str(dispute.state)
    data = {"state": state, "disputed": format_minor(dispute.amount_minor, dispute.currency)}
    _tell(dispute.deposit, DISPUTED, data, f"{dispute.pk}:{state}")


def tell_of_refund(refund: Refund) -> None:
    """Tell that a refund by Stripe is done, or failed. System plane."""
    amount = format_minor(refund.amount_minor, refund.currency)
    data = {"amount": amount, "error": refund.error}
    _tell_members(refund.workspace, REFUNDED, data, f"{refund.pk}:{refund.state}")


def _tell(deposit: Deposit, kind: str, data: dict[str, Any], cause: object = None) -> None:
    about = {
        "deposit_id": str(deposit.pk),
        "amount": format_minor(deposit.amount_minor, deposit.currency),
    }
    _tell_members(deposit.workspace, kind, about | data, cause or deposit.pk)


def _tell_members(workspace: Workspace, kind: str, data: dict[str, Any], cause: object) -> None:
    readers = Membership.objects.filter(workspace=workspace, role__in=_READERS)
    services.tell_all(
        people=readers.values_list("user_id", JSONObject()),
        workspace_id=workspace.pk,
        kind=kind,
        cause=cause,
        data={"workspace": workspace.name, "slug": workspace.slug, **data},
    )


def _paid(data: dict[str, Any]) -> Words:
    text = "It is on the free balance and can fund batches now."
    if data["is_other"]:
        text = f"Asked for were {data['amount']}. What was received is on the free balance now."
    return Words(f"{data['workspace']}: {data['received']} paid in", text, _path(data))


def _failed(data: dict[str, Any]) -> Words:
    title = f"{data['workspace']}: a deposit of {data['amount']} failed"
    return Words(title, f"{data['error']} Nothing was paid. You can try again.", _path(data))


_INVOICE = {
    "overdue": (
        "invoice {number} is overdue",
        "Its {amount} have not come. You can still pay it, or cancel it.",
    ),
    "uncollectible": (
        "invoice {number} is no longer expected to be paid",
        "The platform has noted so at Stripe. You can still pay it, or cancel it.",
    ),
    "void": (
        "invoice {number} is canceled",
        "Nobody can pay its {amount} any more. You can still add money in another way.",
    ),
}


def _invoice(data: dict[str, Any]) -> Words:
    title, text = _INVOICE[data["state"]]
    return Words(f"{data['workspace']}: {title.format(**data)}", text.format(**data), _path(data))


_DISPUTED = {
    "open": (
        "The bank has taken {disputed} back",
        "Until it is decided whose the money is, nothing is funded, opened or refunded. Work in open batches goes on, "
        "and what annotators earned is paid. The platform answers the bank.",
    ),
    "won": (
        "The bank has given {disputed} back",
        "The dispute was decided for you. Batches can be funded and opened again.",
    ),
    "appeal_won": (
        "The bank has given {disputed} back after all",
        "The appeal was decided for you. The money is on the free balance, less what was owed.",
    ),
    "lost": (
        "The bank keeps {disputed}",
        "The dispute was decided against you. Batches can be funded and opened again. What was spent of the money "
        "already is owed, and the next deposit repays it first.",
    ),
}


def _disputed(data: dict[str, Any]) -> Words:
    title, text = _DISPUTED[data["state"]]
    return Words(f"{data['workspace']}: {title.format(**data)}", text, _path(data))


def _refunded(data: dict[str, Any]) -> Words:
    path = reverse("refunds", args=[data["slug"]])
    if data["error"]:
        title = f"{data['workspace']}: {data['amount']} could not be given back"
        return Words(title, f"{data['error']} The money is on the free balance.", path)
    title = f"{data['workspace']}: {data['amount']} is on its way back"
    return Words(title, "A card or bank shows it within some days.", path)


def _path(data: dict[str, Any]) -> str:
    return reverse("deposit", args=[data["slug"], data["deposit_id"]])


def register() -> None:
    """Register the kinds. Called from the AppConfig's ready()."""
    kinds.register(
        Kind(PAID, Topic.MONEY, _paid),
        Kind(FAILED, Topic.MONEY, _failed),
        Kind(INVOICE, Topic.MONEY, _invoice),
        Kind(DISPUTED, Topic.MONEY, _disputed),
        Kind(REFUNDED, Topic.MONEY, _refunded),
    )
