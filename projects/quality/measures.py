"""The figures of agreement on one question, computed from the histogram of its labels."""

from typing import Any

import numpy as np

from projects.kinds.protocol import Scale
from projects.stats.agreement import agreement
from projects.stats.gwet import gwet_ac2
from projects.stats.intervals import Estimate
from projects.stats.kappa import fleiss_kappa
from projects.stats.patterns import Patterns
from projects.stats.ratings import Ratings
from projects.stats.report import WEIGHTING


def figures_of(units: Patterns, scale: Scale, alpha: Estimate | None = None) -> dict[str, Any]:
    """Return the columns of AgreementFigures that depend only on the labels, by name.

    `units` are facets. `alpha` is given where an item has several: its interval must leave out whole items. All figures
    rest on units with two labels or more. Gwet's and Fleiss' formulas would take the others for the shares of the
    categories, and Gwet's standard error then grows with each of them, though they show no disagreement.
    """
    paired = units.pairable()
    result = agreement(units, level=scale.level, tie=tie_of(scale))
    gwet = gwet_ac2(paired, WEIGHTING[scale.level])
    fleiss = fleiss_kappa(paired) if _is_unordered(scale) else Estimate()
    return {
        "level": scale.level,
        "alpha": alpha.value if alpha else result.alpha,
        "low": alpha.low if alpha else result.low,
        "high": alpha.high if alpha else result.high,
        "percent": result.percent,
        "percent_without_ties": result.percent_without_ties,
        "gwet": gwet.value,
        "gwet_error": gwet.standard_error,
        "gwet_low": gwet.low,
        "gwet_high": gwet.high,
        "fleiss": fleiss.value,
        "fleiss_low": fleiss.low,
        "fleiss_high": fleiss.high,
        "pairs": result.pairs,
        "counts": (units.counts * units.items[:, None]).sum(axis=0).tolist(),
    }


def tie_of(scale: Scale) -> int | None:
    """Return the index of the category that prefers neither response, if there is exactly one."""
    ties = [index for index, category in enumerate(scale.categories) if category.side == 0]
    return ties[0] if len(ties) == 1 else None


def patterns_of(data: Ratings) -> Patterns:
    """Return the histogram of the labels of the units that have a label."""
    size = data.categories
    keys = data.item * size + data.label
    table = np.bincount(keys, minlength=data.items * size).reshape(-1, size)
    rows, units = np.unique(table[table.any(axis=1)], axis=0, return_counts=True)
    return Patterns(rows, units)


def _is_unordered(scale: Scale) -> bool:
    return scale.level == "nominal" or len(scale.categories) == 2
