"""What people are told about their payouts: one was sent, failed or taken back, a bank did not take one."""

from typing import Any

from django.urls import reverse

from billing.payouts.models import BankPayout, Payout, Reversal
from rlhfhub.ground.money import format_minor
from rlhfhub.notices import kinds, services
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic

SENT, FAILED, BANK_FAILED = "pay.sent", "pay.failed", "pay.bank_failed"
TAKEN_BACK = "pay.taken_back"


def tell_paid(payout: Payout) -> None:
    """Tell the person that their money was sent. System plane."""
    _tell(payout, SENT)


def tell_failed(payout: Payout) -> None:
    """Tell the person that Stripe refused their payout, and what to do. System plane."""
    _tell(payout, FAILED)


def tell_bank_failed(payout: BankPayout) -> None:
    """Tell the person that their bank did not take the money, and what to do. System plane."""
    _tell(payout, BANK_FAILED)


def tell_taken_back(reversal: Reversal, payout: Payout) -> None:
    """Tell the person that money of this payout is not theirs at Stripe any more, and why. System plane."""
    services.tell(
        person_id=payout.person_id,
        workspace_id=None,
        kind=TAKEN_BACK,
        cause=reversal.pk,
        data={
            "amount": format_minor(reversal.amount_minor, payout.currency),
            "reason": reversal.reason,
        },
    )


def _tell(payout: Payout | BankPayout, kind: str) -> None:
    services.tell(
        person_id=payout.person_id,
        workspace_id=None,
        kind=kind,
        cause=payout.pk,
        data={"amount": format_minor(payout.amount_minor, payout.currency)},
    )


def _sent(data: dict[str, Any]) -> Words:
    text = "It is in your account at Stripe, which passes it on to your bank within some days."
    return Words(f"We sent you {data['amount']}", text, reverse("payouts"))


def _failed(data: dict[str, Any]) -> Words:
    text = (
        "Stripe refused to take it for your account. It is owed to you as before, and goes with the next payout. "
        "Look whether something is missing in “How you are paid”."
    )
    return Words(f"We could not send you {data['amount']}", text, reverse("how_paid"))


def _bank_failed(data: dict[str, Any]) -> Words:
    text = (
        "The money is in your account at Stripe. Open the dashboard from this page and give Stripe another bank "
        "account: then it is paid."
    )
    return Words(f"Your bank did not take {data['amount']}", text, reverse("how_paid"))


def _taken_back(data: dict[str, Any]) -> Words:
    text = (
        f"The reason: {data['reason']} It is owed to you as before, and goes with the next payout to the account that "
        "you then have. Look whether “How you are paid” is right."
    )
    return Words(f"We took {data['amount']} back from Stripe", text, reverse("how_paid"))


def register() -> None:
    """Register the kinds. Called from the AppConfig's ready()."""
    kinds.register(
        Kind(SENT, Topic.MONEY, _sent),
        Kind(FAILED, Topic.MONEY, _failed),
        Kind(BANK_FAILED, Topic.MONEY, _bank_failed),
        Kind(TAKEN_BACK, Topic.MONEY, _taken_back),
    )
