"""The audit trail: who did what."""

import uuid
from typing import Any

from rlhfhub.tenancy.models import AuditEntry
from rlhfhub.tenancy.planes import standing


def note(
    verb: str, subject: object, *, actor_id: uuid.UUID | None, data: dict[str, Any] | None = None
) -> None:
    """Write one entry in the present transaction, under the present plane's workspace."""
    where = standing()
    AuditEntry.objects.create(
        workspace_id=where.workspace,
        actor_id=actor_id,
        plane=where.plane.value if where.plane else "owner",
        verb=verb,
        subject=str(subject)[:120],
        data=data or {},
    )
