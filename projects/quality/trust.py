"""Whether a project's answers to a question can be trusted: one state by thresholds, with words for people."""

from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from projects.quality.gold.figures import Hits
from projects.stats.agreement import RELIABLE_FROM, TENTATIVE_FROM

State = Literal["none", "few", "alike", "poor", "unsure", "usable", "good"]
STATES: tuple[State, ...] = get_args(State)
#: Whether the answers can be trusted.
Verdict = Literal["yes", "with_care", "no", "not_known"]

#: Below so many items with two answers or more, nothing is said about trust.
ENOUGH_ITEMS = 30
#: Where people judge by taste. The lowest published agreement on preferences (HH-RLHF, 63 % of pairs of two even
#: answers) is an α of .26; Krippendorff's .667 is more than most published preference sets reach.
TASTE_USABLE_FROM, TASTE_GOOD_FROM = 0.25, TENTATIVE_FROM
#: From so many judged answers to keyed items on, a share of right ones speaks. With less than this share, a calibration
#: round takes somebody for bad, and with more than the other for good.
ENOUGH_GOLD, GOLD_BAD, GOLD_GOOD = 20, 0.65, 0.85


@dataclass(frozen=True, slots=True)
class Measured:
    """α with its interval, and the number of items with two answers or more that it rests on."""

    items: int
    alpha: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether the answers can be trusted: `verdict`, and the `reason` for it in a clause.

    `state` is what agreement says, and `why` gives its figures; `badge` is the verdict in two or three words.
    `cautions` are what else speaks against the answers, in sentences. `is_taste` says that the question has no right
    answer, so published agreement between people is the measure.
    """

    verdict: Verdict
    state: State
    badge: str
    reason: str
    why: str
    is_taste: bool
    cautions: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The verdict and its reason, in a line."""
        return f"{_VERDICTS[self.verdict]}: {self.reason}"

    @property
    def tone(self) -> str:
        """The CSS class of the verdict's color: "good", "warn", "bad", or "" for none. Pages always show words too."""
        return {"yes": "good", "with_care": "warn", "no": "bad"}.get(self.verdict, "")


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks against answers beside agreement.

    `open_alerts` wait for a decision; of the answers that upheld alerts are about, `in_doubt` are accepted. `gold` are
    the answers to keyed items.
    """

    open_alerts: int = 0
    in_doubt: int = 0
    gold: Hits = field(default_factory=Hits)


def trust_of(figures: Measured | None, *, is_taste: bool) -> Trust:
    """Judge agreement by α and its 95 % interval.

    The answers are good or usable if the whole interval is, and poor if α itself is. On a matter of taste less is asked
    for.
    """
    state = state_of(figures, is_taste=is_taste)
    verdict, badge, reason = _STATES[state]
    if state == "usable" and is_taste:
        reason = "annotators agree about as far as people usually do on questions of taste."
    return Trust(verdict, state, badge, reason, _why(state, figures, is_taste), is_taste)


def with_signals(trust: Trust, signals: Signals) -> Trust:
    """Return the verdict with what alerts and gold add to it: they can make it worse, never better."""
    cautions, verdict = _cautions(signals), trust.verdict
    if _is_bad(signals) and verdict != "not_known":
        return replace(trust, verdict="no", badge="too few right", reason=_WRONG, cautions=cautions)
    if cautions and verdict == "yes":
        return replace(
            trust, verdict="with_care", badge="with care", reason=_BUT, cautions=cautions
        )
    return replace(trust, cautions=cautions)


_WRONG = "too few answers are right where the right answer is known."
_BUT = "annotators agree far beyond chance, but something speaks against some of the answers."


def _is_bad(signals: Signals) -> bool:
    high = signals.gold.high
    return signals.gold.judged >= ENOUGH_GOLD and high is not None and high < GOLD_BAD


def _cautions(signals: Signals) -> tuple[str, ...]:
    found, high, low = [], signals.gold.high, signals.gold.low
    is_known = signals.gold.judged >= ENOUGH_GOLD and high is not None and low is not None
    if is_known and (high or 0.0) < GOLD_GOOD:
        found.append(
            f"Of {signals.gold.judged:,} answers to keyed items only {_percent(low)} to {_percent(high)} are right; "
            f"good annotators reach {_percent(GOLD_GOOD)}."
        )
    if signals.open_alerts:
        wait = "alert waits" if signals.open_alerts == 1 else "alerts wait"
        found.append(
            f"{signals.open_alerts:,} {wait} for a decision: somebody’s work may have changed."
        )
    if signals.in_doubt:
        are = "answer is" if signals.in_doubt == 1 else "answers are"
        found.append(f"{signals.in_doubt:,} {are} accepted that upheld alerts put in doubt.")
    return tuple(found)


def state_of(figures: Measured | None, *, is_taste: bool) -> State:
    """Return what agreement says of some answers, in a word."""
    if figures is None or figures.items == 0:
        return "none"
    if figures.items < ENOUGH_ITEMS:
        return "few"
    if figures.alpha is None:
        return "alike"
    usable, good = _limits(is_taste)
    # Without any disagreement α is 1 and has no interval.
    low = figures.alpha if figures.low is None else figures.low
    if figures.alpha < usable:
        return "poor"
    if low < usable:
        return "unsure"
    return "good" if low >= good else "usable"


def _limits(is_taste: bool) -> tuple[float, float]:
    if is_taste:
        return TASTE_USABLE_FROM, TASTE_GOOD_FROM
    return TENTATIVE_FROM, RELIABLE_FROM


_VERDICTS: dict[Verdict, str] = {
    "yes": "Yes",
    "with_care": "With care",
    "no": "No",
    "not_known": "Not known yet",
}
_STATES: dict[State, tuple[Verdict, str, str]] = {
    "none": ("not_known", "no data yet", "no item has two answers."),
    "few": ("not_known", "not enough data yet", "too few items have several answers."),
    "alike": (
        "with_care",
        "all alike",
        "all answers are alike, so α cannot tell agreement from habit.",
    ),
    "poor": ("no", "too low to rely on", "annotators agree too little."),
    "unsure": (
        "with_care",
        "not certain yet",
        "it is not certain yet that annotators agree enough.",
    ),
    "usable": ("with_care", "usable with care", "the answers support tentative conclusions only."),
    "good": ("yes", "reliable", "annotators agree far beyond chance."),
}


def _why(state: State, figures: Measured | None, is_taste: bool) -> str:
    if figures is None or state == "none":
        return "Agreement is measured on items that several annotators answer."
    if state == "few":
        missing = ENOUGH_ITEMS - figures.items
        return (
            f"{figures.items} of {ENOUGH_ITEMS} items have two answers or more; "
            f"{missing} more {'is' if missing == 1 else 'are'} needed."
        )
    if figures.alpha is None:
        return "Everybody gave the same answer everywhere. Check that the items differ and that the question is clear."
    return _of_alpha(state, figures, figures.alpha, *_limits(is_taste))


def _of_alpha(state: State, figures: Measured, alpha: float, usable: float, good: float) -> str:
    between = ""
    if figures.low is not None and figures.high is not None:
        between = f" (95 % interval {_number(figures.low)} to {_number(figures.high)})"
    measured = f"Krippendorff’s α is {_number(alpha)}{between}"
    if state == "poor":
        more = "; the interval reaches above it, so more items may change this"
        tail = more if figures.high is not None and figures.high >= usable else ""
        return f"{measured}, and it should be {_number(usable)} or more{tail}."
    if state == "unsure":
        return f"{measured}: its lower end is below {_number(usable)}. More items with several answers settle it."
    if state == "usable":
        return f"{measured}: above {_number(usable)}, and not certainly above {_number(good)}."
    return f"{measured}: certainly above {_number(good)}."


def _percent(share: float | None) -> str:
    return f"{(share or 0.0) * 100:.0f} %"


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
