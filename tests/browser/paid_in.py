"""Deposits in several states, for screenshots."""

from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from tests.deposits import invoiced, made
from tests.factories import Tenant


def deposits_of(tenant: Tenant) -> dict[str, Any]:
    """Make a deposit in each state. Returns their ids by the names that looks use."""
    found = {
        "asked": made.make_asked(tenant),
        "open": made.make_open(tenant),
        "paid": made.make_paid(tenant),
        "failed": made.make_failed(tenant),
        "invoice": invoiced.make_invoiced(tenant),
        "overdue": invoiced.make_invoiced(tenant, due_at=Now() - timedelta(days=3)),
        "canceled": invoiced.make_invoiced(
            tenant, state="canceled", page_url="", invoice_status="void"
        ),
    }
    made.make_refund(found["paid"], 12_000)
    made.make_lost(found["paid"])
    return {f"deposit_{state}": deposit.pk for state, deposit in found.items()}
