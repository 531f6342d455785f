"""External accounts: the bank accounts and debit cards to which Stripe pays recipients out."""

from collections.abc import Iterator
from dataclasses import dataclass

from billing.stripe.calls.sending import PAGE, called, listed
from billing.stripe.fields import Fields

KINDS = ("bank_account", "card")


@dataclass(frozen=True, slots=True)
class ExternalAccount:
    """A bank account or a debit card: `name` is the bank's or the brand, `last4` its last digits.

    No payout goes to one whose `status` is `errored`, until its owner changes it. A card has no status.
    """

    id: str
    kind: str
    name: str
    last4: str
    currency: str
    country: str
    status: str
    is_default: bool


def of_account(account: str) -> Iterator[ExternalAccount]:
    """Yield an account's bank accounts and cards."""
    return map(
        _read,
        listed(lambda stripe: stripe.v1.accounts.external_accounts.list(account, {"limit": PAGE})),
    )


def retrieve(external: str, *, account: str) -> ExternalAccount:
    """Return one bank account or card of an account."""
    return _read(
        called(lambda stripe: stripe.v1.accounts.external_accounts.retrieve(account, external))
    )


def _read(found: Fields) -> ExternalAccount:
    kind = found.one_of("object", KINDS)
    return ExternalAccount(
        id=found.text("id"),
        kind=kind,
        name=found.text_or_empty("bank_name" if kind == "bank_account" else "brand"),
        last4=found.text_or_empty("last4"),
        currency=found.text_or_empty("currency").upper(),
        country=found.text_or_empty("country"),
        status=found.text_or_empty("status"),
        is_default=found.has("default_for_currency") and found.flag("default_for_currency"),
    )
