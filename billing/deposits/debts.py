"""Repays what workspaces owe, after a lost dispute or a refund of spent money, from their free balance.

A payment and a refund that failed repay at once. A worker does it for whatever else has come to the free balance:
money of a closed batch, of a rejection or of a promise that nobody earned, and deposits that staff have booked.
"""

import uuid
from collections.abc import Iterator
from typing import Any

from django.db import connection

from billing.deposits.models import Customer
from billing.ledger import entries
from billing.ledger.entries import Entry
from billing.ledger.selectors import free_minor, owed_minor
from billing.ledger.services import post
from rlhfhub.ground.ids import uuid7
from rlhfhub.queues import tried
from rlhfhub.tenancy import planes

#: The most debts that one call repays; the next call repays others.
MOST = 500

# Few workspaces have ever owed anything: only they have such an account, and it has few postings.
_REPAYABLE = """
    SELECT d.workspace_id, d.currency FROM billing_ledger_account d
    JOIN billing_ledger_account f ON f.kind = 'workspace_available' AND f.workspace_id = d.workspace_id
         AND f.currency = d.currency AND f.balance_minor > 0
    WHERE d.kind = 'workspace_receivable'
      AND (SELECT sum(p.amount_minor) FROM billing_ledger_posting p WHERE p.account_id = d.id) < 0
    ORDER BY d.id LIMIT %s
"""


def repaid() -> Iterator[None]:
    """Repay the debts of workspaces that have something on their free balance. Yields after each."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_REPAYABLE, [MOST])
        found = cursor.fetchall()
    for workspace_id, currency in found:
        tried(repay, workspace_id, currency)
        yield


def repay(workspace_id: uuid.UUID, currency: str) -> None:
    """Repay what a workspace owes, as far as its free balance covers it. Called outside transactions.

    Raises: Overdrawn if the free balance was spent meanwhile.
    """
    with planes.as_system():
        lock(workspace_id)
        post(
            repayment(
                workspace_id=workspace_id,
                currency=currency,
                amount_minor=free_minor(workspace_id, currency),
                source=str(uuid7()),
            )
        )


def lock(workspace_id: uuid.UUID) -> None:
    """Let changes of what a workspace owes wait for each other: each locks the workspace's customers."""
    list(Customer.objects.select_for_update().filter(workspace_id=workspace_id).order_by("id"))


def repayment(*, amount_minor: int, source: str, **money: Any) -> list[Entry]:
    """Return the journal by which this amount of the free balance repays what is owed; none if nothing is.

    `money` is the workspace's id and the currency; `source` is the id of what brought the amount. System plane.
    """
    part = min(owed_minor(**money), amount_minor)
    return [entries.repayment(amount_minor=part, source=source, **money)] if part > 0 else []
