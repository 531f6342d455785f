"""What the counted answers say so far: how many items each answer leads on, and how surely."""

import uuid
from dataclasses import dataclass

import numpy as np

from projects.kinds.protocol import Scale
from projects.quality import patterns
from projects.stats import consensus
from rlhfhub.web.costly import remembered


@dataclass(frozen=True, slots=True)
class Lead:
    """One category of the scale, and on how many units it leads alone."""

    value: int
    words: str
    units: int


@dataclass(frozen=True, slots=True)
class Leads:
    """Over all units (items, or their facets) with a counted answer; `contested` are those where none leads alone.

    `probability` is the mean probability, 0 to 1, that the leading answer is the right one, and None without answers.
    It is computed from the tallies and the annotators' accuracy as they are now.
    """

    units: int
    leads: tuple[Lead, ...]
    contested: int
    probability: float | None


def leads_of(*, project_id: uuid.UUID, question: str, scale: Scale, accuracy: float) -> Leads:
    """The leads on one question of a project. Workspace plane."""
    found = remembered(f"leads:{project_id}:{question}", lambda: _counted(project_id, question))
    units = patterns.units_of(found, len(scale.categories))
    keep = units.counts.sum(axis=1) > 0
    counts, items = units.counts[keep], units.items[keep]
    if not len(items):
        nothing = tuple(Lead(c.value, c.words, 0) for c in scale.categories)
        return Leads(0, nothing, 0, None)
    table = consensus.consensus_table(counts, accuracy)
    led = {index: int(items[table.index == index].sum()) for index in set(table.index.tolist())}
    total = int(items.sum())
    return Leads(
        units=total,
        leads=tuple(
            Lead(category.value, category.words, led.get(index, 0))
            for index, category in enumerate(scale.categories)
        ),
        contested=led.get(-1, 0),
        probability=float(np.dot(table.probability, items) / total),
    )


def _counted(project_id: uuid.UUID, question: str) -> patterns.Found:
    found = patterns.of_project(project_id, "counted")
    return patterns.together(rows for (_, name), rows in found.items() if name == question)
