"""`post` is the only writer of the ledger."""

import uuid
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from django.db import IntegrityError, connection

from billing.ledger.entries import Entry, Purse
from billing.ledger.models import FLOORED, Account, Journal
from rlhfhub.ground.ids import uuid7
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.raw import constraint_of

_ACCOUNTS = """
    INSERT INTO billing_ledger_account (id, kind, currency, workspace_id, batch_id, person_id, balance_minor)
    SELECT * FROM unnest(
        %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::uuid[], %s::bigint[])
    ON CONFLICT DO NOTHING
"""
_JOURNALS = """
    INSERT INTO billing_ledger_journal
        (id, workspace_id, kind, cause, fingerprint, note, actor_id, reverses_id, at)
    SELECT *, statement_timestamp() FROM unnest(
        %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::uuid[])
    ON CONFLICT (cause) DO NOTHING RETURNING cause, id, at
"""
_POSTINGS = """
    INSERT INTO billing_ledger_posting (id, journal_id, account_id, workspace_id, person_id, amount_minor, currency, at)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::bigint[], %s::text[],
                         %s::timestamptz[])
"""


class Overdrawn(Refused):
    """Raised when an account that may not fall below zero would do so."""

    def __init__(self) -> None:
        super().__init__(
            "not_enough_money", "The balance does not cover this, so nothing was moved.", status=409
        )


class OtherMoney(Refused):
    """Raised when a cause was posted before with other accounts or amounts."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            "other_money",
            f"{cause} was booked before, with another amount or another owner. Nothing was moved.",
            status=409,
        )


def post(entries: Sequence[Entry]) -> int:
    """Post the journals that have a new cause, all together.

    Returns: how many were new.
    Raises: Overdrawn when a floored balance would fall below zero, OtherMoney when a cause is not new and moves other
        money than before; the caller must roll the transaction back.
    """
    if not entries:
        return 0
    entries = _each_once(entries)
    accounts = _accounts({purse for entry in entries for purse, _ in entry.lines})
    with connection.cursor() as cursor:
        cursor.execute(
            _JOURNALS,
            _columns(
                [
                    (
                        uuid7(),
                        e.workspace_id,
                        e.kind,
                        e.cause,
                        e.fingerprint,
                        e.note,
                        e.actor_id,
                        e.reverses_id,
                    )
                    for e in entries
                ]
            ),
        )
        new = {cause: (journal_id, at) for cause, journal_id, at in cursor.fetchall()}
        _check_the_others([entry for entry in entries if entry.cause not in new])
        lines = [
            (
                uuid7(),
                new[e.cause][0],
                accounts[purse],
                e.workspace_id,
                purse.person_id,
                amount,
                purse.currency,
                new[e.cause][1],
            )
            for e in entries
            if e.cause in new
            for purse, amount in e.lines
        ]
        if not lines:
            return 0
        # People's accounts are locked in the order of the rows, so that journals do not deadlock.
        lines.sort(key=itemgetter(2))
        try:
            cursor.execute(_POSTINGS, _columns(lines))
        except IntegrityError as error:
            if constraint_of(error) == "account_not_negative":
                raise Overdrawn from error
            raise
    return len(new)


def _each_once(entries: Sequence[Entry]) -> list[Entry]:
    """Return the first entry of each cause. Raises OtherMoney when another one of its cause differs."""
    first: dict[str, Entry] = {}
    for entry in entries:
        known = first.setdefault(entry.cause, entry)
        if known.fingerprint != entry.fingerprint:
            raise OtherMoney(entry.cause)
    return list(first.values())


def _check_the_others(entries: Sequence[Entry]) -> None:
    """Raise OtherMoney unless these entries, whose causes are taken, moved the same money in the same workspace."""
    if not entries:
        return
    rows = Journal.objects.filter(cause__in=[entry.cause for entry in entries])
    known = {
        cause: tuple(row)
        for cause, *row in rows.values_list("cause", "fingerprint", "workspace_id")
    }
    for entry in entries:
        if known.get(entry.cause) != (entry.fingerprint, entry.workspace_id):
            raise OtherMoney(entry.cause)


def _accounts(purses: set[Purse]) -> dict[Purse, uuid.UUID]:
    """Return the accounts' ids, and open the accounts that are missing."""
    known = _known(purses)
    missing = sorted(purses - known.keys(), key=repr)
    if missing:
        rows = [
            (
                uuid7(),
                p.kind,
                p.currency,
                p.workspace_id,
                p.batch_id,
                p.person_id,
                0 if p.kind in FLOORED else None,
            )
            for p in missing
        ]
        with connection.cursor() as cursor:
            cursor.execute(_ACCOUNTS, _columns(rows))
        known |= _known(set(missing))
    return known


def _known(purses: set[Purse]) -> dict[Purse, uuid.UUID]:
    kinds = {purse.kind for purse in purses}
    found = Account.objects.filter(kind__in=kinds, currency__in={p.currency for p in purses})
    found = (
        found.filter(workspace_id__in=[p.workspace_id for p in purses if p.workspace_id])
        | found.filter(person_id__in=[p.person_id for p in purses if p.person_id])
        | found.filter(workspace_id=None, person_id=None)
    )
    rows = found.values_list("kind", "currency", "workspace_id", "batch_id", "person_id", "id")
    return {purse: row[5] for row in rows if (purse := Purse(*row[:5])) in purses}


def _columns(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
