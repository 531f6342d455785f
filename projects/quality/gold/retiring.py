"""Retires the keys of items that no longer measure annotators well."""

import uuid

from projects.items.keys import services
from projects.items.models import Key
from projects.quality.gold.health import health_of
from projects.quality.gold.overview import BY_A_CHECK

_PASSES = 5


def retire_unsound(*, project_id: uuid.UUID) -> int:
    """Retire the keys of a project's unsound items, with the reason. Workspace plane. Returns how many were retired.

    Without a wrong key more people turn out to be good, who may show that another one is wrong: so the check is
    repeated until it finds none. Somebody can restore a key; then only later answers count against its item.
    """
    count = 0
    for _ in range(_PASSES):
        retired = sum(
            _retire(item_id, question, BY_A_CHECK + health.fault)
            for (item_id, question), health in health_of(project_id).items()
            if health.fault
        )
        if not retired:
            break
        count += retired
    return count


def _retire(item_id: uuid.UUID, question: str, because: str) -> int:
    keys = list(Key.objects.filter(item=item_id, question=question, retired_at=None))
    for key in keys:
        services.retire(key=key, because=because, actor_id=None)
    return len(keys)
