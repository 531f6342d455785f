"""Set money aside for reading a project's guidelines, give it back, and say what becomes of a reading.

An annotator is promised it by a trigger when they accept guidelines; `billing.bonuses` pays it.
"""

import uuid
from contextlib import suppress

from django.db import connection, transaction

from billing.deposits import freezing
from billing.ledger import entries
from billing.ledger.services import Overdrawn, post
from billing.readings import selectors
from billing.readings.models import Reading, ReadingBudget, ReadingFunding
from billing.readings.selectors import Readers
from projects.items.models import Batch
from projects.plan.models import GuidelineVersion, Project
from rlhfhub.ground.ids import uuid7
from rlhfhub.ground.money import format_minor
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit

MOST_READERS = 10_000
#: A batch that is funded leaves money for so many readers at least, and for one more for each so many answers.
LEAST_READERS = 3
ANSWERS_A_READER = 50


def readers_for(project: Project, *, answers: int, at_least: int) -> Readers:
    """Return for how many more readers a batch of so many answers needs money. Workspace plane.

    `at_least` is how many annotators one item needs. What the project has set aside already counts.
    """
    each = selectors.reading_minor(project)
    if not each:
        return Readers()
    wanted = max(LEAST_READERS, at_least, -(-answers // ANSWERS_A_READER))
    left = selectors.free_minor(project.pk) // each
    return Readers(max(0, min(wanted, MOST_READERS) - left), each)


def set_aside_for_batch(batch: Batch, readers: Readers, actor_id: uuid.UUID | None) -> None:
    """Set aside what the batch's cost says. Workspace plane, in the transaction that funds the batch."""
    if readers.count:
        _move(batch.project, readers.count, readers.total_minor, actor_id, batch)


def set_aside(
    *,
    project: Project,
    readers: int,
    actor_id: uuid.UUID | None,
    agreed_minor: int | None = None,
) -> ReadingFunding:
    """Set money of the free balance aside for so many readers of the guidelines in force. Workspace plane.

    `agreed_minor` is the sum that the caller was shown and agreed to, if any.

    Raises: Refused, naming the field, for a number of readers that cannot be; Refused where reading the guidelines pays
        nothing (`reading_unpaid`), the sum is another than was agreed to (`cost_changed`), or a payment of the
        workspace is disputed (`frozen`); Overdrawn when the balance does not cover it.
    """
    if not 1 <= readers <= MOST_READERS:
        raise invalid("readers", f"This must be a whole number from 1 to {MOST_READERS:,}.")
    freezing.check(project.workspace_id)
    each = selectors.reading_minor(project)
    if not each:
        words = (
            "Reading the guidelines of this project pays nothing, so there is nothing to set aside."
        )
        raise Refused("reading_unpaid", words, status=409)
    amount = readers * each
    if agreed_minor is not None and agreed_minor != amount:
        total = format_minor(amount, project.currency)
        words = f"Reading pays something else now: it is {total}. Nothing was moved; look again."
        raise Refused("cost_changed", words, status=409)
    made = _move(project, readers, amount, actor_id)
    data = {"readers": readers, "amount_minor": amount}
    audit.note("reading.set_aside", project.pk, actor_id=actor_id, data=data)
    return made


_DUE = """
    SELECT count(*) FILTER (WHERE due > 0), COALESCE(sum(due), 0)::bigint FROM (
        SELECT readings_due(%(version)s, e.id) AS due FROM projects_enrollment_enrollment e
        WHERE e.project_id = %(project)s AND e.state IN ('active', 'calibrating')) each
"""


def follow_version(version: GuidelineVersion, actor_id: uuid.UUID | None) -> None:
    """Set aside what the project's annotators get for reading a version that came into force. Workspace plane.

    If the free balance does not cover it, the version is in force all the same: whoever the budget does not cover
    waits, and the members are told (`notices.tell_of_empty`).
    """
    if not version.rereading_minor:
        return
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"version": version.pk, "project": version.project_id})
        readers, amount = cursor.fetchone()
    if not readers or freezing.is_frozen(version.workspace_id):
        return
    with suppress(Overdrawn), transaction.atomic():
        _move(version.project, readers, amount, actor_id)


