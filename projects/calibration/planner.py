"""What so many items buy: how surely a pass rule tells good annotators from bad ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from projects.calibration.rule import PassRule, test_of
from projects.stats.planning import measured_accuracy
from projects.stats.sequential import sprt_characteristics

SIZES = (30, 50, 60, 100)
#: With three independent people who are each right nine times out of ten, so many unanimous keys are right.
KEY_ACCURACY = 0.99


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A round of `items` items: how often somebody good and somebody bad pass it, and how many items each answers.

    `good` and `bad` are the shares at which they agree with keys that are right as often as assumed.
    """

    items: int
    good: float
    bad: float
    good_passes: float
    bad_passes: float
    good_items: float
    bad_items: float


def plan_of(rule: PassRule, sizes: Sequence[int] = SIZES) -> list[PlanLine]:
    """Return a line for each number of items, and for the rule's own. The rule was checked."""
    wanted = sorted({*sizes, rule.items})
    good, bad = (measured_accuracy(share, KEY_ACCURACY) for share in (rule.pass_at, rule.fail_at))
    return [_line(replace(rule, items=items), good, bad) for items in wanted]


def _line(rule: PassRule, good: float, bad: float) -> PlanLine:
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
    )
