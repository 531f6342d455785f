"""How the money page names money for reading, and where it leads."""

from collections.abc import Mapping, Sequence

from django.urls import reverse

from billing.ledger import links
from billing.ledger.links import Link
from billing.readings.models import ReadingFunding


def of_fundings(slug: str, causes: Sequence[str]) -> Mapping[str, Link]:
    """Return the projects for whose readers these journals, `promise:<id>` or `unpromise:<id>`, moved money."""
    named = {cause.partition(":")[2]: cause for cause in causes}
    rows = ReadingFunding.objects.filter(pk__in=named).values_list(
        "pk", "amount_minor", "project_id"
    )
    return {
        named[str(pk)]: Link(
            "Set aside for reading guidelines" if amount > 0 else "Given back: nobody read for it",
            reverse("paid_reading", args=[slug, project_id]),
        )
        for pk, amount, project_id in rows
    }


def register() -> None:
    """Register the links. Called when the apps are ready."""
    for kind in ("promise", "unpromise"):
        links.register(kind, of_fundings)