def _move(
    project: Project,
    readers: int,
    amount: int,
    actor_id: uuid.UUID | None,
    batch: Batch | None = None,
) -> ReadingFunding:
    made = ReadingFunding(
        id=uuid7(),
        workspace_id=project.workspace_id,
        project=project,
        batch=batch,
        readers=readers,
        amount_minor=amount,
        currency=project.currency,
        given_by_id=actor_id,
    )
    promise = entries.promise if amount > 0 else entries.unpromise
    entry = promise(
        workspace_id=made.workspace_id,
        currency=made.currency,
        amount_minor=abs(amount),
        cause_id=made.pk,
        actor_id=actor_id,
    )
    # Move the money first: the database refuses a row whose money was not moved.
    post([entry])
    made.save(force_insert=True)
    return made


_LIVE = (Batch.Status.FUNDED, Batch.Status.OPEN, Batch.Status.PAUSED)


def give_back(*, project_id: uuid.UUID) -> int:
    """Give back what is set aside and not promised, once no batch of the project is funded or open. System plane.

    Returns: the amount, in minor units.
    """
    budget = ReadingBudget.objects.filter(project=project_id).select_related("project").first()
    if budget is None or budget.free_minor == 0:
        return 0
    batches = Batch.objects.filter(project=project_id)
    if batches.filter(status__in=_LIVE).exists() or batches.filter(funding="running").exists():
        return 0
    # If an annotator is promised some of it at the same moment, the database refuses this, and the next turn does it.
    _move(budget.project, 0, -budget.free_minor, None)
    return budget.free_minor


_RELEASED = """
    UPDATE billing_readings_reading r SET state = 'released'
    FROM projects_enrollment_enrollment e
    WHERE e.id = r.enrollment_id AND r.state = 'promised' AND e.state = 'ended' AND r.workspace_id = %(workspace)s
      AND (EXISTS (SELECT FROM rlhfhub_tenancy_membership m
                   WHERE m.workspace_id = r.workspace_id AND m.user_id = r.annotator_id)
           OR NOT EXISTS (
               SELECT FROM projects_work_annotation a WHERE a.enrollment_id = e.id AND (
                   a.state IN ('submitted', 'returned', 'accepted')
                   OR a.state = 'rejected' AND NOT EXISTS (
                       SELECT FROM projects_review_decision d
                       WHERE d.annotation_id = a.id AND d.verdict IN ('upheld', 'lapsed')))))
"""


def release(*, workspace_id: uuid.UUID) -> int:
    """Release readings of annotators who have left and whose answers earn nothing any more. System plane.

    Those of somebody who has become a member since are released too: a workspace pays no member.

    Returns: how many.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RELEASED, {"workspace": workspace_id})
        return int(cursor.rowcount)


_PAID = """
    UPDATE billing_readings_reading r SET state = 'paid'
    FROM projects_work_annotation a
    JOIN projects_plan_guidelineversion answered ON answered.id = a.guideline_version_id,
         projects_plan_guidelineversion read
    WHERE a.id = ANY(%(annotations)s::uuid[]) AND a.state = 'accepted' AND r.enrollment_id = a.enrollment_id
      AND r.state = 'promised' AND read.id = r.guideline_version_id AND read.number <= answered.number
      AND NOT EXISTS (SELECT FROM rlhfhub_tenancy_membership m
                      WHERE m.workspace_id = r.workspace_id AND m.user_id = r.annotator_id)
    RETURNING r.id
"""


def earned(*, annotation_ids: list[uuid.UUID]) -> list[Reading]:
    """Mark what these accepted answers earn for reading as paid, and return it. System plane.

    The caller pays it in the same transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PAID, {"annotations": annotation_ids})
        ids = [row[0] for row in cursor.fetchall()]
    rows = Reading.objects.filter(pk__in=ids)
    return list(rows.select_related("guideline_version", "enrollment__project")) if ids else []
