"""Computes how well a round of so many items tells good annotators from bad ones, and what it takes from the pool."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from projects.calibration.models import Round
from projects.calibration.pool import Pool
from projects.calibration.rule import ATTEMPTS, PassRule, test_of
from projects.stats.planning import measured_accuracy
from projects.stats.sequential import SprtRule, sprt_characteristics

SIZES = (30, 50, 60, 100)
#: With three independent people who are each right nine times out of ten, so many unanimous keys are right.
KEY_ACCURACY = 0.99
#: Wrong verdicts may exceed what was entered by a quarter before that is said: keys that are not always right, and the
#: last items, cost about so much in a round of the usual size.
MOST_EXCESS = 1.25
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
    return [_line(replace(rule, items=items), pool) for items in wanted]


def _line(rule: PassRule, pool: int) -> PlanLine:
    expected = expected_of(rule)
    return PlanLine(
        items=rule.items,
        good=measured_accuracy(rule.pass_at, KEY_ACCURACY),
        bad=measured_accuracy(rule.fail_at, KEY_ACCURACY),
        good_passes=expected.good_passes,
        bad_passes=expected.bad_passes,
        good_items=expected.good_items,
        bad_items=expected.bad_items,
        fits=ATTEMPTS * rule.items <= pool,
    )


@dataclass(frozen=True, slots=True)
class Expected:
    """How often somebody good and somebody bad pass an attempt of a round, and after how many items on average.

    `warning` says that more verdicts will be wrong than the rule allows, because an attempt runs out of items before
    the evidence suffices; it is empty if not.
    """

    good_passes: float
    bad_passes: float
    good_items: float
    bad_items: float
    warning: str


def expected_of(of: Round | PassRule) -> Expected:
    """Return what the rule and the size of a round lead to, if its keys are right as often as assumed."""
    return _expected(test_of(of))


@lru_cache(maxsize=1000)
def _expected(test: SprtRule) -> Expected:
    of_good = sprt_characteristics(test, measured_accuracy(test.good, KEY_ACCURACY))
    of_bad = sprt_characteristics(test, measured_accuracy(test.bad, KEY_ACCURACY))
    fails = 1 - of_good.passes
    words = (
        f"With {test.limit} items at most, more verdicts are wrong than was entered: {_percent(fails)} of good "
        f"annotators fail (entered: {_percent(test.wrong_fail)}), and {_percent(of_bad.passes)} of bad ones pass "
        f"(entered: {_percent(test.wrong_pass)}). Take more items for an attempt, or enter what you accept."
    )
    is_kept = (
        fails <= MOST_EXCESS * test.wrong_fail and of_bad.passes <= MOST_EXCESS * test.wrong_pass
    )
    return Expected(
        of_good.passes, of_bad.passes, of_good.items, of_bad.items, "" if is_kept else words
    )


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


@dataclass(frozen=True, slots=True)
class PoolUse:
    """What a round takes from the pool: of `certain` keyed items, `unused` were asked of nobody yet.

    Each attempt takes `each`, and `left` are what remains for gold and later rounds of the same people: nobody gets an
    item twice. `warning` says what that leads to; it is empty if enough are left. `new` items are new to all of the
    `waiting` annotators who wait for a round; `missing` says that they are too few for an attempt that all can take.
    """

    certain: int
    unused: int
    each: int
    left: int
    warning: str
    waiting: int
    new: int
    missing: str


def use_of(rule: PassRule, pool: Pool) -> PoolUse:
    """Return what a round by this rule takes from the pool."""
    certain, needed = len(pool.items), ATTEMPTS * rule.items
    return PoolUse(
        certain=certain,
        unused=sum(keyed.exposures == 0 for keyed in pool.items),
        each=rule.items,
        left=max(0, certain - needed),
        warning=_warning(certain, needed),
        waiting=pool.waiting,
        new=pool.new,
        missing=_missing(rule, pool),
    )


def _missing(rule: PassRule, pool: Pool) -> str:
    lacking = rule.items - pool.new
    if not pool.waiting or lacking <= 0:
        return ""
    return (
        f"Not everybody who waits can take this round: for that, {lacking} more keyed items are needed that none of "
        "them has had. Before you fund it, the round says who can."
    )


def _warning(certain: int, needed: int) -> str:
    left = certain - needed
    if left < 0:
        return f"{-left} more are needed for two attempts of this size. Give more right answers, or use fewer items."
    if left < FEW_FOR_GOLD:
        rest = (
            f"{left} of these items are"
            if left > 1
            else "1 of these items is"
            if left
            else "None of these items is"
        )
        return (
            f"{rest} left for gold after somebody has made two attempts, because nobody gets an item twice. Give more "
            "right answers before you ask for gold."
        )
    if left < needed:
        return (
            f"Another round of this size needs {needed} that its annotators have not had, and {left} are left. Give "
            "more right answers before the next one."
        )
    return ""
