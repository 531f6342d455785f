"""Making slots of a batch on items of its project's pool alone, in a given order."""

import uuid
from collections.abc import Sequence

from projects.items.models import Batch
from projects.work.models import Purpose
from projects.work.services.slots import Placement, Terms, create_funded


def create_on_pool(
    *, batch: Batch, item_ids: Sequence[uuid.UUID], purpose: Purpose, terms: Terms
) -> int:
    """Create `terms.overlap` open slots for each of these items of the project's pool, in their order.

    The caller must have moved their money and must hold a lock on the batch's row. Returns how many.
    """
    # Runs of other batches number slots of the same items.
    Batch.every.select_for_update().get(project=batch.project_id, is_pool=True)
    return create_funded(
        workspace_id=batch.workspace_id,
        project_id=batch.project_id,
        batch_id=batch.pk,
        first_seq=0,
        end_seq=0,
        terms=terms,
        among=[Placement(item_id, after) for after, item_id in enumerate(item_ids)],
        purpose=purpose,
    )
