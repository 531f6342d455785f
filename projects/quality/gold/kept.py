"""Stores the health of keyed items for the pages and REST, and reads it. Workspace plane."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from projects.plan.models import Project
from projects.quality.gold.figures import Hits
from projects.quality.gold.health import KeyHealth, health_of
from projects.quality.gold.models import KeyFigures
from projects.stats.change_point import ChangePoint
from rlhfhub.tenancy import clock


@dataclass(frozen=True, slots=True)
class KeptHealth:
    """How a keyed item does on one question, as of `at`."""

    question: str
    health: KeyHealth
    at: datetime


def refresh(*, project_id: uuid.UUID) -> int:
    """Compute the health of a project's keyed items and replace what was stored. Returns how many rows were stored."""
    rows = KeyFigures.objects.filter(project=project_id)
    workspace_id = Project.objects.values_list("workspace_id", flat=True).get(pk=project_id)
    at, found = clock.now(), health_of(project_id)
    rows.delete()
    made = KeyFigures.objects.bulk_create(
        [
            KeyFigures(
                workspace_id=workspace_id,
                project_id=project_id,
                item_id=item_id,
                question=question,
                answers=health.answers,
                judged=health.every.judged,
                hits=health.every.hits,
                judged_good=health.good.judged,
                hits_good=health.good.hits,
                jump=asdict(health.jump) if health.jump else None,
                at=at,
            )
            for (item_id, question), health in found.items()
        ],
        batch_size=1000,
    )
    return len(made)


def kept_health(item_ids: Sequence[uuid.UUID]) -> Mapping[tuple[uuid.UUID, str], KeptHealth]:
    """Return the stored health of these keyed items, by (item, question)."""
    return {
        (row.item_id, row.question): KeptHealth(row.question, _health(row), row.at)
        for row in KeyFigures.objects.filter(item__in=item_ids)
    }


def _health(row: KeyFigures) -> KeyHealth:
    return KeyHealth(
        answers=row.answers,
        every=Hits(row.judged, row.hits),
        good=Hits(row.judged_good, row.hits_good),
        jump=ChangePoint(**row.jump) if row.jump else None,
    )
