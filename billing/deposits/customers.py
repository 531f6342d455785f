"""Makes workspaces known to Stripe as its customers."""

import uuid

from billing.deposits.models import Customer
from billing.stripe.calls import customers
from billing.stripe.client import is_live
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import Workspace


def customer_of(workspace_id: uuid.UUID) -> Customer:
    """Return the workspace's customer, and let Stripe make it if it has not. Called outside transactions.

    If Stripe's answer is lost and is not asked for again within a day, Stripe makes a second one. Nothing is ever paid
    by the first.

    Raises: CallFailed.
    """
    with planes.as_system():
        name = Workspace.objects.values_list("name", flat=True).get(pk=workspace_id)
        customer, _ = Customer.objects.get_or_create(
            workspace_id=workspace_id, is_live=is_live(), defaults={"name": name}
        )
        customer.refresh_from_db()
    if customer.stripe_id:
        return customer
    made = customers.create(
        key=f"customer:{workspace_id}",
        name=customer.name,
        metadata={"workspace": str(workspace_id)},
    )
    with planes.as_system():
        Customer.objects.filter(pk=customer.pk, stripe_id="").update(stripe_id=made.id)
        customer.refresh_from_db()
    return customer
