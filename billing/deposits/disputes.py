"""Books disputes, from Stripe's own object: the disputed money is frozen, and then given back or lost."""

import logging
from typing import Any

from django.db.models.functions import Now

from billing.deposits.models import Customer, Deposit, Dispute
from billing.deposits.notices import tell_of_dispute
from billing.deposits.payments import see_payment
from billing.ledger import entries
from billing.ledger.entries import Entry
from billing.ledger.selectors import free_minor, owed_minor
from billing.ledger.services import post
from billing.stripe.calls import disputes
from billing.stripe.calls.balance_transactions import BalanceTransaction
from billing.stripe.calls.disputes import CLOSED, OPEN
from billing.stripe.errors import Unknown
from rlhfhub.tenancy import planes

log = logging.getLogger(__name__)


def see_dispute(dispute_id: str) -> None:
    """Fetch a dispute, and book it as far as it has come: frozen money, what Stripe took, how it ended.

    Any number of calls, in any order, book it once. A dispute of a payment that is not booked is left alone: staff see
    that payment as a stray one. Called outside transactions.

    Raises: CallFailed; Overdrawn if the free balance changed meanwhile, and then it is to be called again.
    """
    found = disputes.retrieve(dispute_id)
    if found.payment_intent:
        see_payment(found.payment_intent)
    with planes.as_system():
        deposit = _deposit_of(found)
        if deposit is None:
            log.warning("a dispute is of a payment that is not booked", extra={"dispute": found.id})
            return
        row = _row(deposit, found)
        _note(row, found)
        if row.state == Dispute.State.INQUIRY and found.status in (*OPEN, *CLOSED):
            _freeze(row)
        for transaction in found.transactions:
            _move(row, transaction)
        if row.state == Dispute.State.OPEN and found.status in CLOSED:
            _close(row, found.status)
        elif row.state == Dispute.State.LOST and _is_given_back(row, found):
            _end(row, Dispute.State.APPEAL_WON, _appeal_won(row))


def _deposit_of(found: disputes.Dispute) -> Deposit | None:
    """Return the deposit that was paid by the disputed payment. Payments of one workspace wait for each other."""
    rows = Deposit.objects.filter(payment_intent=found.payment_intent or None)
    deposit: Deposit | None = rows.select_related("workspace", "customer").first()
    if deposit:
        Customer.objects.select_for_update().get(stripe_id=deposit.customer.stripe_id)
    return deposit


def _row(deposit: Deposit, found: disputes.Dispute) -> Dispute:
    """Return the dispute's row, locked. Raises: Unknown if its currency is another one than its payment's."""
    if found.currency != deposit.currency:
        raise Unknown(f"dispute {found.id} is in {found.currency}, and its deposit is not")
    row, _ = Dispute.objects.get_or_create(
        dispute_id=found.id,
        defaults={
            "workspace_id": deposit.workspace_id,
            "deposit": deposit,
            "amount_minor": found.amount_minor,
            "currency": found.currency,
            "reason": found.reason[:60],
            "status": found.status,
            "opened_at": found.created_at,
        },
    )
    locked: Dispute = Dispute.objects.select_for_update().get(pk=row.pk)
    return locked


def _note(row: Dispute, found: disputes.Dispute) -> None:
    row.status, row.answer_by = found.status, found.answer_by
    row.save(update_fields=["status", "answer_by"])


def _freeze(row: Dispute) -> None:
    """Freeze the disputed amount. The workspace owes what its free balance does not cover."""
    free = min(free_minor(row.workspace_id, row.currency), row.amount_minor)
    post(
        [
            entries.dispute(
                workspace_id=row.workspace_id,
                currency=row.currency,
                free_minor=free,
                owed_minor=row.amount_minor - free,
                dispute_id=row.dispute_id,
            )
        ]
    )
    row.state = Dispute.State.OPEN
    row.save(update_fields=["state"])
    tell_of_dispute(row)


def _move(row: Dispute, transaction: BalanceTransaction) -> None:
    """Book what Stripe took from its balance or put back, and its fee."""
    if transaction.currency != row.currency:
        raise Unknown(f"dispute {row.dispute_id} was settled in {transaction.currency}")
    booked = []
    if transaction.amount_minor:
        booked.append(
            entries.dispute_money(
                workspace_id=row.workspace_id,
                currency=row.currency,
                amount_minor=transaction.amount_minor,
                transaction=transaction.id,
            )
        )
    if transaction.fee_minor:
        booked.append(
            entries.stripe_fee(
                workspace_id=row.workspace_id,
                currency=row.currency,
                amount_minor=transaction.fee_minor,
                transaction=transaction.id,
                is_available=True,
            )
        )
    post(booked)


def _is_given_back(row: Dispute, found: disputes.Dispute) -> bool:
    """Return whether Stripe has put a lost amount back, as it does when an appeal is won.

    Raises: Unknown if it has put another amount back.
    """
    moved = [each.amount_minor for each in found.transactions]
    if max(moved, default=0) <= 0 or sum(moved) == -row.amount_minor:
        return False
    if sum(moved):
        raise Unknown(f"of dispute {row.dispute_id} another amount came back than was lost")
    return True


def _close(row: Dispute, status: str) -> None:
    _end(row, Dispute.State(status), _won(row) if status == "won" else _lost(row))


def _end(row: Dispute, state: Dispute.State, entry: Entry) -> None:
    post([entry])
    row.state, row.closed_at = state, Now()
    row.save(update_fields=["state", "closed_at"])
    tell_of_dispute(row)


def _won(row: Dispute) -> Entry:
    return entries.dispute_won(**_back(row))


def _appeal_won(row: Dispute) -> Entry:
    return entries.dispute_appeal(**_back(row))


def _back(row: Dispute) -> dict[str, Any]:
    """Return the money that comes back. It first repays what the workspace owes, as a deposit does."""
    owed = min(owed_minor(row.workspace_id, row.currency), row.amount_minor)
    return {
        "workspace_id": row.workspace_id,
        "currency": row.currency,
        "free_minor": row.amount_minor - owed,
        "owed_minor": owed,
        "dispute_id": row.dispute_id,
    }


def _lost(row: Dispute) -> Entry:
    return entries.dispute_lost(
        workspace_id=row.workspace_id,
        currency=row.currency,
        amount_minor=row.amount_minor,
        dispute_id=row.dispute_id,
    )
