"""Customers: workspaces that pay."""

from collections.abc import Mapping
from dataclasses import dataclass

from billing.stripe.calls.sending import called, under


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str
    email: str
    metadata: dict[str, str]


def create(*, key: str, name: str, email: str, metadata: Mapping[str, str]) -> Customer:
    """Make a customer."""
    made = called(
        lambda stripe: stripe.v1.customers.create(
            {"name": name, "email": email, "metadata": dict(metadata)}, under(key)
        )
    )
    return Customer(
        id=made.text("id"),
        name=made.text_or_empty("name"),
        email=made.text_or_empty("email"),
        metadata=made.metadata(),
    )
