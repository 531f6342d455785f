"""Accounts (API v2) of recipients: people who are paid."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from billing.stripe.calls.sending import PAGE, called, listed, under
from billing.stripe.fields import Fields

TRANSFER_STATUSES = ("active", "pending", "rejected", "restricted", "unsupported")
DEADLINES = ("currently_due", "eventually_due", "past_due")
_Part = Literal["configuration.recipient", "defaults", "identity", "requirements"]
_PARTS: list[_Part] = ["configuration.recipient", "defaults", "identity", "requirements"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something that Stripe must know. `by_person` is false while Stripe itself works on it."""

    name: str
    deadline: str
    by_person: bool
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecipientAccount:
    """A person's account. `transfers` says whether they can be sent money; "" if that was never requested.

    `reasons` are Stripe's codes for why not.
    """

    id: str
    country: str
    currency: str
    transfers: str
    reasons: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    is_closed: bool
    created_at: datetime
    metadata: dict[str, str]

    @property
    def can_be_paid(self) -> bool:
        """Whether money can be sent, and nothing that Stripe asks for is overdue."""
        overdue = any(each.deadline == "past_due" for each in self.requirements)
        return self.transfers == "active" and not overdue and not self.is_closed


def create(
    *, key: str, name: str, email: str, country: str, metadata: Mapping[str, str]
) -> RecipientAccount:
    """Make an account with the Express dashboard, whose fees and losses the platform carries. `country` as `DE`."""
    return _answered(
        lambda stripe: stripe.v2.core.accounts.create(
            {
                "display_name": name,
                "contact_email": email,
                "dashboard": "express",
                "identity": {"country": country.lower(), "entity_type": "individual"},
                "defaults": {
                    "responsibilities": {
                        "fees_collector": "application",
                        "losses_collector": "application",
                    }
                },
                "configuration": {
                    "recipient": {
                        "capabilities": {
                            "stripe_balance": {"stripe_transfers": {"requested": True}}
                        }
                    }
                },
                "metadata": dict(metadata),
                "include": [*_PARTS],
            },
            under(key),
        )
    )


def retrieve(account: str) -> RecipientAccount:
    """Return an account as it is now."""
    return _answered(
        lambda stripe: stripe.v2.core.accounts.retrieve(account, {"include": [*_PARTS]})
    )


def made_since(moment: datetime) -> Iterator[RecipientAccount]:
    """Yield the platform's open accounts made since then, the newest first. Only id, time and metadata are complete."""
    for found in listed(lambda stripe: stripe.v2.core.accounts.list({"limit": PAGE})):
        account = _read(found)
        if account.created_at < moment:
            return
        yield account


def _answered(call: Any) -> RecipientAccount:
    return _read(called(call))


def _read(found: Fields) -> RecipientAccount:
    identity, defaults = found.part_or_none("identity"), found.part_or_none("defaults")
    transfers = _transfers(found)
    requirements = found.part_or_none("requirements")
    return RecipientAccount(
        id=found.text("id"),
        country=identity.text_or_empty("country").upper() if identity else "",
        currency=defaults.text_or_empty("currency").upper() if defaults else "",
        transfers=transfers.one_of("status", TRANSFER_STATUSES) if transfers else "",
        reasons=tuple(each.text("code") for each in transfers.parts("status_details"))
        if transfers
        else (),
        requirements=tuple(map(_requirement, requirements.parts("entries")))
        if requirements
        else (),
        is_closed=found.has("closed") and found.flag("closed"),
        created_at=found.moment("created"),
        metadata=found.metadata(),
    )


def _transfers(found: Fields) -> Fields | None:
    """Return the capability to receive transfers, None if the account lacks it."""
    part: Fields | None = found
    for name in (
        "configuration",
        "recipient",
        "capabilities",
        "stripe_balance",
        "stripe_transfers",
    ):
        part = part.part_or_none(name) if part else None
    return part


def _requirement(found: Fields) -> Requirement:
    return Requirement(
        name=found.text("description"),
        deadline=found.part("minimum_deadline").one_of("status", DEADLINES),
        by_person=found.one_of("awaiting_action_from", ("stripe", "user")) == "user",
        errors=tuple(each.text("description") for each in found.parts("errors")),
    )
