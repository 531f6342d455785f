"""Book accepted paid annotations as earned: one journal each; its unique cause prevents a second one."""

import uuid
from collections.abc import Sequence

from billing.ledger import entries
from billing.ledger.services import post
from projects.work.models import Annotation


def accrue(*, annotation_ids: Sequence[uuid.UUID | str]) -> int:
    """Book what these accepted annotations earned; unpaid ones are skipped. System plane. Returns new journals."""
    accepted = Annotation.objects.filter(
        pk__in=annotation_ids, state=Annotation.State.ACCEPTED
    ).exclude(price_minor=0, fee_minor=0)
    rows = accepted.values_list(
        "workspace_id", "batch_id", "id", "annotator_id", "currency", "price_minor", "fee_minor"
    )
    return post(
        [
            entries.accrual(
                workspace_id=workspace_id,
                batch_id=batch_id,
                annotation_id=annotation_id,
                person_id=person_id,
                currency=currency,
                price_minor=price,
                fee_minor=fee,
            )
            for workspace_id, batch_id, annotation_id, person_id, currency, price, fee in rows
        ]
    )
