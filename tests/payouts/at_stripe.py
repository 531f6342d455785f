"""What Stripe has of our payouts."""

import uuid

from billing.stripe.calls import transfers
from billing.stripe.calls.sending import PAGE, listed
from billing.stripe.calls.transfers import Transfer


def transfers_of_run(run_id: uuid.UUID) -> list[Transfer]:
    """Return all transfers that were made for payouts of this run, whatever their groups are."""
    every = listed(lambda stripe: stripe.v1.transfers.list({"limit": PAGE}))
    found = map(transfers._read, every)
    return [one for one in found if one.metadata.get("run") == str(run_id)]
