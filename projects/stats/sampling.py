"""Random samples in strata, such as the answers of each annotator."""

import random
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

_Stratum = TypeVar("_Stratum", bound=Hashable)
_Unit = TypeVar("_Unit")


def allocation(sizes: Mapping[_Stratum, int], sample: int) -> dict[_Stratum, int]:
    """How many of a sample to draw from each stratum: in proportion to its size, and at least one if they all fit.

    Source: proportional allocation, Cochran, Sampling Techniques (3rd ed., 1977), section 5.5; what is left after
    rounding down goes to the largest remainders.

    Args:
        sizes: How many units each stratum has; none is empty.
        sample: How many units to draw; more than there are draws all of them.

    Returns:
        A number for each stratum, at most its size; together the sample. Fewer units than strata are drawn from the
        largest ones.
    """
    total = sum(sizes.values())
    wanted = min(max(sample, 0), total)
    least = 1 if wanted >= len(sizes) else 0
    exact = {key: wanted * size / total for key, size in sizes.items()}
    drawn = {key: min(size, max(least, int(exact[key]))) for key, size in sizes.items()}
    while (missing := wanted - sum(drawn.values())) != 0:
        step = 1 if missing > 0 else -1
        movable = [key for key in sizes if least <= drawn[key] + step <= sizes[key]]
        chosen = max(movable, key=lambda key: step * (exact[key] - drawn[key]))
        drawn[chosen] += step
    return drawn


def stratified_sample(
    strata: Mapping[_Stratum, Sequence[_Unit]], sample: int, rng: random.Random
) -> list[_Unit]:
    """Draw units at random without replacement, from each stratum as many as `allocation` says.

    Returns:
        The units drawn; all of them for a sample as large as the strata.
    """
    filled = {key: units for key, units in strata.items() if units}
    drawn = allocation({key: len(units) for key, units in filled.items()}, sample)
    return [unit for key, units in filled.items() for unit in rng.sample(units, drawn[key])]
