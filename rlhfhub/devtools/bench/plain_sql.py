"""The yardstick: the same rows by plain SQL, one process an annotator, as the tables' owner.

`python -m rlhfhub.devtools.bench.plain_sql` reads an order (JSON, one line), connects, says `ready`, and begins at the
next line. Each loop is two transactions of prepared statements on the site's own tables, whose constraints and
triggers hold here too; policies and planes do not bind the owner, and nothing is checked, presented or authenticated.

  BEGIN; the next open slot after the cursor, locked, others' skipped; insert the lease; mark the slot; move the cursor;
  read the item; COMMIT
  BEGIN; insert the annotation; end the lease; fill the slot; insert the event; COMMIT
"""

import json
import sys
import time
import uuid
from dataclasses import dataclass
from typing import Any

import psycopg

CLAIM = """
    SELECT id, item_id, seq FROM projects_work_slot WHERE batch_id = %(batch)s AND state = 'open' AND seq > %(after)s
    ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED
"""
LEASE = """
    INSERT INTO projects_work_lease (id, workspace_id, project_id, slot_id, item_id, enrollment_id, annotator_id,
        form_id, guideline_version_id, seed, shown, keys, leased_at, expires_at, return_reason, return_note)
    VALUES (%(lease)s, %(workspace)s, %(project)s, %(slot)s, %(item)s, %(enrollment)s, %(person)s, %(form)s,
        %(guideline)s, 1, '{0,1}', '{k1,k2}', clock_timestamp(), clock_timestamp() + interval '30 minutes', '', '')
"""
MARK = "UPDATE projects_work_slot SET state = 'leased', holder_id = %(person)s WHERE id = %(slot)s"
MOVE = """
    INSERT INTO projects_work_cursor (id, workspace_id, enrollment_id, batch_id, annotator_id, seq)
    VALUES (%(id)s, %(workspace)s, %(enrollment)s, %(batch)s, %(person)s, %(seq)s)
    ON CONFLICT (enrollment_id, batch_id) DO UPDATE SET seq = EXCLUDED.seq
"""
ITEM = "SELECT prompt, responses, context FROM projects_items_item WHERE id = %(item)s"
END = "UPDATE projects_work_lease SET ended_at = clock_timestamp(), ended_as = 'submitted' WHERE id = %(lease)s"
FILL = "UPDATE projects_work_slot SET state = 'filled' WHERE id = %(slot)s"
ANNOTATE = """
    INSERT INTO projects_work_annotation (id, workspace_id, project_id, batch_id, item_id, slot_id, lease_id,
        enrollment_id, annotator_id, form_id, guideline_version_id, answer, label, price_minor, fee_minor, currency,
        seconds, state, submitted_at, decide_by)
    VALUES (%(id)s, %(workspace)s, %(project)s, %(batch)s, %(item)s, %(slot)s, %(lease)s, %(enrollment)s, %(person)s,
        %(form)s, %(guideline)s, %(answer)s, 1, %(price)s, %(fee)s, %(currency)s, 30, 'submitted', clock_timestamp(),
        clock_timestamp() + interval '72 hours')
"""
TELL = """
    INSERT INTO rlhfhub_events_event (id, workspace_id, kind, subject_id, data)
    VALUES (%(event)s, %(workspace)s, 'work.submitted', %(id)s, %(data)s)
"""
ANSWER = '{"preference": {"choice": 1}, "reason": "It follows the instruction better."}'


@dataclass
class Loop:
    """One annotator's loop over one connection; `place` holds the ids that all its rows share."""

    connection: psycopg.Connection
    place: dict[str, Any]
    after: int = 0

    def _run(self, statement: str, **values: Any) -> psycopg.Cursor:
        return self.connection.execute(statement, {**self.place, **values}, prepare=True)

    def once(self) -> bool:
        """Claim and submit one. Returns False when there is nothing left."""
        with self.connection.transaction():
            slot = self._run(CLAIM, after=self.after).fetchone()
            if slot is None:
                return False
            lease, slot_id, item, self.after = uuid.uuid4(), slot[0], slot[1], slot[2]
            self._run(LEASE, lease=lease, slot=slot_id, item=item)
            self._run(MARK, slot=slot_id)
            self._run(MOVE, id=uuid.uuid4(), seq=self.after)
            self._run(ITEM, item=item).fetchone()
        with self.connection.transaction():
            annotation = uuid.uuid4()
            # The answer before the lease's end: a lease is submitted with it.
            self._run(ANNOTATE, id=annotation, item=item, slot=slot_id, lease=lease, answer=ANSWER)
            self._run(END, lease=lease)
            self._run(FILL, slot=slot_id)
            data = f'{{"item_id": "{item}", "project_id": "{self.place["project"]}"}}'
            self._run(TELL, event=uuid.uuid4(), id=annotation, data=data)
        return True


def main() -> None:
    """One order; `go` begins it."""
    order = json.loads(sys.stdin.readline())
    with psycopg.connect(order["url"], autocommit=True) as connection:
        # jsonb arrives as text: the script does not parse what it does not need.
        connection.adapters.register_loader("jsonb", psycopg.types.string.TextLoader)
        loop = Loop(connection, order["place"], order["after"])
        print("ready", flush=True)
        sys.stdin.readline()
        started, loops = time.perf_counter(), 0
        while (
            loops < order["loops"]
            and time.perf_counter() - started < order["seconds"]
            and loop.once()
        ):
            loops += 1
        print(json.dumps({"loops": loops, "seconds": time.perf_counter() - started}), flush=True)


if __name__ == "__main__":
    main()
