"""Computes how well a round of so many items tells good annotators from bad ones, and what it takes from the pool."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from projects.calibration.pool import Pool
from projects.calibration.rule import ATTEMPTS, PassRule, test_of
from projects.stats.planning import measured_accuracy
from projects.stats.sequential import sprt_characteristics

SIZES = (30, 50, 60, 100)
#: With three independent people who are each right nine times out of ten, so many unanimous keys are right.
KEY_ACCURACY = 0.99
#: With fewer keyed items left, gold soon has nothing new for somebody.
FEW_FOR_GOLD = 30


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A round of `items` items: how often somebody good and somebody bad pass it, and how many items each answers.

    `good` and `bad` are the shares at which they agree with keys that are right as often as assumed. `fits` tells
    whether the pool has enough items for both attempts.
    """

    items: int
    good: float
    bad: float
    good_passes: float
    bad_passes: float
    good_items: float
    bad_items: float
    fits: bool


def plan_of(rule: PassRule, pool: int, sizes: Sequence[int] = SIZES) -> list[PlanLine]:
    """Return a line for each size in `sizes` and one for the rule's own number of items. The rule was checked.

    `pool` is the number of keyed items whose right answer is certain.
    """
    wanted = sorted({*sizes, rule.items})
    good, bad = (measured_accuracy(share, KEY_ACCURACY) for share in (rule.pass_at, rule.fail_at))
    return [_line(replace(rule, items=items), good, bad, pool) for items in wanted]


def _line(rule: PassRule, good: float, bad: float, pool: int) -> PlanLine:
    test = test_of(rule)
    of_good, of_bad = sprt_characteristics(test, good), sprt_characteristics(test, bad)
    return PlanLine(
        items=rule.items,
        good=good,
        bad=bad,
        good_passes=of_good.passes,
        bad_passes=of_bad.passes,
        good_items=of_good.items,
        bad_items=of_bad.items,
        fits=ATTEMPTS * rule.items <= pool,
    )


@dataclass(frozen=True, slots=True)
class PoolUse:
    """What a round takes from the pool: of `certain` keyed items, `unused` were asked of nobody yet.

    Each attempt takes `each`, and `left` are what remains for gold and later rounds of the same people: nobody gets an
    item twice. `warning` says what that leads to; it is empty if enough are left.
    """

    certain: int
    unused: int
    each: int
    left: int
    warning: str


def use_of(rule: PassRule, pool: Pool) -> PoolUse:
    """Return what a round by this rule takes from the pool."""
    certain, needed = len(pool.items), ATTEMPTS * rule.items
    return PoolUse(
        certain=certain,
        unused=sum(keyed.exposures == 0 for keyed in pool.items),
        each=rule.items,
        left=max(0, certain - needed),
        warning=_warning(certain, needed),
    )


def _warning(certain: int, needed: int) -> str:
    left = certain - needed
    if left < 0:
        return f"{-left} more are needed for two attempts of this size. Give more right answers, or use fewer items."
    if left < FEW_FOR_GOLD:
        return (
            f"After two attempts {left} are left that somebody has not had. Gold for them comes from these alone, and "
            "then stops. Give more right answers before you ask for gold."
        )
    if left < needed:
        return (
            f"Another round of this size needs {needed} that its annotators have not had, and {left} are left. Give "
            "more right answers before the next one."
        )
    return ""
