"""Bulk accepts: requested by a member, undone within ten minutes, or applied by the scheduled task."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from projects.plan.models import Project
from projects.review.bulk.models import UNDO_MINUTES, BulkAccept, BulkAnswer
from projects.review.services import accepting
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import audit, clock, planes
from rlhfhub.tenancy.models import Membership
from rlhfhub.tenancy.raw import constraint_of
from rlhfhub.tenancy.roles import Capability, may

MOST_ANSWERS = 10_000
"""So many answers one bulk accept can have."""
_NOTHING = "Each of these answers is decided, sent back, or accepted together already, so there is nothing to accept."
_TWICE = (
    "Somebody asked to accept some of these answers at the same moment. Look at the queue again."
)
_OWN = (
    "Nobody decides on their own work, and one of these answers is your own. Leave it out: another member decides on "
    "it."
)


# Undecided answers for data that wait in no other bulk accept; and whether each is the member's own.
_FREE = """
    SELECT a.id, a.price_minor, a.fee_minor, a.annotator_id = %(member)s FROM projects_work_annotation a
    WHERE a.project_id = %(project)s AND a.id = ANY(%(ids)s) AND a.state = 'submitted' AND a.purpose = 'data'
      AND NOT EXISTS (SELECT 1 FROM projects_review_bulkanswer n WHERE n.annotation_id = a.id AND n.outcome = '')
    ORDER BY a.id
"""
# One statement: with ten thousand answers, rows that Python makes one by one take seconds.
_ADD = """
    INSERT INTO projects_review_bulkanswer (id, workspace_id, bulk_accept_id, annotation_id)
    SELECT rlhfhub_uuid7(), %(workspace)s, %(bulk)s, unnest(%(ids)s)
