"""Batches whose items have texts of some length, and alerts as monitors open them."""

import uuid
from collections.abc import Sequence

from projects.items import services as batches
from projects.items.models import Batch
from projects.plan.models import Project
from projects.quality.alerts import opening
from projects.quality.alerts.evidence import Evidence, Point
from projects.quality.alerts.models import Alert
from rlhfhub.tenancy import clock, planes
from tests.factories import fund_batch, import_items, make_batch
from tests.people import Annotator

WORDS = " ".join(["word"] * 200)


def make_long_batch(project: Project, items: int) -> Batch:
    """An open batch whose items have about 600 words each."""
    batch = make_batch(project, 0)
    rows = [
        {
            "external_id": f"long-{number}",
            "prompt": f"Question {number}? {WORDS}",
            "responses": [{"text": f"{side} {number}. {WORDS}"} for side in ("First", "Second")],
        }
        for number in range(items)
    ]
    import_items(batch, rows)
    fund_batch(batch)
    with planes.in_workspace(project.workspace_id):
        batch.refresh_from_db()
        return batches.open_batch(batch=batch, actor_id=None)


def open_alert(
    annotator: Annotator,
    kind: str = "agreement",
    *,
    annotations: Sequence[str] = (),
    **fields: object,
) -> Alert:
    """An open alert about the annotator, which puts all their answers in doubt. `fields` are of its evidence.

    One of kind "moved" is about their whole project. `annotations` are the answers that a search found.
    """
    row = annotator.enrollment
    points = [Point(n, float(n % 7 > 0 or n > 100), n / 130) for n in range(1, 131)]
    usual = {"at": 130, "since": 90, "before": 0.86, "after": 0.61, "a_day": 120.0}
    usual |= {"affected_from": str(uuid.UUID(int=0)), "points": points}
    with planes.in_workspace(row.workspace_id):
        return opening.add(
            workspace_id=row.workspace_id,
            project_id=row.project_id,
            enrollment_id=None if kind == "moved" else row.pk,
            kind=kind,
            evidence=Evidence(**{**usual, **fields}),
            annotations=annotations,
            now=clock.now(),
        )
