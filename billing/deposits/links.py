"""How the money page names a deposit and where it leads."""

from collections.abc import Mapping, Sequence

from django.urls import reverse

from billing.deposits.models import Deposit
from billing.ledger import links
from billing.ledger.links import Link


def of_payments(slug: str, causes: Sequence[str]) -> Mapping[str, Link]:
    """Return the deposits that these journals, `payment:<id>` or `repay:<id>`, are about."""
    by_payment: dict[str, list[str]] = {}
    for cause in causes:
        by_payment.setdefault(cause.partition(":")[2], []).append(cause)
    return {
        cause: Link(
            title_of(deposit), reverse("deposit", args=[slug, deposit.pk]), deposit.receipt_url
        )
        for deposit in Deposit.objects.filter(payment_intent__in=by_payment)
        for cause in by_payment[deposit.payment_intent]
    }


def title_of(deposit: Deposit) -> str:
    """Return what a deposit is called."""
    return "Deposit by card" if deposit.paid_by == "card" else "Deposit"


def register() -> None:
    """Register the links. Called from the AppConfig's ready()."""
    links.register("payment", of_payments)
