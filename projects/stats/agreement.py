"""How far annotators agree, as pages and the API report it: alpha with its interval, and percent agreement."""

from dataclasses import dataclass

import numpy as np

from projects.stats.alpha import alpha_of_cells
from projects.stats.cells import cells_of
from projects.stats.distances import Level
from projects.stats.patterns import Patterns
from projects.stats.ratings import Ratings

#: Krippendorff, Content Analysis (2nd ed., 2004), p. 241: rely on .8 and more, draw tentative conclusions from .667 on.
RELIABLE_FROM = 0.8
TENTATIVE_FROM = 0.667


@dataclass(frozen=True)
class Agreement:
    """The agreement figures of a project or batch; a figure is None where the data do not define it.

    `low` and `high` are the ends of alpha's interval. `items`, `annotations` and `pairs` count what the figures rest
    on: items with two labels or more, the labels on them, and the pairs of labels within an item.
    """

    alpha: float | None
    low: float | None
    high: float | None
    percent: float | None
    percent_without_ties: float | None
    items: int
    annotations: int
    pairs: int


def percent_agreement(data: Ratings | Patterns) -> float | None:
    """The mean over items of the share of an item's pairs of labels that are equal, so that all items weigh the same.

    Source: the observed agreement of Fleiss, Psychological Bulletin 76 (1971), for items with any number of labels as
    in Gwet, British Journal of Mathematical and Statistical Psychology 61 (2008).

    Returns:
        A share, 0 to 1; None where no item has two labels.
    """
    cells = cells_of(data).pairable()
    if not cells.units:
        return None
    labels = cells.labels()
    shares = cells.by_unit(cells.count * (cells.count - 1)) / (labels * (labels - 1))
    return float((cells.weight * shares).sum() / cells.weight.sum())


def agreement(
    patterns: Patterns,
    level: Level = "ordinal",
    *,
    tie: int | None = None,
    confidence: float = 0.95,
) -> Agreement:
    """Compute alpha with its interval, and percent agreement.

    `tie` is the category that means "neither"; percent agreement without ties leaves those labels out and is None
    where there is no such category. For alpha and its interval see `krippendorff_alpha`.
    """
    kept = patterns.pairable()
    labels = kept.counts.sum(axis=1)
    alpha = alpha_of_cells(cells_of(kept), level, None, confidence)
    plain = None if tie is None else Patterns(np.delete(kept.counts, tie, axis=1), kept.items)
    return Agreement(
        alpha=alpha.value,
        low=alpha.low,
        high=alpha.high,
        percent=percent_agreement(kept),
        percent_without_ties=None if plain is None else percent_agreement(plain),
        items=int(kept.items.sum()),
        annotations=int((kept.items * labels).sum()),
        pairs=int((kept.items * labels * (labels - 1) // 2).sum()),
    )
