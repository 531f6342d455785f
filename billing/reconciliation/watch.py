"""Warns staff of differences, and of reconciliations that do not run."""

from datetime import timedelta

from billing.reconciliation.models import Difference, Run
from billing.stripe.client import is_set_up
from rlhfhub.tenancy import clock, planes

#: A reconciliation is due each hour.
LATE = timedelta(hours=3)


def warnings() -> list[str]:
    """Return the warnings for the staff's overview; none if Stripe is not set up."""
    if not is_set_up():
        return []
    with planes.as_system():
        open_ones = Difference.objects.filter(ended_at=None).count()
        newest = Run.objects.exclude(differences=None).order_by("-started_at").first()
        late = newest is None or newest.started_at < clock.now() - LATE
    said = []
    if open_ones:
        said.append(f"Stripe and the ledger differ: {open_ones:,}. See the differences.")
    if late and newest:
        said.append("Stripe and the ledger were not compared in the last three hours.")
    return said
