"""What the members of a project should do next: one line above the figures on its page."""

from dataclasses import dataclass
from typing import Literal

from projects.calibration.needs import NeededRound, needed_round
from projects.calibration.selectors import latest_round
from projects.items.models import Batch
from projects.plan.models import Project

Where = Literal[
    "guidelines",
    "calibration",
    "round",
    "alerts",
    "batches",
    "batch",
    "review",
    "contested",
    "exports",
    "",
]


@dataclass(frozen=True, slots=True)
class NextStep:
    """`words` say what to do next and why. `where` is the page to do it on, and `act` is the text of the link to it.

    `batch` or `needed` is what the link leads to.
    """

    words: str
    where: Where = ""
    act: str = ""
    batch: Batch | None = None
    needed: NeededRound | None = None


def next_step(
    project: Project, *, open_alerts: int, waiting: int, agrees_too_little: bool
) -> NextStep:
    """The first thing that the project needs from its members. Workspace plane.

    `waiting` is how many answers have no decision yet; `agrees_too_little` says that agreement is known to be poor.
    """
    if before := _before_batches(project):
        return before
    if open_alerts:
        return _alerts(open_alerts)
    batches = Batch.objects.filter(project=project, phase=Batch.Phase.MAIN).order_by("-number")
    newest = batches.first()
    if newest is None:
        return NextStep(
            "Items to judge are imported in batches.", "batches", "Make the first batch"
        )
    is_open = newest.status == Batch.Status.OPEN or batches.filter(status="open").exists()
    step = _of_batch(newest)
    if step and not is_open:
        return step
    if waiting:
        words = (
            "Some answers have no decision yet. Each is accepted automatically "
            f"{project.auto_accept_hours} hours after it was submitted."
        )
        return NextStep(words, "review", "Review them")
    if agrees_too_little:
        words = (
            "Annotators agree too little to rely on their answers. Look at the items on which they differ, and make "
            "the guidelines clearer."
        )
        return NextStep(words, "contested", "See contested items")
    if step:
        return step
    if is_open:
        return NextStep("Annotators can take items. There is nothing for you to do now.")
    return NextStep("The newest batch is closed.", "exports", "Export the answers")


def _before_batches(project: Project) -> NextStep | None:
    """What annotators need before any batch: guidelines, and rounds where calibration is asked for."""
    if project.guideline_version_id is None:
        words = "Annotators read and accept the guidelines before their first item."
        return NextStep(words, "guidelines", "Write the guidelines")
    if _lacks_round(project):
        words = "Annotators must pass a calibration round before they work on your data, and none was opened yet."
        return NextStep(words, "calibration", "Make a round")
    if needed := needed_round(project):
        return NextStep(needed.words, "round", needed.act, needed=needed)
    return None


def _alerts(count: int) -> NextStep:
    words = "An alert waits" if count == 1 else f"{count} alerts wait"
    words += " for a decision: somebody’s work may have changed. An alert that nobody decides on in a day is lifted."
    return NextStep(words, "alerts", "See the alert" if count == 1 else "See the alerts")


def _lacks_round(project: Project) -> bool:
    """Return whether the project asks for calibration and no round was opened yet."""
    if project.calibration != Project.Calibration.REQUIRED:
        return False
    return latest_round(project.pk) is None


def _of_batch(batch: Batch) -> NextStep | None:
    """What the newest batch needs from members before annotators can work on it; None if nothing."""
    if batch.funding == Batch.Funding.RUNNING:
        return NextStep(f"{batch} is being funded.", "batch", "See the progress", batch)
    if batch.status == Batch.Status.DRAFT and not batch.items_count:
        return NextStep(f"{batch} has no items yet.", "batch", "Import items", batch)
    if batch.status == Batch.Status.DRAFT:
        return NextStep(f"{batch} has items but is not funded yet.", "batch", "Fund it", batch)
    if batch.status == Batch.Status.FUNDED:
        return NextStep(f"{batch} is funded but not open yet.", "batch", "Open it", batch)
    if batch.status == Batch.Status.PAUSED:
        return NextStep(
            f"{batch} is paused: annotators get no items from it.", "batch", "Open it again", batch
        )
    return None
