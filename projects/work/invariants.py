"""The invariants of the work room: what must always be true of slots, leases and annotations."""

import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import connection

from projects.kinds import form as forms
from projects.work.lease_invariants import SKEW, WHO_LEASES
from projects.work.services.queue import draw_order
from rlhfhub.invariants import Invariant, guards, register

_PAGE = 5000
# The task that ends expired leases runs every few seconds. If one is still open after this, the task has stopped.
SWEPT_WITHIN = "interval '10 minutes'"
_GRACE = f"interval '{settings.LEASE_GRACE_SECONDS} seconds'"


def _orders_not_drawn() -> Iterator[str]:
    """Yield leases whose order is not the one drawn from their seed, or whose keys are not distinct."""
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT id, seed, shown, keys FROM projects_work_lease")
        while rows := cursor.fetchmany(_PAGE):
            for lease_id, seed, shown, keys in rows:
                if list(shown) != draw_order(seed, len(shown)) or len(set(keys)) != len(shown):
                    yield f"lease={lease_id} shown={shown}"


_ANSWERED = """
    SELECT a.id, f.id, f.questions::text, a.answer::text, a.units, a.judged
    FROM projects_work_annotation a JOIN projects_plan_form f ON f.id = a.form_id
"""


def _judgments_not_of_answer() -> Iterator[str]:
    """Yield annotations whose judgments differ from those that their form reads in their answer."""
    known: dict[Any, list[dict[str, Any]]] = {}
    with connection.chunked_cursor() as cursor:
        cursor.execute(_ANSWERED)
        while rows := cursor.fetchmany(_PAGE):
            for annotation_id, form_id, questions, answer, units, judged in rows:
                form = known.setdefault(form_id, json.loads(questions))
                if forms.judgments_of(form, json.loads(answer)) != (units, judged):
                    yield f"annotation={annotation_id} units={units} judged={judged}"


_W1 = (
    Invariant(
        "W1",
        "no item has more annotations than slots",
        """SELECT a.item_id AS item, a.n AS annotations, COALESCE(s.n, 0) AS slots
           FROM (SELECT item_id, count(*) AS n FROM projects_work_annotation GROUP BY item_id) a
           LEFT JOIN (SELECT item_id, count(*) AS n FROM projects_work_slot WHERE state <> 'cancelled'
                      GROUP BY item_id) s ON s.item_id = a.item_id
           WHERE a.n > COALESCE(s.n, 0)""",
    ),
    Invariant(
        "W1",
        "no slot is filled twice",
        """SELECT slot_id AS slot, count(*) AS annotations FROM projects_work_annotation
           GROUP BY slot_id HAVING count(*) > 1""",
    ),
)

_W2 = (
    Invariant(
        "W2",
        "nobody annotates an item twice",
        """SELECT annotator_id AS annotator, item_id AS item, count(*) AS annotations
           FROM projects_work_annotation GROUP BY annotator_id, item_id HAVING count(*) > 1""",
    ),
    Invariant(
        "W2",
        "nobody holds an item twice, or an item that they answered or returned",
        """SELECT annotator_id AS annotator, item_id AS item, count(*) AS leases FROM projects_work_lease
           WHERE ended_as IS NULL OR ended_as IN ('submitted', 'returned')
           GROUP BY annotator_id, item_id HAVING count(*) > 1""",
    ),
    Invariant(
        "W2",
        "linked accounts share no item that one of them leased after they were linked",
        """SELECT p.id AS pair, later.id AS lease FROM rlhfhub_tenancy_accountpair p
           JOIN projects_work_lease l ON l.annotator_id IN (p.one_id, p.other_id)
           JOIN projects_work_lease later ON later.item_id = l.item_id AND later.annotator_id IN (p.one_id, p.other_id)
            AND later.annotator_id <> l.annotator_id AND later.leased_at > GREATEST(l.leased_at, p.decided_at)
           WHERE p.state = 'linked' AND (l.ended_as IS NULL OR l.ended_as IN ('submitted', 'returned'))
             AND (later.ended_as IS NULL OR later.ended_as IN ('submitted', 'returned'))""",
    ),
    Invariant(
        "W2",
        "a slot has at most one live lease, and so has an enrollment",
        """SELECT 'slot' AS of, slot_id AS id, count(*) AS live FROM projects_work_lease
           WHERE ended_at IS NULL GROUP BY slot_id HAVING count(*) > 1
           UNION ALL SELECT 'enrollment', enrollment_id, count(*) FROM projects_work_lease
           WHERE ended_at IS NULL GROUP BY enrollment_id HAVING count(*) > 1""",
    ),
)

