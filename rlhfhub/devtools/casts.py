"""Casts: simulated annotators of chosen kinds, with faults planted where a test or the demo wants to see them found."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rlhfhub.devtools.population import KINDS, Biases, Kind, Person, person

# Kinds that no population has by chance, beside those of KINDS.
PLANTED: tuple[Kind, ...] = (
    Kind("side-biased", 0.0, 1.2, 1.0, Biases(position=2.5)),
    Kind("fast-clicker", 0.0, 0.3, 0.02),
    Kind("spammer", 0.0, 0.0, 0.6, bot=True),
    Kind("colluder", 0.0, 1.8, 1.0),
    Kind("paster", 0.0, 1.8, 1.0, writes="pasted"),
    Kind("copier", 0.0, 1.8, 1.0, writes="copied"),
)
DEMO = (
    "expert",
    "steady",
    "paster",
    "drifter@60",
    "side-biased",
    "colluder@40",
    "colluder@40",
    "spammer",
)
_CAREER = 400
_DRIFTS_TO = 0.15
_BY_NAME = {kind.name: kind for kind in (*KINDS, *PLANTED)}


def cast(names: Sequence[str], seed: int) -> list[Person]:
    """Draw one person for each name of a kind, in this order. The same seed draws the same people.

    `drifter@60` falls to 15 % of its ability at once after 60 answers. All colluders copy from one sheet, `colluder@40`
    after 40 answers. A paster judges as steady people do and pastes whole reasons; copiers hand in the same ones.

    Raises: ValueError for a kind that nobody knows, naming it, or a change after something that is no number.
    """
    rng = np.random.default_rng([seed, 1])
    return [_one(name, seed, rng) for name in names]


def _one(name: str, seed: int, rng: np.random.Generator) -> Person:
    kind_name, _, change = name.partition("@")
    kind = _BY_NAME.get(kind_name)
    if kind is None:
        raise ValueError(f"{kind_name} is no kind of annotator; there are: {', '.join(_BY_NAME)}")
    drawn = person(kind, _CAREER, rng)
    if kind_name == "colluder":
        return replace(drawn, sheet=seed, copies_from=int(change or 0))
    if change:
        drawn = replace(drawn, drift_from=int(change), drift_over=0, drift_to=_DRIFTS_TO)
    return drawn
