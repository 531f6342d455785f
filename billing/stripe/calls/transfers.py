"""Transfers from the platform's balance to recipients, and their reversals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from billing.stripe.calls.sending import PAGE, called, listed, sent, under
from billing.stripe.fields import Fields


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer. `group` is the name that those made together share."""

    id: str
    destination: str
    group: str
    amount_minor: int
    reversed_minor: int
    currency: str
    transaction: str
    created_at: datetime
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class Reversal:
    """A part of a transfer that was taken back."""

    id: str
    transfer: str
    amount_minor: int
    currency: str
    transaction: str
    created_at: datetime
    metadata: dict[str, str]


def create(
    *,
    key: str,
    destination: str,
    amount_minor: int,
    currency: str,
    group: str,
    metadata: Mapping[str, str],
) -> Transfer:
    """Send money to a recipient's account."""
    lower = sent(currency)
    return _read(
        called(
            lambda stripe: stripe.v1.transfers.create(
                {
                    "destination": destination,
                    "amount": amount_minor,
                    "currency": lower,
                    "transfer_group": group,
                    "metadata": dict(metadata),
                },
                under(key),
            )
        )
    )


def retrieve(transfer: str) -> Transfer:
    """Return a transfer as it is now."""
    return _read(called(lambda stripe: stripe.v1.transfers.retrieve(transfer)))


def of_group(group: str) -> Iterator[Transfer]:
    """Yield the transfers of a group, the newest first."""
    return map(
        _read,
        listed(lambda stripe: stripe.v1.transfers.list({"transfer_group": group, "limit": PAGE})),
    )


def reverse(*, key: str, transfer: str, amount_minor: int, metadata: Mapping[str, str]) -> Reversal:
    """Take a part of a transfer back, in its currency. The recipient's balance must hold that much."""
    return _read_reversal(
        called(
            lambda stripe: stripe.v1.transfers.reversals.create(
                transfer, {"amount": amount_minor, "metadata": dict(metadata)}, under(key)
            )
        )
    )


def reversals_of(transfer: str) -> Iterator[Reversal]:
    """Yield a transfer's reversals, the newest first."""
    return map(
        _read_reversal,
        listed(lambda stripe: stripe.v1.transfers.reversals.list(transfer, {"limit": PAGE})),
    )


def _read(found: Fields) -> Transfer:
    return Transfer(
        id=found.text("id"),
        destination=found.id_of("destination"),
        group=found.text_or_empty("transfer_group"),
        amount_minor=found.integer("amount"),
        reversed_minor=found.integer("amount_reversed"),
        currency=found.currency(),
        transaction=found.id_of("balance_transaction"),
        created_at=found.moment("created"),
        metadata=found.metadata(),
    )


def _read_reversal(found: Fields) -> Reversal:
    return Reversal(
        id=found.text("id"),
        transfer=found.id_of("transfer"),
        amount_minor=found.integer("amount"),
        currency=found.currency(),
        transaction=found.id_of("balance_transaction"),
        created_at=found.moment("created"),
        metadata=found.metadata(),
    )
