"""Appeals that an annotator outside the workspace decides, at the platform's cost.

The platform's own workspace has a project whose items are appeals. An appeal that is made becomes an item of a batch of
its own, with one slot, which the room of money funds and opens. Whoever answers it decides the appeal, unless staff or
the clock were first; they are paid either way. Staff decide what no annotator was asked, or took in two days.
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from projects.items import services as batches
from projects.items.models import Batch, Item
from projects.items.services import Plan
from projects.plan import children
from projects.plan.models import Form, Project
from projects.review import case
from projects.review.case import Case
from projects.review.children import freezing, questions
from projects.review.models import Appeal, Decision, Source
from projects.review.services import appeals
from projects.work.models import Annotation
from rlhfhub.events import outbox
from rlhfhub.ground.moments import day_words
from rlhfhub.ground.reasons import written
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import clock, planes
from rlhfhub.tenancy.models import Workspace
from rlhfhub.tenancy.planes import Plane
from rlhfhub.tenancy.raw import unjson

FROZEN = "review.appeal_frozen"
"""An appeal is an item of a draft batch of the platform, the event's subject, which is to be funded and opened."""
WITHDRAWN_HOURS = 48
"""So long annotators have to decide an appeal. After that it is left to staff."""
LIMIT = 100
_RULE_CHARS = 8_000
_BECAUSE_CHARS = 500
_UNEXPLAINED = "An annotator judged it without saying why, so their verdict has no effect."
_OWN = "It is against a rejection in the project in which annotators decide appeals."


def make_project(*, workspace: Workspace, price_minor: int, actor_id: uuid.UUID) -> Project:
    """Return the project in which appeals are decided, made on first use. The platform's workspace plane.

    What it asks is brought up to date. `price_minor` is the pay for an appeal; that of an existing project stays.
    """
    rows = Project.objects.select_related("form", "guideline_version")
    known = rows.filter(purpose=Project.Purpose.APPEAL, status=Project.Status.ACTIVE).first()
    project = known or children.create(
        workspace=workspace,
        name="Appeals",
        purpose=Project.Purpose.APPEAL,
        parent=None,
        terms=children.Terms(Project.Access.MARKET, price_minor, estimated_seconds=300),
        actor_id=actor_id,
    )
    return children.ask(project=project, asked=questions.of_appeals(), actor_id=actor_id)


def freeze(*, annotation_ids: Sequence[uuid.UUID]) -> int:
    """Make an item of the platform of each of these appeals. System plane of all workspaces, inside a transaction.

    Nothing is made without a project for appeals, and for an appeal that is decided or frozen already. One that cannot
    be such an item is left to staff, with the reason, and not tried again.

    Returns: how many are made.
    """
    project = _project()
    if project is None:
        return 0
    made = 0
    rows = Appeal.objects.filter(annotation__in=annotation_ids, left_to_staff="")
    for appeal in rows.select_related("annotation").order_by("pk"):
        found = case.of_appeal(str(appeal.pk))
        if found and found.outcome is None and not _is_frozen(found):
            made += _freeze_or_leave(project, appeal, found)
    return made


def _freeze_or_leave(project: Project, appeal: Appeal, found: Case) -> int:
    """Freeze one appeal, or leave it to staff. Returns how many are frozen."""
    because = _OWN
    if appeal.annotation.project_id != project.pk:
        try:
            with transaction.atomic():
                _freeze(project, found)
        except Refused as refused:
            because = refused.detail
        else:
            return 1
    _leave(found.annotation_id, because)
    return 0


def _leave(annotation_id: uuid.UUID, because: str) -> None:
    """Leave an appeal that waits to staff, unless it is already."""
    if not Decision.objects.filter(annotation=annotation_id, stage=2).exists():
        rows = Appeal.objects.filter(annotation=annotation_id, left_to_staff="")
        rows.update(left_to_staff=because[:_BECAUSE_CHARS])


def _project() -> Project | None:
    rows = Project.objects.filter(
        workspace__slug=settings.PLATFORM_WORKSPACE,
        purpose=Project.Purpose.APPEAL,
        status=Project.Status.ACTIVE,
    )
    return rows.first() if settings.PLATFORM_WORKSPACE else None


def _is_frozen(found: Case) -> bool:
    purpose = Source.Purpose.APPEAL
    return Source.objects.filter(annotation_id=found.annotation_id, purpose=purpose).exists()


