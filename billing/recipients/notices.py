"""What people are told about how they are paid: it works now, something is missing, Stripe refused."""

import uuid
from dataclasses import dataclass
from typing import Any, Self

from django.urls import reverse

from billing.recipients.models import Recipient
from rlhfhub.notices import kinds, services
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic

READY, MISSING, REFUSED = "pay.ready", "pay.missing", "pay.refused"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a recipient stood before a look: whether they could be paid, and what Stripe asked them for."""

    can_be_paid: bool
    due: frozenset[str]

    @classmethod
    def of(cls, recipient: Recipient) -> Self:
        return cls(recipient.can_be_paid, frozenset(one["name"] for one in recipient.due))


def tell_change(recipient: Recipient, before: Standing) -> None:
    """Tell the person what a look at their account changed for them. System plane."""
    now = Standing.of(recipient)
    cause = f"{recipient.pk}:{recipient.looked_at}"
    if now.can_be_paid and not before.can_be_paid:
        _tell(recipient.person_id, READY, cause, {"bank": recipient.bank_last4})
    elif now.due - before.due or (before.can_be_paid and not now.can_be_paid):
        _tell(recipient.person_id, MISSING, cause, {"is_stopped": not now.can_be_paid})


def tell_refused(person_id: uuid.UUID, attempt: int) -> None:
    """Tell the person that Stripe made no account for them. System plane."""
    _tell(person_id, REFUSED, f"{person_id}:{attempt}", {})


def _tell(person_id: uuid.UUID, kind: str, cause: str, data: dict[str, Any]) -> None:
    services.tell(person_id=person_id, workspace_id=None, kind=kind, cause=cause, data=data)


def _ready(data: dict[str, Any]) -> Words:
    to = f" It goes to the account that ends in {data['bank']}." if data["bank"] else ""
    text = f"Stripe has what it needs, so we can send you what you earn.{to}"
    return Words("You can be paid now", text, reverse("how_paid"))


def _missing(data: dict[str, Any]) -> Words:
    if data["is_stopped"]:
        text = "Until that is done we cannot send you money. What you earn stays yours. The page says what is missing."
        return Words(
            "Stripe needs something from you before you can be paid", text, reverse("how_paid")
        )
    text = "You are still paid, and may not be later. The page says what is missing."
    return Words("Stripe needs something from you", text, reverse("how_paid"))


def _refused(_: dict[str, Any]) -> Words:
    text = "The page says what Stripe answered, and you can try again. What you earn stays yours."
    return Words("Stripe made no account for you", text, reverse("how_paid"))


def register() -> None:
    """Register the kinds. Called from the AppConfig's ready()."""
    kinds.register(
        Kind(READY, Topic.MONEY, _ready),
        Kind(MISSING, Topic.MONEY, _missing),
        Kind(REFUSED, Topic.MONEY, _refused),
    )
