"""`post` is the only writer of the ledger."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, connection

from billing.ledger.entries import Entry, Purse
from billing.ledger.models import Account
from rlhfhub.ground.ids import uuid7
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.raw import constraint_of

_ACCOUNTS = """
    INSERT INTO billing_ledger_account (id, kind, currency, workspace_id, batch_id, person_id, balance_minor)
    SELECT id, kind, currency, workspace_id, batch_id, person_id, 0 FROM unnest(
        %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::uuid[])
        AS t (id, kind, currency, workspace_id, batch_id, person_id)
    ON CONFLICT DO NOTHING
"""
_JOURNALS = """
    INSERT INTO billing_ledger_journal (id, workspace_id, kind, cause, note, actor_id, at)
    SELECT *, statement_timestamp() FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::uuid[])
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


def post(entries: Sequence[Entry]) -> int:
    """Post the journals that have a new cause, all together.

    Returns: how many were new.
    Raises: Overdrawn when a floored balance would fall below zero; the caller must roll the transaction back.
    """
    if not entries:
        return 0
    accounts = _accounts({purse for entry in entries for purse, _ in entry.lines})
    with connection.cursor() as cursor:
        cursor.execute(
            _JOURNALS,
            _columns(
                [(uuid7(), e.workspace_id, e.kind, e.cause, e.note, e.actor_id) for e in entries]
            ),
        )
        new = {cause: (journal_id, at) for cause, journal_id, at in cursor.fetchall()}
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
        try:
            cursor.execute(_POSTINGS, _columns(lines))
        except IntegrityError as error:
            if constraint_of(error) == "account_not_negative":
                raise Overdrawn from error
            raise
    return len(new)


def _accounts(purses: set[Purse]) -> dict[Purse, uuid.UUID]:
    """Return the accounts' ids, and open the accounts that are missing."""
    known = _known(purses)
    missing = sorted(purses - known.keys(), key=repr)
    if missing:
        rows = [
            (uuid7(), p.kind, p.currency, p.workspace_id, p.batch_id, p.person_id) for p in missing
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
