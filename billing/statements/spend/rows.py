"""What a delivered row costs: all that a project or a batch has cost, over the items that an export can deliver."""

from dataclasses import dataclass

from django.db import connection

from billing.statements.spend.sums import PARTS, PartSpent, parts_of_life
from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.ground.money import exponent
from rlhfhub.web.costly import remembered
from rlhfhub.web.stacks import Part, Stack, stack

# An export delivers an item that has an accepted answer which counts, and no undecided one.
_DELIVERED = """
    SELECT count(*) FROM (
        SELECT a.item_id FROM projects_work_annotation a
        WHERE a.project_id = %(project)s AND a.purpose = 'data' AND {which}
        GROUP BY a.item_id
        HAVING bool_or(a.state = 'accepted' AND NOT a.set_aside) AND NOT bool_or(a.state IN ('submitted', 'returned'))
    ) x
"""


@dataclass(frozen=True, slots=True)
class CostOfRow:
    """What a delivered row costs, by what the money was for. `rows` items can be delivered now."""

    rows: int
    parts: list[PartSpent]
    currency: str
    name: str

    @property
    def total_minor(self) -> int:
        """All that was spent, in minor units."""
        return sum(part.spent.total_minor for part in self.parts)

    @property
    def each_minor(self) -> float | None:
        """The cost of one row in minor units, not rounded; None before there is a row."""
        return self.total_minor / self.rows if self.rows else None

    @property
    def bar(self) -> Stack:
        """What one row is made of, or before there is a row what was spent so far."""
        spent = {part.part: part.spent.total_minor for part in self.parts}
        parts = [Part(title, spent.get(key, 0)) for key, title in PARTS.items()]
        return stack(
            parts,
            name=self.name,
            title="What a delivered row costs" if self.rows else "What was spent so far",
            form=lambda minor: in_parts(minor, self.rows or 1, self.currency),
        )


def in_parts(minor: int, rows: int, currency: str) -> str:
    """Write what one of so many rows costs, with two decimals more than the currency has."""
    decimals = exponent(currency)
    return f"{minor / rows / 10**decimals:,.{decimals + 2}f} {currency}"


def cost_of_row(project: Project, batch: Batch | None = None) -> CostOfRow:
    """Return what a delivered row of a project, or of one batch of it, costs. Workspace plane."""
    about = batch or project
    return remembered(f"cost-of-row:{about.pk}", lambda: _counted(project, batch))


def _counted(project: Project, batch: Batch | None) -> CostOfRow:
    which = "true" if batch is None else "a.batch_id = %(batch)s"
    values = {"project": project.pk, "batch": batch.pk if batch else None}
    with connection.cursor() as cursor:
        cursor.execute(_DELIVERED.format(which=which), values)
        rows: int = cursor.fetchone()[0]
    return CostOfRow(
        rows=rows,
        parts=parts_of_life(project, batch),
        currency=(batch and batch.currency) or project.currency,
        name=f"row-{(batch or project).pk}",
    )
