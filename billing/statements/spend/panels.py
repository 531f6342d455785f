"""The panel of a batch's and a project's page: what was spent, what is still to come, and what a row costs."""

from dataclasses import dataclass

from billing.statements.spend.forecast import Forecast, forecast_of
from billing.statements.spend.rows import CostOfRow, cost_of_row
from projects.items.boards import BATCH
from projects.items.models import Batch
from projects.plan.boards import PROJECT
from projects.plan.models import Project


@dataclass(frozen=True, slots=True)
class Costs:
    """The cost of a delivered row so far, and the forecast; None where nothing is funded and not closed."""

    row: CostOfRow
    forecast: Forecast | None


def on_batch(batch: Batch) -> Costs | None:
    """Return the costs of a batch; None for one that is unpaid, unfunded or not for data."""
    if not batch.price_minor or batch.phase != Batch.Phase.MAIN:
        return None
    return Costs(cost_of_row(batch.project, batch), forecast_of(batch.project, batch))


def on_project(project: Project) -> Costs | None:
    """Return the costs of a project; None for an unpaid one, and before anything is spent or funded."""
    if not project.price_minor:
        return None
    costs = Costs(cost_of_row(project), forecast_of(project))
    return costs if costs.forecast or costs.row.parts else None


def register() -> None:
    """Put the costs on the pages of batches and projects. Called from the AppConfig's ready()."""
    BATCH.register("costs", on_batch)
    PROJECT.register("costs", on_project)
