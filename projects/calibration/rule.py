"""The pass rule of a round: its settings, what is wrong with them, and the sequential test they describe."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from math import log

from projects.calibration.models import Round, free_returns
from projects.stats.sequential import SprtRule, sprt_characteristics
from rlhfhub.ground.refusals import Refused

#: α is the agreement of annotators with each other: of so many at least.
LEAST_FOR_ALPHA = 2
#: Those of a round, each on items of its own.
ATTEMPTS = 2
LEAST_ITEMS, MOST_ITEMS = 20, 200
MOST_SEATS = 50
MOST_WAIT_HOURS = 720
MOST_IDLE_DAYS = 60
#: If the items are used up, or the round is closed, before the evidence suffices, this many answers allow a verdict;
#: in the smallest rounds fewer do, see `least_judged`.
LEAST_JUDGED = 20
#: Who always clicks at one place hits half of the items of a pair. At most this share of such people may pass.
MOST_BY_LUCK = 0.05


@dataclass(frozen=True, slots=True)
class PassRule:
    """The settings of a round, as a form or REST gives them; see `Round` for what each means."""

    question: str
    items: int = 60
    seats: int = 20
    needed: int = 3
    pass_at: float = 0.85
    fail_at: float = 0.65
    wrong_pass: float = 0.05
    wrong_fail: float = 0.05
    wait_hours: int = 24
    idle_days: int = 7
    category_floor: float | None = None
    alpha_target: float | None = None
    alpha_gates: bool = False


def rule_of(of: Round) -> PassRule:
    """Return the settings of a round, for instance to propose them for the next one."""
    return PassRule(**{field.name: getattr(of, field.name) for field in fields(PassRule)})


def least_judged(items: int) -> int:
    """Return how many hits and misses allow a verdict when nothing more can be answered in a round of so many items.

    These are 20, or all items but the tenth that may be returned. So nobody lacks a verdict by returning items, for
    those beyond the tenth are misses: too few are judged only because of the project.
    """
    return min(LEAST_JUDGED, items - free_returns(items))


def test_of(of: Round | PassRule) -> SprtRule:
    """Return the sequential test of a round."""
    return SprtRule(
        good=of.pass_at,
        bad=of.fail_at,
        wrong_fail=of.wrong_fail,
        wrong_pass=of.wrong_pass,
        limit=of.items,
    )


def check(rule: PassRule) -> None:
    """Check that the rule can be met.

    Raises: Refused, naming each wrong field.
    """
    wrong = list(_ranges(rule)) or list(_unreachable(rule))
    if wrong:
        errors = [{"row": None, "field": field, "message": words} for field, words in wrong]
        detail = "; ".join(f"{field}: {words}" for field, words in wrong)
        raise Refused("invalid", detail, errors=errors)


def _ranges(rule: PassRule) -> Iterator[tuple[str, str]]:
    """Yield (field, words) for each value that is out of its range."""
    for field, value, least, most in (
        ("items", rule.items, LEAST_ITEMS, MOST_ITEMS),
        ("seats", rule.seats, 1, MOST_SEATS),
        ("wait_hours", rule.wait_hours, 0, MOST_WAIT_HOURS),
        ("idle_days", rule.idle_days, 1, MOST_IDLE_DAYS),
        ("needed", rule.needed, 1, MOST_SEATS),
    ):
        if not least <= value <= most:
            yield field, f"This must be a whole number from {least} to {most}."
    for field, share in (("pass_at", rule.pass_at), ("fail_at", rule.fail_at)):
        if not 0.01 <= share <= 0.99:
            yield field, "This must be from 1 % to 99 %."
    for field, error in (("wrong_pass", rule.wrong_pass), ("wrong_fail", rule.wrong_fail)):
        if not 0.001 <= error <= 0.4:
            yield field, "This must be from 0.1 % to 40 %."
    if rule.category_floor is not None and not 0.01 <= rule.category_floor <= 0.99:
        yield "category_floor", "This must be from 1 % to 99 %, or empty."
    if rule.alpha_target is not None and not -0.99 <= rule.alpha_target <= 0.99:
        yield "alpha_target", "This must be from −0.99 to 0.99, or empty."


def _unreachable(rule: PassRule) -> Iterator[tuple[str, str]]:
    """Yield (field, words) for what can never be met."""
    if rule.pass_at <= rule.fail_at:
        yield "pass_at", "This must be above the accuracy of those who fail."
    elif (least := _least_items(rule)) > rule.items:
        yield (
            "items",
            f"So few items can never be evidence enough: with this rule nobody passes before {least} right answers.",
        )
    elif (luck := sprt_characteristics(test_of(rule), 0.5).passes) > MOST_BY_LUCK:
        yield (
            "fail_at",
            f"Somebody who always clicks at the same place would pass in {luck:.0%} of cases. Ask for more right "
            "answers, or allow fewer wrong verdicts.",
        )
    if rule.needed > rule.seats:
        yield "needed", f"Only {rule.seats} annotators can take part, so no more can pass."
    if rule.category_floor is not None and rule.category_floor >= rule.pass_at:
        yield (
            "category_floor",
            "This must be below the accuracy of those who pass, or they would fail by their categories.",
        )
    if rule.alpha_gates and rule.alpha_target is None:
        yield "alpha_target", "Give the α that the group must reach, or let α only warn."
    if rule.alpha_gates and rule.needed < LEAST_FOR_ALPHA:
        yield (
            "needed",
            "α compares annotators with each other, so at least 2 must pass before main batches can wait for it. Ask "
            "for 2 or more, or let α only warn.",
        )


def _least_items(rule: PassRule) -> int:
    """Return how many right answers in a row, without a wrong one, are enough to pass."""
    test = test_of(rule)
    bound = log((1 - test.wrong_fail) / test.wrong_pass)
    return int(bound / test.evidence(1, 0)) + 1
