"""Customers: workspaces that pay."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.stripe.calls.sending import called, under

if TYPE_CHECKING:
    from stripe.params import CustomerCreateParams


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str
    email: str
    metadata: dict[str, str]


def create(*, key: str, name: str, metadata: Mapping[str, str], email: str = "") -> Customer:
    """Make a customer. Without an email address, Stripe's pages ask whoever pays for theirs."""
    about: CustomerCreateParams = {"name": name, "metadata": dict(metadata)}
    if email:
        about["email"] = email
    made = called(lambda stripe: stripe.v1.customers.create(about, under(key)))
    return Customer(
        id=made.text("id"),
        name=made.text_or_empty("name"),
        email=made.text_or_empty("email"),
        metadata=made.metadata(),
    )
