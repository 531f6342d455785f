"""The workspace's money as its page shows it. The workspace plane hides annotators' and the platform's accounts."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Max, QuerySet, Sum

from billing.ledger.links import Link, links_of
from billing.ledger.models import Account, DayTotal, Journal, Posting, Seal
from projects.items.models import Batch
from rlhfhub.ground.money import format_minor
from rlhfhub.tenancy.models import Workspace

PAGE = 50
_TITLES = {
    "deposit": "Deposit",
    "payment": "Deposit",
    "repay": "Repaid what was owed",
    "fund": "Set aside for a batch",
    "draw": "From a batch's reserve",
    "release": "Given back by a closed batch",
    "accrual": "Pay for an accepted answer",
    "reject": "On hold for a rejected answer",
    "rejectfinal": "Given back for a final rejection",
    "promise": "Set aside for annotators beside the price",
    "unpromise": "Given back: nobody earned it",
    "bonus": "Bonus to an annotator",
    "refundask": "Money back",
    "refundfail": "Money back failed",
    "dispute": "Frozen by a dispute",
    "disputewon": "Given back: a dispute was won",
    "disputelost": "Lost in a dispute",
    "disputeappeal": "Given back: an appeal was won",
}
_NAMES = {
    Account.Kind.WORKSPACE_AVAILABLE: "Free balance",
    Account.Kind.WORKSPACE_DISPUTED: "Frozen by a dispute",
    Account.Kind.WORKSPACE_RECEIVABLE: "Owed to the platform",
    Account.Kind.BATCH_BUDGET: "Batch",
    Account.Kind.BATCH_RESERVE: "Batch's reserve",
    Account.Kind.REJECTION_HOLD: "On hold",
    Account.Kind.WORKSPACE_PROMISED: "Promised to annotators",
}
# How the page names the accounts of a journal that members may not read, by the journal's kind.
_OTHERS = {
    "deposit": "Bank transfer",
    "payment": "Paid to Stripe",
    "disputelost": "Kept by the bank",
    "disputeappeal": "Given back by the bank",
    "refundask": "To be given back",
    "refundfail": "Not given back",
    "accrual": "Annotator, and the platform’s fee",
    "bonus": "Annotator",
}
# Journals that move money between the free balance and what is set aside. All others bring money in or take it out.
_WITHIN = ("fund", "draw", "release", "reject", "rejectfinal", "promise", "unpromise")
#: What the page lists: the movements of the free balance, or all of them.
SHOWS = {"free": "Free balance", "all": "All movements"}


@dataclass(frozen=True, slots=True)
class ShownBalance:
    """One of the sums at the head of the money page, with a few words on what it is for."""

    title: str
    amount_minor: int
    currency: str
    help: str


@dataclass(frozen=True, slots=True)
class ShownPosting:
    """One line of a journal. `account` is a name for members; one line stands for all accounts they may not read."""

    account: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """A journal with all its postings. It changed the free balance by `amount_minor` (signed), or not if that is 0.

    `after_minor` is the free balance then; None where all movements are listed.

    `batch` is the batch it was about, None for deposits; `link` leads to what another room says of it.
    """

    at: datetime
    title: str
    link: Link | None
    note: str
    batch: Batch | None
    amount_minor: int
    currency: str
    postings: list[ShownPosting]
    after_minor: int | None


def balances(workspace: Workspace) -> list[ShownBalance]:
    """Return what is free, set aside and paid for work, in each currency that the workspace ever had."""
    mine = Account.objects.filter(workspace_id=workspace.pk).values_list("currency", "kind")
    sums = {(c, k): int(n or 0) for c, k, n in mine.annotate(total=Sum("balance_minor")).order_by()}
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
    held = sums.get((currency, Account.Kind.REJECTION_HOLD), 0)
    promised = sums.get((currency, Account.Kind.WORKSPACE_PROMISED), 0)
    brought = _free_postings(workspace.pk, currency).exclude(journal__kind__in=_WITHIN)
    total = int(brought.aggregate(total=Sum("amount_minor"))["total"] or 0)
    spent = total - free - aside - held - promised
    aside_for_people = ShownBalance(
        "Promised", promised, currency, "for reading guidelines, and bonuses on their way"
    )
    on_hold = ShownBalance("On hold", held, currency, "rejected answers, until that is final")
    disputed = sums.get((currency, Account.Kind.WORKSPACE_DISPUTED), 0)
    frozen = ShownBalance("Frozen", disputed, currency, "a disputed payment, until it is decided")
    owed = -_sum_of(Account.Kind.WORKSPACE_RECEIVABLE, workspace.pk, currency)
    debt = ShownBalance("Owed", owed, currency, "spent, and taken back by the bank")
    return [
        ShownBalance("Free balance", free, currency, "for new batches"),
        ShownBalance("Set aside", aside, currency, "for answers still to come"),
        *([aside_for_people] if promised else []),
        *([on_hold] if held else []),
        *([frozen] if disputed else []),
        *([debt] if owed else []),
        ShownBalance("Paid for work", spent, currency, "accepted answers, with fees"),
    ]


def _sum_of(kind: Account.Kind, workspace_id: uuid.UUID, currency: str) -> int:
    """Return the balance of an account with few postings that keeps none; 0 without one."""
    accounts = Account.objects.filter(kind=kind, workspace_id=workspace_id, currency=currency)
    rows = Posting.objects.filter(account_id__in=list(accounts.values_list("id", flat=True)))
    return int(rows.aggregate(total=Sum("amount_minor"))["total"] or 0)


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


def balances_after(rows: Sequence[Posting]) -> dict[uuid.UUID, int]:
    """Return the free balance after each of these entries, by journal. They are the rows of one page, newest first.

    It is counted down from the present balance, so that no page sums up all that came before it.
    """
    newest: dict[uuid.UUID, uuid.UUID] = {}
    for row in rows:
        newest.setdefault(row.account_id, row.pk)
    left = {}
    for account in Account.objects.filter(pk__in=newest):
        later = Posting.objects.filter(account=account, id__gt=newest[account.pk])
        since = later.aggregate(total=Sum("amount_minor"))["total"]
        left[account.pk] = int(account.balance_minor or 0) - int(since or 0)
    found = {}
    for row in rows:
        found[row.journal_id] = left[row.account_id]
        left[row.account_id] -= row.amount_minor
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a journal in words, for staff."""

    account: str
    amount: str