_W3 = (
    Invariant(
        "W3",
        "an annotation has the guideline version and form of its lease and the price and purpose of its slot",
        """SELECT a.id AS annotation FROM projects_work_annotation a
           LEFT JOIN projects_work_lease l ON l.id = a.lease_id LEFT JOIN projects_work_slot s ON s.id = a.slot_id
           LEFT JOIN projects_items_batch b ON b.id = a.batch_id
           WHERE (a.form_id, a.form_id, a.guideline_version_id, b.phase)
                 IS DISTINCT FROM (l.form_id, b.form_id, l.guideline_version_id, l.phase)
              OR (a.price_minor, a.fee_minor, a.currency, a.purpose)
                 IS DISTINCT FROM (s.price_minor, s.fee_minor, s.currency, s.purpose)""",
    ),
)

_W4 = (
    Invariant(
        "W4",
        "an annotation ended its lease, and within the lease's time",
        f"""SELECT a.id AS annotation, l.id AS lease, l.ended_as, a.submitted_at, l.expires_at
            FROM projects_work_annotation a LEFT JOIN projects_work_lease l ON l.id = a.lease_id
            WHERE l.ended_as IS DISTINCT FROM 'submitted' OR a.submitted_at IS DISTINCT FROM l.ended_at
               OR l.ended_at < l.leased_at OR l.ended_at > l.expires_at + {_GRACE}
               OR (a.slot_id, a.item_id, a.enrollment_id, a.annotator_id)
                  IS DISTINCT FROM (l.slot_id, l.item_id, l.enrollment_id, l.annotator_id)""",
    ),
    Invariant(
        "W4",
        "a submitted lease has exactly one annotation",
        """SELECT l.id AS lease, count(a.id) AS annotations FROM projects_work_lease l
           LEFT JOIN projects_work_annotation a ON a.lease_id = l.id
           WHERE l.ended_as = 'submitted' GROUP BY l.id HAVING count(a.id) <> 1""",
    ),
)

_W5 = (
    Invariant(
        "W5",
        "an expired lease is ended within minutes",
        f"""SELECT id AS lease, expires_at FROM projects_work_lease
            WHERE ended_at IS NULL AND expires_at + {_GRACE} + {SWEPT_WITHIN} < clock_timestamp()""",
    ),
    Invariant(
        "W5",
        "a leased slot has a live lease, and that lease's annotator is its holder",
        """SELECT s.id AS slot, s.state, l.id AS lease FROM projects_work_slot s
           FULL JOIN (SELECT * FROM projects_work_lease WHERE ended_at IS NULL) l ON l.slot_id = s.id
           WHERE (s.state = 'leased' AND l.annotator_id IS DISTINCT FROM s.holder_id)
              OR (l.id IS NOT NULL AND s.state IS DISTINCT FROM 'leased')""",
    ),
)

_W7 = (
    Invariant(
        "W7",
        "a slot for data is of an item of its batch, and any other of an item of its project's pool",
        """SELECT s.id AS slot, s.purpose FROM projects_work_slot s LEFT JOIN projects_items_item i ON i.id = s.item_id
           LEFT JOIN projects_items_batch b ON b.id = i.batch_id
           WHERE i.project_id IS DISTINCT FROM s.project_id
              OR (i.batch_id = s.batch_id, b.is_pool)
                 IS DISTINCT FROM (s.purpose = 'data', s.purpose <> 'data')""",
    ),
)

