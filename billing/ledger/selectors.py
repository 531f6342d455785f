"""The workspace's money as its page shows it. The workspace plane hides annotators' and the platform's accounts."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Sum

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


@dataclass(frozen=True, slots=True)
class ShownBalance:
    """One of the sums at the head of the money page, with a few words on what it is for."""

    title: str
    amount_minor: int
    currency: str
    help: str


@dataclass(frozen=True, slots=True)
class ShownPosting:
    """One line of a journal. `account` is a name for members; accounts they may not read are outside the workspace."""

    account: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """A journal that changed the free balance by `amount_minor` (signed), with all its postings.

    `batch` is the batch it was about, None for deposits.
    """

    at: datetime
    title: str
    note: str
    batch: Batch | None
    amount_minor: int
    currency: str
    postings: list[ShownPosting]


def balances(workspace: Workspace) -> list[ShownBalance]:
    """Return what is free, set aside and paid for work, in each currency that the workspace ever had."""
    mine = Account.objects.filter(workspace_id=workspace.pk).values_list("currency", "kind")
    sums = {(c, k): int(n) for c, k, n in mine.annotate(total=Sum("balance_minor")).order_by()}
    return [
        balance
        for currency in sorted({c for c, _ in sums})
        for balance in _balances(workspace, currency, sums)
    ]


def _balances(
    workspace: Workspace, currency: str, sums: dict[tuple[str, str], int]
) -> list[ShownBalance]:
    free = sums.get((currency, Account.Kind.WORKSPACE_AVAILABLE), 0)
    aside = sum(
        sums.get((currency, kind), 0)
        for kind in (Account.Kind.BATCH_BUDGET, Account.Kind.BATCH_RESERVE)
    )
    deposits = _free_postings(workspace.pk, currency).filter(journal__kind="deposit")
    spent = int(deposits.aggregate(total=Sum("amount_minor"))["total"] or 0) - free - aside
    return [
        ShownBalance("Free balance", free, currency, "for new batches"),
        ShownBalance("Set aside", aside, currency, "for answers still to come"),
        ShownBalance("Paid for work", spent, currency, "accepted answers, with fees"),
    ]


def _free_postings(workspace_id: uuid.UUID, currency: str = "") -> QuerySet[Posting]:
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


def shown(postings: Sequence[Posting]) -> list[ShownEntry]:
    """Return the rows of the money page: for each posting, its journal with all postings that members may read."""
    together = list(
        Posting.objects.filter(journal_id__in=[p.journal_id for p in postings]).order_by("id")
    )
    accounts = Account.objects.in_bulk({p.account_id for p in together})
    batches = Batch.objects.in_bulk({a.batch_id for a in accounts.values() if a.batch_id})
    return [
        _entry(p, [q for q in together if q.journal_id == p.journal_id], accounts, batches)
        for p in postings
    ]


def _entry(
    posting: Posting,
    together: Sequence[Posting],
    accounts: dict[uuid.UUID, Account],
    batches: dict[uuid.UUID, Batch],
) -> ShownEntry:
    ids = [accounts[p.account_id].batch_id for p in together if p.account_id in accounts]
    return ShownEntry(
        at=posting.at,
        title=_TITLES.get(posting.journal.kind, posting.journal.kind.capitalize()),
        note=posting.journal.note,
        batch=next((batches[pk] for pk in ids if pk in batches), None),
        amount_minor=posting.amount_minor,
        currency=posting.currency,
        postings=[
            ShownPosting(_name(accounts.get(p.account_id)), p.amount_minor, p.currency)
            for p in together
        ],
    )


def _name(account: Account | None) -> str:
    return _NAMES.get(Account.Kind(account.kind), account.kind) if account else _OUTSIDE