def _freeze(project: Project, found: Case) -> None:
    """Freeze one appeal. Raises: Refused if it cannot be an item, as when it is too long."""
    row = Annotation.objects.select_related("item", "lease").get(pk=found.annotation_id)
    asked = Form.objects.get(pk=row.form_id).questions
    with planes.in_workspace(project.workspace_id):
        # Read again, because the project of another workspace's plane is not seen from this one.
        own = Project.objects.select_related("form").get(pk=project.pk)
        batch = batches.create_batch(
            project=own,
            name=f"Appeal of {day_words(clock.now())}",
            plan=Plan(1, share_percent=0),
            actor_id=None,
        )
        shown = freezing.frozen(row, asked, _about(found))
        receipt = freezing.load(batch=batch, rows=[(row.pk, shown)], actor_id=None)
        if not receipt.created:
            faults = "; ".join(f"{one['field']} {one['message']}" for one in receipt.rejected)
            raise Refused("not_an_item", f"It cannot be an item for annotators: {faults}.")
        item = Item.objects.get(batch=batch)
    _remember(item, row)
    outbox.emit(kind=FROZEN, workspace_id=project.workspace_id, subject_id=batch.pk)


def _about(found: Case) -> dict[str, str]:
    """Return what both sides say. Keys of a stored object are in order of their length, so these get longer."""
    back = {"What was asked to be revised": found.returned_note} if found.returned_note else {}
    return {
        "The cited rule": f"{found.rule_id} {found.rule_title}\n{found.rule_text[:_RULE_CHARS]}",
        "Why it was rejected": f"{found.reason}\n{found.note}",
        "What its annotator says": found.statement,
        **back,
    }


def _remember(item: Item, row: Annotation) -> None:
    rejection = Decision.objects.get(annotation=row, stage=1)
    Source.objects.create(
        workspace_id=item.workspace_id,
        item_id=item.pk,
        purpose=Source.Purpose.APPEAL,
        source_workspace_id=row.workspace_id,
        source_item_id=row.item_id,
        annotation_id=row.pk,
        annotator_id=row.annotator_id,
        reviewer_id=rejection.reviewer_id,
        revised_at=row.revised_at,
        frozen_at=clock.now(),
    )


_JUDGED = """
    SELECT s.annotation_id, v.annotator_id, v.answer FROM projects_review_source s
    JOIN projects_work_annotation v ON v.item_id = s.item_id
    WHERE s.item_id = ANY(%s) AND s.purpose = 'appeal' AND v.state IN ('submitted', 'accepted')
    ORDER BY s.annotation_id
"""


def decide(*, item_ids: Sequence[uuid.UUID]) -> int:
    """Decide the appeals that these items show, as whoever answered each item judged. System plane of all workspaces.

    An appeal that staff or the clock decided before, and one whose annotator may not decide it, is not changed. One
    that was judged without saying why is left to staff.

    Returns: how many are decided now.
    """
    with connection.cursor() as cursor:
        cursor.execute(_JUDGED, [list(item_ids)])
        judged = cursor.fetchall()
    return sum(_decide(*row) for row in judged)


def _decide(annotation_id: uuid.UUID, decider_id: uuid.UUID, stored: Any) -> int:
    answer = unjson(stored)
    if not _is_explained(answer):
        _leave(annotation_id, _UNEXPLAINED)
        return 0
    broken = answer[questions.VERDICT] == questions.BROKEN
    ruled = "The rule was broken." if broken else "The rule was followed."
    note = f"{ruled} {answer[questions.NOTE]}"
    with suppress(Refused), planes.entered(Plane.SYSTEM, person=decider_id):
        appeals.decide(annotation_id=annotation_id, broken=broken, note=note, decider_id=decider_id)
        return 1
    return 0


def _is_explained(answer: dict[str, Any]) -> bool:
    """Return whether a decider says why, as staff must, who decide by the same rule."""
    try:
        written(questions.NOTE, answer[questions.NOTE], most=questions.NOTE_CHARS, least=10)
    except Refused:
        return False
    return True


# Batches of appeals that take leases, or wait for money.
_OPEN = """
    SELECT b.workspace_id, b.id FROM projects_review_source s JOIN projects_items_item i ON i.id = s.item_id
    JOIN projects_items_batch b ON b.id = i.batch_id
    WHERE s.purpose = 'appeal' AND b.status NOT IN ('closed', 'signed_off') AND b.funding <> 'running' AND {which}
    ORDER BY s.frozen_at LIMIT %(limit)s
"""


def withdraw(*, annotation_ids: Sequence[uuid.UUID]) -> int:
    """Ask no more annotators to decide these appeals, which have ended. System plane of all workspaces.

    Who is deciding one can still answer, and is paid. Returns how many are withdrawn.
    """
    return _close("s.annotation_id = ANY(%(ids)s)", list(annotation_ids), len(annotation_ids))


def withdraw_due(limit: int = LIMIT) -> int:
    """Leave to staff the appeals that annotators had two days to decide. System plane. Returns how many."""
    which = f"s.frozen_at < statement_timestamp() - interval '{WITHDRAWN_HOURS} hours'"
    return _close(which, [], limit)


def _close(which: str, ids: list[uuid.UUID], limit: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN.format(which=which), {"ids": ids, "limit": limit})
        found = cursor.fetchall()
    for workspace_id, batch_id in found:
        with planes.in_workspace(workspace_id):
            batches.close_batch(batch=Batch.objects.get(pk=batch_id), actor_id=None)
    return len(found)
