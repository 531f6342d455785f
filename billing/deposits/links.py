"""How the money page names a deposit and where it leads."""

from collections.abc import Mapping, Sequence

from django.urls import reverse

from billing.deposits.models import Deposit, Dispute
from billing.ledger import links
from billing.ledger.links import Link


def of_payments(slug: str, causes: Sequence[str]) -> Mapping[str, Link]:
    """Return the deposits that these journals, `payment:<id>` or `repay:<id>`, are about."""
    by_payment: dict[str, list[str]] = {}
    for cause in causes:
        by_payment.setdefault(cause.partition(":")[2], []).append(cause)
    return {
        cause: _link(slug, cause, deposit)
        for deposit in Deposit.objects.filter(payment_intent__in=by_payment)
        for cause in by_payment[deposit.payment_intent]
    }


def _link(slug: str, cause: str, deposit: Deposit) -> Link:
    path = reverse("deposit", args=[slug, deposit.pk])
    is_payment = cause.startswith("payment:")
    if not is_payment:
        return Link("", path)
    return Link(title_of(deposit), path, deposit.receipt_url, deposit.invoice_url)


def of_disputes(slug: str, causes: Sequence[str]) -> Mapping[str, Link]:
    """Return the deposits that these journals, such as `disputewon:<id>`, are about."""
    named = {cause.partition(":")[2]: cause for cause in causes}
    rows = Dispute.objects.filter(dispute_id__in=named).values_list("dispute_id", "deposit_id")
    return {
        named[dispute_id]: Link("", reverse("deposit", args=[slug, deposit_id]))
        for dispute_id, deposit_id in rows
    }


def of_refunds(slug: str, causes: Sequence[str]) -> Mapping[str, Link]:
    """Return the page that lists refunds, for journals that move their money."""
    return dict.fromkeys(causes, Link("", reverse("refunds", args=[slug])))


def title_of(deposit: Deposit) -> str:
    """Return what a deposit is called."""
    if deposit.method == Deposit.Method.INVOICE:
        return f"Deposit by invoice {deposit.invoice_number}".rstrip()
    return "Deposit by card" if deposit.paid_by == "card" else "Deposit"


def register() -> None:
    """Register the links. Called from the AppConfig's ready()."""
    for kind in ("payment", "repay"):
        links.register(kind, of_payments)
    for kind in ("refundask", "refundfail"):
        links.register(kind, of_refunds)
    for kind in ("dispute", "disputewon", "disputelost", "disputeappeal"):
        links.register(kind, of_disputes)
