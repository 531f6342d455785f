"""Lets annotators be paid what they earned from workspaces whose payments have become clear."""

import uuid
from collections.abc import Iterator

from django.db import IntegrityError

from billing.deposits.selectors import young_workspaces
from billing.ledger import entries
from billing.ledger.models import Account
from billing.ledger.services import Overdrawn, post
from rlhfhub.ground.ids import uuid7
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.raw import constraint_of

MOST = 500
_FIELDS = ("workspace_id", "person_id", "currency", "balance_minor")


def clear() -> Iterator[int]:
    """Book as payable what is clear. Called outside transactions. Yields how many accounts were cleared, in steps."""
    after = uuid.UUID(int=0)
    while True:
        with planes.as_system():
            rows = Account.objects.filter(kind=Account.Kind.ANNOTATOR_PENDING, balance_minor__gt=0)
            rows = rows.filter(pk__gt=after).order_by("pk")
            accounts = list(rows.values_list("pk", *_FIELDS)[:MOST])
            young = young_workspaces({workspace_id for _, workspace_id, *_ in accounts})
        if not accounts:
            return
        yield sum(_clear(*of) for _, *of in accounts if of[0] not in young)
        after = accounts[-1][0]


def _clear(workspace_id: uuid.UUID, person_id: uuid.UUID, currency: str, amount_minor: int) -> int:
    """Move the balance of one account. The database refuses to move it twice, or to divide a line's money."""
    entry = entries.cleared(
        workspace_id=workspace_id,
        person_id=person_id,
        currency=currency,
        amount_minor=amount_minor,
        cause_id=uuid7(),
    )
    try:
        with planes.as_system():
            return post([entry])
    except Overdrawn:
        return 0
    except IntegrityError as error:
        if constraint_of(error) == "posting_whole":
            return 0
        raise
