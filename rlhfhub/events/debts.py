"""What handlers owe: a nightly sweep finds rows whose effect is missing and emits their fact again.

Dispatch delivers every event at least once. The sweep is for what goes wrong all the same: an event deleted by hand,
a restore that lost one, a handler that forgot some. Each room registers its debts beside its handlers. A row is
checked once, when it is an hour old, and never again: `SweepMark` keeps how far each sweep has come, so a night costs
what a day brought, whatever the table holds.
"""

import logging
import uuid
from dataclasses import dataclass

from django.db import connection

from rlhfhub.events import outbox
from rlhfhub.events.models import SweepMark
from rlhfhub.ground.ids import first_id_since
from rlhfhub.tenancy import planes

log = logging.getLogger(__name__)
BATCH = 2_000
MOST_BATCHES = 500
# Longer than any transaction that writes such a row lasts, and than servers' clocks differ.
SETTLED_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Debt:
    """An effect that each row of `table` must have by its handler.

    `name`: what should be so, as the log says it.
    `table`: has UUIDv7 keys and rows that, once they have had the effect, keep it.
    `missing`: SQL for the facts to emit again, (workspace_id, subject_id, data), of the rows without the effect
    among those with `id > %(after)s AND id <= %(end)s`; the system plane reads it.
    `kind`: of the fact. Its handlers' effects have a unique cause, so a fact too many changes nothing.
    """

    name: str
    kind: str
    table: str
    missing: str


_registered: dict[str, Debt] = {}


def register(debt: Debt) -> None:
    """Called from a room's AppConfig.ready(); registering again replaces."""
    _registered[debt.name] = debt


def registered() -> list[Debt]:
    """All debts, by name."""
    return sorted(_registered.values(), key=lambda debt: debt.name)


def sweep() -> bool:
    """Check the rows that came since the last sweep, in short transactions. Returns whether some are left."""
    left = [_sweep(debt) for debt in registered()]
    return any(left)


# Facts whose event still waits are not owed: nothing is checked that is younger than the oldest of them.
_UPTO = """
    SELECT LEAST(clock_timestamp() - %s * interval '1 second',
                 (SELECT min(created_at) FROM rlhfhub_events_event WHERE dispatched_at IS NULL))
"""


def _sweep(debt: Debt) -> bool:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_UPTO, [SETTLED_SECONDS])
        upto = first_id_since(cursor.fetchone()[0])
    owed, workspaces, left = 0, set[uuid.UUID](), True
    for _ in range(MOST_BATCHES):
        found, left = _sweep_batch(debt, upto)
        owed += len(found)
        workspaces.update(found)
        if not left:
            break
    if owed:
        words = "not so: %s. Emitted %d facts of %d workspaces again"
        log.warning(words, debt.name, owed, len(workspaces))
    return left


# The last row of the batch, if it is full.
_END = "SELECT id FROM {table} WHERE id > %s AND id <= %s ORDER BY id OFFSET %s LIMIT 1"
_EMIT = f"""
    {outbox.INSERT}
    SELECT rlhfhub_uuid7(), m.workspace_id, %(kind)s, m.subject_id, m.data FROM ({{missing}}) m
    RETURNING workspace_id
"""  # noqa: S608  of constants only


def _sweep_batch(debt: Debt, upto: uuid.UUID) -> tuple[list[uuid.UUID], bool]:
    """The workspace of each fact emitted again, and whether rows are left. Facts and mark commit together."""
    with planes.as_system(), connection.cursor() as cursor:
        SweepMark.objects.get_or_create(debt=debt.name)
        mark = SweepMark.objects.select_for_update().get(debt=debt.name)
        cursor.execute(_END.format(table=debt.table), [mark.checked, upto, BATCH - 1])
        row = cursor.fetchone()
        end = row[0] if row else max(upto, mark.checked)
        span = {"kind": debt.kind, "after": mark.checked, "end": end}
        cursor.execute(_EMIT.format(missing=debt.missing), span)
        found = [workspace_id for (workspace_id,) in cursor.fetchall()]
        SweepMark.objects.filter(pk=mark.pk).update(checked=end)
        if found:
            outbox.ring_after_commit()
    return found, row is not None