_W7_KEPT = (
    Invariant(
        "W7",
        "a slot that is kept for somebody is leased and answered by nobody else",
        """SELECT s.id AS slot, s.kept_for_id AS kept_for, l.enrollment_id AS leased_by FROM projects_work_slot s
           JOIN projects_work_lease l ON l.slot_id = s.id WHERE s.kept_for_id <> l.enrollment_id""",
    ),
)

_W9 = (
    Invariant("W9", "the order shown is the one drawn from the lease's seed", _orders_not_drawn),
    Invariant(
        "W9",
        "an annotation's judgments are those in its stored answer",
        _judgments_not_of_answer,
    ),
    Invariant(
        "W9",
        "a lease shows all responses of its item, and their number is its slot's",
        """SELECT l.id AS lease, s.responses, cardinality(l.shown) AS shown FROM projects_work_lease l
           JOIN projects_work_slot s ON s.id = l.slot_id JOIN projects_items_item i ON i.id = l.item_id
           WHERE (cardinality(l.shown), cardinality(l.keys), jsonb_array_length(i.responses))
             IS DISTINCT FROM (s.responses::int, s.responses::int, s.responses::int)""",
    ),
)

_W14 = (
    Invariant(
        "W14",
        "a submitted answer keeps its slot, whatever happens to the batch",
        """SELECT a.id AS annotation, s.state FROM projects_work_annotation a
           LEFT JOIN projects_work_slot s ON s.id = a.slot_id
           WHERE s.state IS DISTINCT FROM 'filled' OR s.holder_id IS DISTINCT FROM a.annotator_id
              OR (s.item_id, s.batch_id, s.project_id) IS DISTINCT FROM (a.item_id, a.batch_id, a.project_id)""",
    ),
)

_W15 = (
    Invariant(
        "W15",
        "the triggers that allow only declared changes of slots, leases and annotations are enabled",
        guards(
            ("of_item", "projects_work_slot"),
            ("edge", "projects_work_slot"),
            ("kept", "projects_work_slot"),
            ("item_kept", "projects_work_slot"),
            ("answered", "projects_work_lease"),
            ("made", "projects_work_lease"),
            ("linked", "projects_work_lease"),
            ("ended", "projects_work_lease"),
            ("slot_again", "projects_work_lease"),
            ("append_only", "projects_work_lease"),
            ("made", "projects_work_annotation"),
            ("edge", "projects_work_annotation"),
            ("kept", "projects_work_annotation"),
            ("append_only", "projects_work_annotationhistory"),
            ("append_only", "projects_work_annotation"),
        ),
    ),
    Invariant(
        "W15",
        "a filled slot has an annotation, and only slots of closed batches are cancelled",
        """SELECT s.id AS slot, s.state FROM projects_work_slot s JOIN projects_items_batch b ON b.id = s.batch_id
           LEFT JOIN projects_work_annotation a ON a.slot_id = s.id
           WHERE (s.state = 'filled') <> (a.id IS NOT NULL)
              OR (s.state = 'cancelled' AND b.status NOT IN ('closed', 'signed_off'))""",
    ),
    Invariant(
        "W15",
        "a lease is made while its batch is open",
        f"""SELECT l.id AS lease, b.status FROM projects_work_lease l JOIN projects_work_slot s ON s.id = l.slot_id
            JOIN projects_items_batch b ON b.id = s.batch_id
            WHERE b.status IN ('draft', 'funded') OR l.leased_at < b.opened_at - {SKEW}
               OR l.leased_at > b.closed_at + {SKEW}""",
    ),
)

INVARIANTS = (*_W1, *_W2, *_W3, *_W4, *_W5, *WHO_LEASES, *_W7, *_W7_KEPT, *_W9, *_W14, *_W15)


def put_in_register() -> None:
    """Register the invariants. Called once the apps are ready."""
    register("projects.work", INVARIANTS)
