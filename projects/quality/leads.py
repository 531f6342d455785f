"""The consensus of a whole project: on how many units each value leads, and how probably it is the true one."""

import uuid
from dataclasses import dataclass

import numpy as np

from projects.kinds.protocol import Scale
from projects.quality import patterns
from projects.stats import consensus
from rlhfhub.web.costly import remembered


@dataclass(frozen=True, slots=True)
class Lead:
    """One category of the scale, and the number of units on which most answers give it."""

    value: int
    words: str
    units: int


@dataclass(frozen=True, slots=True)
class Leads:
    """The consensus over all `units` (items, or their facets) that have a counted answer.

    On `contested` units two or more categories have the most answers. `probability` is the mean probability, 0 to 1,
    that the leading category is the true one, and None without answers. It is computed from the tallies and the
    annotators' accuracy as they are now.
    """

    units: int
    leads: tuple[Lead, ...]
    contested: int
    probability: float | None


def leads_of(*, project_id: uuid.UUID, question: str, scale: Scale, accuracy: float) -> Leads:
    """Return the consensus on one question of a project; `accuracy` is the annotators'. Workspace plane."""
    found = remembered(f"leads:{project_id}:{question}", lambda: _counted(project_id, question))
    units = patterns.units_of(found, len(scale.categories))
    keep = units.counts.sum(axis=1) > 0
    counts, items = units.counts[keep], units.items[keep]
    if not len(items):
        nothing = tuple(Lead(c.value, c.words, 0) for c in scale.categories)
        return Leads(0, nothing, 0, None)
    table = consensus.consensus_table(counts, accuracy)
    units_led = {
        index: int(items[table.index == index].sum()) for index in set(table.index.tolist())
    }
    total = int(items.sum())
    return Leads(
        units=total,
        leads=tuple(
            Lead(category.value, category.words, units_led.get(index, 0))
            for index, category in enumerate(scale.categories)
        ),
        contested=units_led.get(-1, 0),
        probability=float(np.dot(table.probability, items) / total),
    )


def _counted(project_id: uuid.UUID, question: str) -> patterns.Counts:
    found = patterns.of_project(project_id, "counted")
    return patterns.merged(counts for (_, name), counts in found.items() if name == question)
