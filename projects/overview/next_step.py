"""What the people of a project do next: one line above its figures."""

from dataclasses import dataclass
from typing import Literal

from projects.items.models import Batch
from projects.plan.models import Project
from projects.stats.agreement import Verdict

Where = Literal["guidelines", "batches", "batch", "review", "contested", "exports", ""]


@dataclass(frozen=True, slots=True)
class NextStep:
    """`words` say what is next and why; `where` is the page to do it on, `act` the words of the link to it."""

    words: str
    where: Where = ""
    act: str = ""
    batch: Batch | None = None


def next_step(project: Project, *, waiting: int, agreement: Verdict | None) -> NextStep:
    """The first thing that keeps the project from going on. `waiting` answers have no decision. Workspace plane."""
    if project.guideline_version_id is None:
        words = "Annotators read and accept the guidelines before their first item."
        return NextStep(words, "guidelines", "Write the guidelines")
    batches = Batch.objects.filter(project=project).order_by("-number")
    newest = batches.first()
    if newest is None:
        return NextStep(
            "A batch is one delivery of items to judge.", "batches", "Make the first batch"
        )
    is_open = newest.status == Batch.Status.OPEN or batches.filter(status="open").exists()
    step = _of_batch(newest)
    if step and not is_open:
        return step
    if waiting:
        words = f"Answers wait for a decision; after {project.auto_accept_hours} hours they are accepted automatically."
        return NextStep(words, "review", "Review them")
    if agreement == "unreliable":
        words = (
            "Annotators agree too little to rely on: see where, and make the guidelines clearer."
        )
        return NextStep(words, "contested", "See contested items")
    if step:
        return step
    if is_open:
        return NextStep("Annotators can take items. There is nothing for you to do now.")
    return NextStep("The newest batch is closed.", "exports", "Export the answers")


def _of_batch(batch: Batch) -> NextStep | None:
    """What the newest batch waits for."""
    if batch.funding == Batch.Funding.RUNNING:
        return NextStep(f"{batch} is being funded.", "batch", "See how far", batch)
    if batch.status == Batch.Status.DRAFT and not batch.items_count:
        return NextStep(f"{batch} is empty.", "batch", "Import items", batch)
    if batch.status == Batch.Status.DRAFT:
        return NextStep(f"{batch} has items and no money yet.", "batch", "Fund it", batch)
    if batch.status == Batch.Status.FUNDED:
        return NextStep(f"{batch} is funded and not open yet.", "batch", "Open it", batch)
    if batch.status == Batch.Status.PAUSED:
        return NextStep(
            f"{batch} is paused: no items are handed out.", "batch", "Open it again", batch
        )
    return None
