"""Looks at open deposits, of which perhaps no webhook told."""

import uuid
from collections.abc import Iterator

from billing.deposits import invoices
from billing.deposits.claiming import OPEN, each
from billing.deposits.models import Deposit
from billing.deposits.sessions import see_session
from rlhfhub.tenancy import planes


def looked() -> Iterator[None]:
    """Look at the open deposits that are due, and void the invoices that are to be canceled. Yields after each."""
    return each(OPEN, look)


def look(deposit_id: uuid.UUID) -> None:
    """Look at one open deposit. Called outside transactions. Raises: CallFailed."""
    with planes.as_system():
        deposit = Deposit.objects.get(pk=deposit_id)
    if deposit.method == Deposit.Method.CARD:
        see_session(deposit.session_id)
        return
    if deposit.cancel_asked_at:
        invoices.void(deposit)
    invoices.see_invoice(deposit.invoice_id)
