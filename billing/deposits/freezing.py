"""While a payment of a workspace is disputed, its money is neither set aside nor given back, and no batch is opened.

A batch that was paused is not opened again either. Annotators keep what they earned and are paid; open batches go on.
Triggers on batches, funding runs and bonuses hold this.
"""

import uuid
from dataclasses import dataclass

from billing.deposits.models import Dispute
from billing.ledger.boards import MONEY
from projects.items import gates
from projects.items.boards import BATCH
from projects.items.models import Batch
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.models import Workspace

WORDS = (
    "The bank of a payment of this workspace has taken it back, and it is not decided whose the money is. Until then "
    "nothing is funded, opened or refunded. Work goes on in open batches, and what annotators earned is paid."
)


@dataclass(frozen=True, slots=True)
class Frozen:
    """Why the workspace is frozen, in words, and its open disputes."""

    words: str
    disputes: list[Dispute]


def is_frozen(workspace_id: uuid.UUID) -> bool:
    """Return whether the workspace has an open dispute. Workspace or system plane."""
    rows = Dispute.objects.filter(workspace_id=workspace_id, state=Dispute.State.OPEN)
    return bool(rows.exists())


def check(workspace_id: uuid.UUID) -> None:
    """Raise Refused if the workspace is frozen."""
    if is_frozen(workspace_id):
        raise Refused("frozen", WORDS, status=409)


def check_batch(batch: Batch) -> None:
    """Raise Refused if the batch's workspace is frozen."""
    check(batch.workspace_id)


def on_money(workspace: Workspace) -> Frozen | None:
    """Return why the workspace is frozen, for its money page; None if it is not."""
    rows = Dispute.objects.filter(workspace=workspace, state=Dispute.State.OPEN)
    # A workspace has few open disputes; the page names the newest of them.
    found = list(rows.order_by("-id")[:10])
    return Frozen(WORDS, found) if found else None


def on_batch(batch: Batch) -> Frozen | None:
    """Return what a batch's page says, if the batch could be opened else, for the first time or again."""
    waits = batch.status in (Batch.Status.DRAFT, Batch.Status.FUNDED, Batch.Status.PAUSED)
    if not waits or not is_frozen(batch.workspace_id):
        return None
    return Frozen(WORDS, [])


def register() -> None:
    """Register the panels, and the check of batches that are to be opened. Called from the AppConfig's ready()."""
    MONEY.register("frozen", on_money)
    BATCH.register("frozen", on_batch)
    gates.register_check_of_each_opening(check_batch)
