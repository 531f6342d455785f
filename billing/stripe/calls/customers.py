"""Customers: workspaces that pay."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.stripe.calls.sending import called, under
from billing.stripe.fields import Fields

if TYPE_CHECKING:
    from stripe.params import CustomerCreateParams, CustomerUpdateParams


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
    return _read(called(lambda stripe: stripe.v1.customers.create(about, under(key))))


def mail_to(*, key: str, customer: str, email: str) -> Customer:
    """Let Stripe mail the customer's invoices to this address."""
    changes: CustomerUpdateParams = {"email": email}
    return _read(called(lambda stripe: stripe.v1.customers.update(customer, changes, under(key))))


def _read(made: Fields) -> Customer:
    return Customer(
        id=made.text("id"),
        name=made.text_or_empty("name"),
        email=made.text_or_empty("email"),
        metadata=made.metadata(),
    )
