"""Debts: effects that handlers must have. A nightly sweep finds rows without their effect and emits their fact again.

Dispatch delivers every event at least once. The sweep covers what can still go wrong: an event deleted by hand, lost in
a restore, or skipped by a faulty handler. Each room registers its debts beside its handlers. A row is checked once,
when it is an hour old: `SweepMark` records how far each sweep has come, so a night's cost depends on the day's new rows
and not on the size of the table.
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
# Longer than any transaction that writes such a row, and longer than servers' clocks can differ.
SETTLED_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Debt:
    """An effect that a handler must have for each row of `table`.

    `name`: what should hold, as the log states it.
    `table`: a table with UUIDv7 keys, whose rows keep the effect once they have it.
    `missing`: SQL that selects the facts to emit again, as (workspace_id, subject_id, data), for rows without the
    effect among those with `id > %(after)s AND id <= %(end)s`. It runs in the system plane.
    `kind`: the kind of the fact. Its handlers' effects have a unique cause, so a repeated fact changes nothing.
    """

    name: str
    kind: str
    table: str
    missing: str


_registered: dict[str, Debt] = {}


def register(debt: Debt) -> None:
    """Register a debt; one with the same name is replaced. Called from a room's AppConfig.ready()."""
    _registered[debt.name] = debt


def registered() -> list[Debt]:
    """Return all debts, ordered by name."""
    return sorted(_registered.values(), key=lambda debt: debt.name)


def sweep() -> bool:
    """Check the rows made since the last sweep, in short transactions. Returns whether some are left."""
    left = [_sweep(debt) for debt in registered()]
    return any(left)


# A row whose event still waits has no debt yet, so rows younger than the oldest waiting event are not checked.
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
        words = "missing effects, rule: %s. Emitted %d facts of %d workspaces again"
        log.warning(words, debt.name, owed, len(workspaces))
    return left


# The last row of a full batch.
_END = "SELECT id FROM {table} WHERE id > %s AND id <= %s ORDER BY id OFFSET %s LIMIT 1"
_EMIT = f"""
    {outbox.INSERT}
    SELECT rlhfhub_uuid7(), m.workspace_id, %(kind)s, m.subject_id, m.data FROM ({{missing}}) m
    RETURNING workspace_id
"""  # noqa: S608  of constants only


def _sweep_batch(debt: Debt, upto: uuid.UUID) -> tuple[list[uuid.UUID], bool]:
    """Check one batch of rows. The facts and the mark are committed together.

    Returns: the workspace of each fact emitted again, and whether rows are left.
    """
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
            outbox.dispatch_after_commit()
    return found, row is not None
