"""Makes the payouts of runs, some at a time. Each is booked in the transaction that makes it.

The amount is what is owed then; by Stripe, no more than it takes at once, and the rest goes with the next run. Two runs
at once make one payout for a person and currency, because only one can be open, and the ledger lets nobody be paid more
than they are owed.
"""

import uuid
from collections.abc import Iterator

import orjson
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from billing.deposits.amounts import MOST_MINOR
from billing.ledger import entries
from billing.ledger.services import post
from billing.payouts.models import PayoutRun
from billing.stripe.calls.sending import takes
from rlhfhub.events import broker
from rlhfhub.ground.currencies import DECIMALS
from rlhfhub.ground.ids import uuid7
from rlhfhub.tenancy import planes

CHUNK = 200

_DUE = """
    SELECT a.id, a.person_id, a.currency,
           CASE r.rail WHEN 'by_hand' THEN a.balance_minor ELSE LEAST(a.balance_minor, %(at_once)s) END
    FROM billing_ledger_account a
    JOIN billing_recipients_recipient r ON r.person_id = a.person_id AND r.can_be_paid
    WHERE a.kind = 'annotator_payable' AND a.id > %(after)s AND {whose} AND %(currency)s IN ('', a.currency)
      AND (r.rail = 'by_hand' OR a.currency = ANY(%(taken)s))
      AND a.balance_minor >= COALESCE((%(least)s::jsonb ->> a.currency)::bigint, 1)
      AND NOT EXISTS (SELECT FROM billing_payouts_payout p WHERE p.person_id = a.person_id
                      AND p.currency = a.currency AND p.state IN ('ready', 'sending'))
    ORDER BY a.id LIMIT %(most)s
"""
_OF_ALL, _OF_ONE = _DUE.format(whose="true"), _DUE.format(whose="a.person_id = %(person)s")
_MAKE = """
    INSERT INTO billing_payouts_payout (id, run_id, person_id, currency, amount_minor)
    SELECT id, %s, person, currency, amount
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::bigint[]) AS due (id, person, currency, amount)
    ON CONFLICT DO NOTHING RETURNING id, person_id, currency, amount_minor
"""
_FIRST = uuid.UUID(int=0)


def made() -> Iterator[int]:
    """Make the payouts of all runs, some at a time. Yields: how many were made."""
    while (count := _make_some()) is not None:
        if count:
            broker.enqueue("payouts.send", expires=60)
        yield count


def _make_some() -> int | None:
    """Make up to `CHUNK` payouts of the oldest run that nobody works on. Returns how many; None without a run."""
    with planes.as_system():
        rows = PayoutRun.objects.filter(made_at=None).order_by("created_at")
        run = rows.select_for_update(skip_locked=True).first()
        if run is None:
            return None
        due = _due(run)
        count = _make(run, due)
        changed = PayoutRun.objects.filter(pk=run.pk)
        if len(due) == CHUNK:
            changed.update(after=due[-1][0])
        else:
            changed.update(made_at=Now())
    return count


def _due(run: PayoutRun) -> list[tuple[uuid.UUID, uuid.UUID, str, int]]:
    """Return account, person, currency and amount of what is to be paid next."""
    with connection.cursor() as cursor:
        cursor.execute(
            _OF_ONE if run.person_id else _OF_ALL,
            {
                "after": run.after or _FIRST,
                "person": run.person_id,
                "currency": run.currency,
                "taken": [code for code in DECIMALS if takes(code)],
                "least": orjson.dumps(settings.PAYOUT_LEAST).decode(),
                "at_once": MOST_MINOR,
                "most": CHUNK,
            },
        )
        return cursor.fetchall()


def _make(run: PayoutRun, due: list[tuple[uuid.UUID, uuid.UUID, str, int]]) -> int:
    if not due:
        return 0
    _, people, currencies, amounts = (list(column) for column in zip(*due, strict=True))
    ids = [uuid7() for _ in due]
    with connection.cursor() as cursor:
        cursor.execute(_MAKE, [run.pk, ids, people, currencies, amounts])
        rows = cursor.fetchall()
    return post(
        [
            entries.payout(payout_id=key, person_id=person, currency=currency, amount_minor=amount)
            for key, person, currency, amount in rows
        ]
    )
