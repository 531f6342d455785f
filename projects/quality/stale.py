"""Which figures of which projects must be recomputed."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

from projects.quality.models import Stale

_MARK = """
    INSERT INTO projects_quality_stale (id, workspace_id, project_id, figures, since)
    SELECT rlhfhub_uuid7(), current_setting('rlhfhub.workspace')::uuid, project_id, figures, clock_timestamp()
    FROM unnest(%s::uuid[]) AS p(project_id) CROSS JOIN unnest(%s::text[]) AS f(figures)
"""


def mark_stale(
    *, project_ids: Sequence[Any], figures: Sequence[str] = tuple(Stale.Figures.values)
) -> None:
    """Record that these figures of the projects, by default all, must be recomputed. Workspace plane."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [list(project_ids), list(figures)])


@contextmanager
def recomputed(project_id: uuid.UUID, figures: str) -> Iterator[None]:
    """Recompute figures inside the block; afterwards they are stale only if they were marked in the meantime."""
    rows = Stale.objects.filter(project_id=project_id, figures=figures)
    found = list(rows.values_list("pk", flat=True))
    yield
    Stale.objects.filter(pk__in=found).delete()
