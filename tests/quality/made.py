"""Batches whose items have texts of some length, and annotators who work in them."""

from projects.items import services as batches
from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.factories import fund_batch, import_items, make_batch

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
