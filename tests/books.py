"""What the tests read of the ledger."""

from django.db.models import Sum

from billing.ledger.models import Posting


def totals() -> dict[str, int]:
    """Return what all postings in the current plane sum to, by the kind of account."""
    rows = Posting.objects.values_list("account__kind").annotate(total=Sum("amount_minor"))
    return {kind: int(total) for kind, total in rows.order_by()}