"""


def request_accept(
    *, project: Project, annotation_ids: Sequence[uuid.UUID], member_id: uuid.UUID
) -> BulkAccept:
    """Ask to accept those of up to 10,000 answers of a project that are undecided. Workspace plane.

    It takes effect ten minutes later, and can be undone until then. Answers that measure their annotator are left out:
    they are accepted beside the others. Those that wait in another bulk accept are left out too.

    Raises: Refused for more than 10,000, if one of them is the member's own, if none is left to accept, and if somebody
    asks for one of them at the same moment.
    """
    if len(annotation_ids) > MOST_ANSWERS:
        raise Refused("invalid", f"At most {MOST_ANSWERS} answers can be accepted at once.")
    values = {"project": project.pk, "member": member_id, "ids": list(annotation_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_FREE, values)
        chosen = cursor.fetchall()
    if any(is_own for *_, is_own in chosen):
        raise Refused("own_work", _OWN, status=409)
    if not chosen:
        raise Refused("decided", _NOTHING, status=409)
    now = clock.now()
    bulk: BulkAccept = BulkAccept.objects.create(
        workspace_id=project.workspace_id,
        project=project,
        requested_by_id=member_id,
        requested_at=now,
        takes_effect_at=now + timedelta(minutes=UNDO_MINUTES),
        answers=len(chosen),
        price_minor=sum(price for _, price, _, _ in chosen),
        fee_minor=sum(fee for _, _, fee, _ in chosen),
        currency=project.currency,
    )
    _add(bulk, [key for key, *_ in chosen])
    audit.note("bulk_accept.request", bulk.pk, actor_id=member_id, data={"answers": bulk.answers})
    return bulk


def _add(bulk: BulkAccept, annotation_ids: Sequence[uuid.UUID]) -> None:
    values = {"workspace": bulk.workspace_id, "bulk": bulk.pk, "ids": list(annotation_ids)}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_ADD, values)
    except IntegrityError as error:
        if constraint_of(error) != "bulk_answer_waits_once":
            raise
        raise Refused("asked_twice", _TWICE, status=409) from error


def undo(*, bulk_id: uuid.UUID, member_id: uuid.UUID) -> BulkAccept:
    """Cancel a bulk accept before it takes effect. Any reviewer of the workspace may. Workspace plane.

    Undoing it again changes nothing.

    Raises: Refused if it has taken effect.
    """
    still = BulkAccept.objects.filter(pk=bulk_id, cancelled_at=None, done_at=None)
    undone = still.filter(takes_effect_at__gt=Now()).update(
        cancelled_at=Now(), cancelled_by_id=member_id
    )
    bulk = BulkAccept.objects.filter(pk=bulk_id).first()
    if bulk is None:
        raise Refused("not_found", "Not found.", status=404)
    if undone:
        _release(bulk)
        audit.note("bulk_accept.undo", bulk_id, actor_id=member_id)
    elif bulk.cancelled_at is None:
        raise Refused(
            "too_late", "The ten minutes are over, so this can no longer be undone.", status=409
        )
    return bulk


def due(limit: int = 50) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return the workspaces and ids of bulk accepts that take effect now. System plane."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT workspace_id, id FROM projects_review_bulkaccept WHERE takes_effect_at <= statement_timestamp() "
            "AND cancelled_at IS NULL AND done_at IS NULL ORDER BY takes_effect_at LIMIT %s",
            [limit],
        )
        found: list[tuple[uuid.UUID, uuid.UUID]] = cursor.fetchall()
        return found


def apply(workspace_id: uuid.UUID, bulk_id: uuid.UUID) -> None:
    """Accept the answers of a bulk accept that takes effect now, 500 in a transaction.

    Another process that applies the same one at the same time does nothing. One that was ended in between is continued.
    """
    while True:
        with planes.in_workspace(workspace_id):
            if not _apply_some(bulk_id):
                return


def _apply_some(bulk_id: uuid.UUID) -> bool:
    """Accept up to 500 answers. Returns whether there may be more."""
    bulk = (
        BulkAccept.objects.select_for_update(skip_locked=True)
        .filter(pk=bulk_id, cancelled_at=None, done_at=None, takes_effect_at__lte=Now())
        .first()
    )
    if bulk is None:
        return False
    if not _may_review(bulk.requested_by_id):
        _drop(bulk)
        return False
    rows = BulkAnswer.objects.filter(bulk_accept=bulk, outcome="").order_by("annotation")
    ids = list(rows.values_list("annotation", flat=True)[: accepting.LIMIT])
    accepted = accepting.accept_unchanged(
        annotation_ids=ids, reviewer_id=bulk.requested_by_id, since=bulk.requested_at
    )
    answers = BulkAnswer.objects.filter(bulk_accept=bulk, annotation__in=ids)
    answers.filter(annotation__in=accepted).update(outcome=BulkAnswer.Outcome.ACCEPTED)
    answers.exclude(annotation__in=accepted).update(outcome=BulkAnswer.Outcome.LEFT)
    bulk.accepted += len(accepted)
    has_more = len(ids) == accepting.LIMIT
    if not has_more:
        bulk.done_at = clock.now()
    bulk.save(update_fields=["accepted", "done_at"])
    return has_more


def _may_review(person_id: uuid.UUID) -> bool:
    role = Membership.objects.filter(user=person_id).values_list("role", flat=True).first()
    return role is not None and may(role, Capability.REVIEW)


def _drop(bulk: BulkAccept) -> None:
    """Cancel a bulk accept whose member may not review any more."""
    bulk.cancelled_at = clock.now()
    bulk.save(update_fields=["cancelled_at"])
    _release(bulk)
    audit.note("bulk_accept.drop", bulk.pk, actor_id=None)


def _release(bulk: BulkAccept) -> None:
    """Let the answers that still wait in a cancelled bulk accept be asked for again."""
    rows = BulkAnswer.objects.filter(bulk_accept=bulk, outcome="")
    rows.update(outcome=BulkAnswer.Outcome.UNDONE)
