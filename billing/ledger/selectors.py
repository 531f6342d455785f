"""The workspace's money as its page shows it. The workspace plane hides annotators' and the platform's accounts."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Sum

from billing.ledger.models import Account, Posting
from projects.items.models import Batch
from rlhfhub.tenancy.models import Workspace

PAGE = 50
_TITLES = {
    "deposit": "Deposit",
    "fund": "Set aside for a batch",
    "draw": "From a batch's reserve",
    "release": "Given back by a closed batch",
}
_NAMES = {
    Account.Kind.WORKSPACE_AVAILABLE: "Free balance",
    Account.Kind.BATCH_BUDGET: "Batch",
    Account.Kind.BATCH_RESERVE: "Batch's reserve",
}
_OUTSIDE = "Bank transfer"


def balances(workspace: Workspace) -> list[dict[str, Any]]:
    """Return what is free, set aside and paid for work, in each currency that the workspace ever had."""
    mine = Account.objects.filter(workspace_id=workspace.pk).values_list("currency", "kind")
    sums = {(c, k): int(n) for c, k, n in mine.annotate(total=Sum("balance_minor")).order_by()}
    return [
        line
        for currency in sorted({c for c, _ in sums})
        for line in _balances(workspace, currency, sums)
    ]


def _balances(
    workspace: Workspace, currency: str, sums: dict[tuple[str, str], int]
) -> list[dict[str, Any]]:
    free = sums.get((currency, Account.Kind.WORKSPACE_AVAILABLE), 0)
    aside = sum(
        sums.get((currency, kind), 0)
        for kind in (Account.Kind.BATCH_BUDGET, Account.Kind.BATCH_RESERVE)
    )
    came_in = _free_postings(workspace.pk, currency).filter(journal__kind="deposit")
    spent = int(came_in.aggregate(total=Sum("amount_minor"))["total"] or 0) - free - aside
    return [
        {
            "title": "Free balance",
            "amount_minor": free,
            "currency": currency,
            "help": "for new batches",
        },
        {
            "title": "Set aside",
            "amount_minor": aside,
            "currency": currency,
            "help": "for answers still to come",
        },
        {
            "title": "Paid for work",
            "amount_minor": spent,
            "currency": currency,
            "help": "accepted answers, with fees",
        },
    ]


def _free_postings(workspace_id: uuid.UUID, currency: str = "") -> Any:
    # Filter by the account: journals of accepted answers are far more numerous, and none of them touches it.
    accounts = Account.objects.filter(
        kind=Account.Kind.WORKSPACE_AVAILABLE, workspace_id=workspace_id
    )
    if currency:
        accounts = accounts.filter(currency=currency)
    return Posting.objects.filter(account_id__in=list(accounts.values_list("id", flat=True)))


def entries(workspace: Workspace, before: uuid.UUID | None) -> list[Posting]:
    """Return the postings that changed the free balance, newest first: one page and one row more."""
    rows = _free_postings(workspace.pk).select_related("journal").order_by("-id")
    if before:
        rows = rows.filter(id__lt=before)
    return list(rows[: PAGE + 1])


def lines(postings: Sequence[Posting]) -> list[dict[str, Any]]:
    """Return the rows of the money page: each posting with all lines of its journal."""
    together = list(
        Posting.objects.filter(journal_id__in=[p.journal_id for p in postings]).order_by("id")
    )
    accounts = Account.objects.in_bulk({p.account_id for p in together})
    batches = Batch.objects.in_bulk({a.batch_id for a in accounts.values() if a.batch_id})
    return [
        _line(p, [q for q in together if q.journal_id == p.journal_id], accounts, batches)
        for p in postings
    ]


def _line(
    posting: Posting,
    together: list[Posting],
    accounts: dict[Any, Account],
    batches: dict[Any, Batch],
) -> dict[str, Any]:
    ids = [accounts[p.account_id].batch_id for p in together if p.account_id in accounts]
    return {
        "at": posting.at,
        "title": _TITLES.get(posting.journal.kind, posting.journal.kind.capitalize()),
        "note": posting.journal.note,
        "batch": next((batches[i] for i in ids if i in batches), None),
        "amount_minor": posting.amount_minor,
        "currency": posting.currency,
        "postings": [
            {
                "account": _name(accounts.get(p.account_id)),
                "amount_minor": p.amount_minor,
                "currency": p.currency,
            }
            for p in together
        ],
    }


def _name(account: Account | None) -> str:
    return _NAMES.get(Account.Kind(account.kind), account.kind) if account else _OUTSIDE
