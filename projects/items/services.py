"""Services of batches: create, plan, fund, open, pause and close them."""

import uuid
from dataclasses import asdict, dataclass

from django.db.models import F, Max

from projects.items import gates
from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.events import outbox
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit, clock

BATCH_CLOSED = "items.batch_closed"

MAX_OVERLAP = 50
SHARE_LEAST = 3
MAX_GOLD_PERCENT = 20
MAX_REPEAT_PERCENT = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """An overlap plan: each item is judged by `overlap` annotators, a random `share_percent` by `share_overlap`.

    The reserve is `reserve_percent` of these slots: paid for, and made only when somebody asks for them. Beside the
    items stand keyed ones, `gold_percent` of their number, each judged by `overlap` annotators. So many repeats as
    `repeat_percent` of the slots are paid for, and made as they fall due.
    """

    overlap: int
    share_percent: int = 10
    share_overlap: int = SHARE_LEAST
    reserve_percent: int = 0
    gold_percent: int = 0
    repeat_percent: int = 0

    def shared(self, items: int) -> int:
        """Return how many items get `share_overlap` slots: `share_percent` of the items, rounded up.

        It is 0 if `share_overlap` is not above `overlap`, because the share would then get no more than the others.
        """
        if self.share_overlap <= self.overlap:
            return 0
        return -(-items * self.share_percent // 100)

    def slots(self, items: int) -> int:
        """Return how many slots this many items get."""
        return items * self.overlap + self.shared(items) * (self.share_overlap - self.overlap)

    def reserve(self, items: int) -> int:
        """How many slots the reserve pays for, beside those of the plan: the percentage, rounded up."""
        return -(-self.slots(items) * self.reserve_percent // 100)

    def gold(self, items: int) -> int:
        """Return how many keyed items stand among this many items: the percentage, rounded up."""
        return -(-items * self.gold_percent // 100)

    def repeats(self, items: int) -> int:
        """Return how many repeats are paid for, one slot each: the percentage of the slots, rounded up."""
        return -(-self.slots(items) * self.repeat_percent // 100)


def plan_of(batch: Batch) -> Plan:
    """Return the batch's overlap plan."""
    return Plan(**{field: getattr(batch, field) for field in PLAN_LIMITS})


# The fields of a plan, with the least and the most that each may be.
PLAN_LIMITS = {
    "overlap": (1, MAX_OVERLAP),
    "share_percent": (0, 100),
    "share_overlap": (SHARE_LEAST, MAX_OVERLAP),
    "reserve_percent": (0, 100),
    "gold_percent": (0, MAX_GOLD_PERCENT),
    "repeat_percent": (0, MAX_REPEAT_PERCENT),
}


def _check_plan(plan: Plan) -> None:
    for field, (least, most) in PLAN_LIMITS.items():
        if not least <= getattr(plan, field) <= most:
            raise invalid(field, f"This must be a whole number from {least} to {most}.")


def _check_kin(project: Project, plan: Plan) -> None:
    """Raises: Refused for gold or repeats in a project that judges answers of others: it has no pool."""
    for field in ("gold_percent", "repeat_percent"):
        if project.purpose != Project.Purpose.WORK and getattr(plan, field):
            raise invalid(field, "This project judges answers of others, so this must be 0.")


def create_batch(
    *,
    project: Project,
    name: str = "",
    model_tag: str = "",
    plan: Plan | None = None,
    actor_id: uuid.UUID | None,
) -> Batch:
    """Create the project's next batch, empty. Without a plan, it uses the project's overlap.

    Raises: Refused, naming the field, for a plan out of range.
    """
    plan = plan or Plan(project.overlap)
    _check_plan(plan)
    _check_kin(project, plan)
    Project.objects.select_for_update().get(pk=project.pk)
    last = Batch.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
    batch = Batch.objects.create(
        workspace_id=project.workspace_id,
        project=project,
        number=last + 1,
        name=name,
        model_tag=model_tag,
        **asdict(plan),
    )
    audit.note("batch.create", batch.pk, actor_id=actor_id)
    return batch


def create_calibration_batch(*, project: Project, name: str, items: int, overlap: int) -> Batch:
    """Create the batch of a calibration attempt, whose slots are on `items` items of the project's pool.

    It has no items of its own, no random share and no reserve. Workspace plane, inside a transaction.
    """
    Project.objects.select_for_update().get(pk=project.pk)
    last = Batch.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
    batch: Batch = Batch.objects.create(
        workspace_id=project.workspace_id,
        project=project,
        number=last + 1,
        name=name,
        phase=Batch.Phase.CALIBRATION,
        overlap=overlap,
        share_percent=0,
        items_count=items,
    )
    return batch


def change_plan(*, batch: Batch, plan: Plan, actor_id: uuid.UUID | None) -> Batch:
    """Change the overlap plan of a batch.

    Raises: Refused for a plan out of range, and (`funded`) if the batch is funded or no longer a draft.
    """
    _check_plan(plan)
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.phase == Batch.Phase.CALIBRATION:
        words = "The plan of a calibration batch is that of its round. Make another round to use another."
        raise Refused("calibration", words, status=409)
    if batch.funding != Batch.Funding.NONE or batch.status != Batch.Status.DRAFT:
        raise Refused(
            "funded",
            "The overlap plan can be changed only before the batch is funded. Create another batch to use another.",
            status=409,
        )
    _check_kin(batch.project, plan)
    for field, value in asdict(plan).items():
        setattr(batch, field, value)
    batch.save(update_fields=list(PLAN_LIMITS))
    audit.note("batch.plan", batch.pk, actor_id=actor_id)
    return batch


def begin_funding(*, batch: Batch, fee_minor: int, slots: int) -> None:
    """Copy the project's terms to the batch, where they stay fixed, and mark its funding as running.

    The caller has locked the batch's row and recorded the funding run.
    """
    project = batch.project
    Batch.objects.filter(pk=batch.pk).update(
        funding=Batch.Funding.RUNNING,
        slots_count=slots,
        form=project.form_id,
        price_minor=project.price_minor,
        fee_minor=fee_minor,
        currency=project.currency,
        lease_minutes=project.lease_minutes,
        auto_accept_hours=project.auto_accept_hours,
    )


def end_funding(*, batch: Batch) -> None:
    """Mark the batch as funded, so that it can be opened. All its slots exist now."""
    Batch.objects.filter(pk=batch.pk).update(
        funding=Batch.Funding.FUNDED, status=Batch.Status.FUNDED
    )


def count_more_slots(*, batch: Batch, slots: int) -> None:
    """Count slots that the reserve paid for. The caller holds the batch's row and has recorded the run."""
    Batch.objects.filter(pk=batch.pk).update(slots_count=F("slots_count") + slots)


def open_batch(*, batch: Batch, actor_id: uuid.UUID | None) -> Batch:
    """Open a funded or paused batch, so that annotators may lease. Opening an open batch does nothing.

    Raises: Refused if the batch is closed or not funded, if no guidelines are in force, (`gate_closed`) if another room
    asks for something first, and (`below_pay_floor`) if its price pays too little per hour.
    """
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.status == Batch.Status.OPEN:
        return batch
    if batch.status in {Batch.Status.CLOSED, Batch.Status.SIGNED_OFF}:
        raise Refused(
            "closed", "A closed batch cannot be opened again. Create another batch.", status=409
        )
    if batch.status == Batch.Status.DRAFT:
        raise Refused(
            "not_funded",
            "Fund the batch first: funding creates the slots in which its answers are given.",
            status=409,
        )
    if batch.project.guideline_version_id is None:
        raise Refused(
            "no_guidelines",
            "Publish guidelines first: annotators must accept them before they can work.",
            status=409,
        )
    gates.check_terms(batch)
    if words := gates.closed_because(batch):
        raise Refused("gate_closed", words, status=409)
    batch.status, batch.opened_at = Batch.Status.OPEN, batch.opened_at or clock.now()
    batch.save(update_fields=["status", "opened_at"])
    audit.note("batch.open", batch.pk, actor_id=actor_id)
    return batch


def pause_batch(*, batch: Batch, actor_id: uuid.UUID | None) -> Batch:
    """Pause an open batch: no new leases until it is opened again. Live leases can still be submitted.

    Pausing a paused batch does nothing.

    Raises: Refused if the batch is not open.
    """
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.status == Batch.Status.PAUSED:
        return batch
    if batch.status != Batch.Status.OPEN:
        raise Refused("not_open", "Only an open batch can be paused.", status=409)
    batch.status = Batch.Status.PAUSED
    batch.save(update_fields=["status"])
    audit.note("batch.pause", batch.pk, actor_id=actor_id)
    return batch


def close_batch(*, batch: Batch, actor_id: uuid.UUID | None) -> Batch:
    """Close the batch: no new leases. Live leases can still be submitted, and open slots are released.

    Closing a closed batch does nothing.

    Raises: Refused while funding is running.
    """
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.status in {Batch.Status.CLOSED, Batch.Status.SIGNED_OFF}:
        return batch
    if batch.funding == Batch.Funding.RUNNING:
        raise Refused(
            "funding", "Funding is still running. Close the batch when it has finished.", status=409
        )
    batch.status, batch.closed_at = Batch.Status.CLOSED, clock.now()
    batch.save(update_fields=["status", "closed_at"])
    outbox.emit(kind=BATCH_CLOSED, workspace_id=batch.workspace_id, subject_id=batch.pk)
    audit.note("batch.close", batch.pk, actor_id=actor_id)
    return batch
