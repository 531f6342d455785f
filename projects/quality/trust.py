"""Whether a project's answers to a question can be trusted: one state by thresholds, with words for people."""

from dataclasses import dataclass
from typing import Literal

from projects.kinds.protocol import Scale
from projects.stats.agreement import RELIABLE_FROM, TENTATIVE_FROM

State = Literal["none", "few", "alike", "poor", "unsure", "usable", "good"]

#: Below so many items with two answers or more, nothing is said about trust.
ENOUGH_ITEMS = 30
#: Where people judge by taste. The lowest published agreement on preferences (HH-RLHF, 63 % of pairs of two even
#: answers) is an α of .26; Krippendorff's .667 is more than most published preference sets reach.
TASTE_USABLE_FROM, TASTE_GOOD_FROM = 0.25, TENTATIVE_FROM


@dataclass(frozen=True, slots=True)
class Measured:
    """α with its interval, and the number of items with two answers or more that it rests on."""

    items: int
    alpha: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Trust:
    """A verdict on the answers: `title` says in a line whether they can be trusted, `why` the reason.

    `badge` is the same in two or three words, and `tone` its color: "good", "warn", "bad" or "" for no verdict.
    `is_taste` says that the question has no right answer, so published agreement between people is the measure.
    """

    state: State
    badge: str
    title: str
    why: str
    is_taste: bool

    @property
    def tone(self) -> str:
        """The color of the verdict; pages show words and an icon beside it."""
        if self.state in ("none", "few"):
            return ""
        if self.state == "poor":
            return "bad"
        return "good" if self.state == "good" else "warn"


def trust_of(figures: Measured | None, scale: Scale) -> Trust:
    """Judge agreement by α and its 95 % interval.

    A scale with an order, or one that compares responses, is taken as a matter of taste; any other as having a right
    answer. The answers are good or usable if the whole interval is, and poor if α itself is.
    """
    is_taste = scale.level != "nominal" or any(one.side is not None for one in scale.categories)
    state = _state(figures, is_taste)
    badge, title = _TITLES[state]
    if state == "usable" and is_taste:
        title = "Annotators agree about as far as in published preference data."
    return Trust(state, badge, title, _why(state, figures, is_taste), is_taste)


def _state(figures: Measured | None, is_taste: bool) -> State:
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


_TITLES: dict[State, tuple[str, str]] = {
    "none": ("no data yet", "Nothing can be said yet: no item has two answers."),
    "few": (
        "not enough data yet",
        "Not enough data yet to say whether the answers can be trusted.",
    ),
    "alike": ("all alike", "All answers are alike, so α cannot tell agreement from habit."),
    "poor": (
        "too low to rely on",
        "The answers cannot be trusted yet: annotators agree too little.",
    ),
    "unsure": ("not certain yet", "It is not certain yet that the answers can be trusted."),
    "usable": ("usable with care", "The answers support tentative conclusions only."),
    "good": ("reliable", "The answers can be trusted: annotators agree far beyond chance."),
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


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