def lines_of(journal: Journal) -> list[Line]:
    """Return all lines of a journal. Staff plane."""
    rows = Posting.objects.filter(journal=journal).select_related("account").order_by("id")
    return [
        Line(Account.Kind(row.account.kind).label, format_minor(row.amount_minor, row.currency))
        for row in rows
    ]


def balance_of(account: Account) -> int:
    """Return an account's balance in minor units: the one it keeps, or sealed days and the postings since."""
    if account.balance_minor is not None:
        return int(account.balance_minor)
    last = Seal.objects.exclude(sealed_at=None).aggregate(day=Max("day"))["day"]
    since = Posting.objects.filter(account=account)
    if last:
        end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
        since = since.filter(at__gte=end)
    before = DayTotal.objects.filter(account=account).aggregate(n=Sum("amount_minor"))["n"]
    return int(before or 0) + int(since.aggregate(n=Sum("amount_minor"))["n"] or 0)


def free_minor(workspace_id: uuid.UUID, currency: str) -> int:
    """Return the free balance of a workspace, in minor units."""
    return _balance(Account.Kind.WORKSPACE_AVAILABLE, workspace_id, currency)


def owed_minor(workspace_id: uuid.UUID, currency: str) -> int:
    """Return what the workspace owes after a lost dispute, in minor units. System plane."""
    return -_balance(Account.Kind.WORKSPACE_RECEIVABLE, workspace_id, currency)


def _balance(kind: Account.Kind, workspace_id: uuid.UUID, currency: str) -> int:
    rows = Account.objects.filter(kind=kind, workspace_id=workspace_id, currency=currency)
    account = rows.first()
    return balance_of(account) if account else 0


def journals_of(workspace: Workspace) -> QuerySet[Journal]:
    """Return all journals of a workspace, also those of accepted answers."""
    rows: QuerySet[Journal] = Journal.objects.filter(workspace_id=workspace.pk)
    return rows


def shown(
    journals: Sequence[Journal], slug: str, after: Mapping[uuid.UUID, int]
) -> list[ShownEntry]:
    """Return these journals as rows of the money page, with those postings that members may read.

    `slug` is the workspace's; `after` is the free balance after each journal, where it is shown.
    """
    ids = [journal.pk for journal in journals]
    postings = list(Posting.objects.filter(journal_id__in=ids).order_by("id"))
    accounts = Account.objects.in_bulk({posting.account_id for posting in postings})
    batches = Batch.objects.in_bulk({a.batch_id for a in accounts.values() if a.batch_id})
    together: dict[uuid.UUID, list[tuple[Posting, Account]]] = defaultdict(list)
    for posting in postings:
        if account := accounts.get(posting.account_id):
            together[posting.journal_id].append((posting, account))
    causes: dict[str, list[str]] = defaultdict(list)
    for journal in journals:
        causes[journal.kind].append(journal.cause)
    links = links_of(slug, causes)
    return [
        _entry(one, together[one.pk], batches, links.get(one.cause), after.get(one.pk))
        for one in journals
        if together[one.pk]
    ]


def _entry(
    journal: Journal,
    together: Sequence[tuple[Posting, Account]],
    batches: dict[uuid.UUID, Batch],
    link: Link | None,
    after_minor: int | None,
) -> ShownEntry:
    currency = together[0][0].currency
    lines = [
        ShownPosting(_NAMES[Account.Kind(account.kind)], posting.amount_minor, currency)
        for posting, account in together
    ]
    if rest := -sum(line.amount_minor for line in lines):
        lines.append(ShownPosting(_OTHERS.get(journal.kind, "Others"), rest, currency))
    return ShownEntry(
        at=journal.at,
        title=(link and link.title) or _TITLES.get(journal.kind, journal.kind.capitalize()),
        link=link,
        note=journal.note,
        batch=next((batches[a.batch_id] for _, a in together if a.batch_id in batches), None),
        amount_minor=sum(
            posting.amount_minor
            for posting, account in together
            if account.kind == Account.Kind.WORKSPACE_AVAILABLE
        ),
        currency=currency,
        postings=lines,
        after_minor=after_minor,
    )
