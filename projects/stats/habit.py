"""Detects a habit of one answer, such as that of choosing the response shown first: once for each strength of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import log
from typing import Any, Self

from projects.stats.drift import Drift


@dataclass(frozen=True, slots=True)
class HabitState:
    """Sums after `seen` judgments, of which the habit's answer was given `recent` times in the newest `of_recent`.

    `score` speaks for a habit, or for a stronger one, that began after judgment `since`; the newest judgments are those
    after it. Once a habit was told, its strength is `told` of `of_told` judgments, and `ended` speaks for its end.
    """

    score: float = 0.0
    seen: int = 0
    since: int = 0
    recent: int = 0
    of_recent: int = 0
    told: int = 0
    of_told: int = 0
    ended: float = 0.0

    @classmethod
    def restore(cls, kept: dict[str, Any]) -> Self:
        """The state whose fields were kept."""
        return cls(**kept)

    @property
    def is_told(self) -> bool:
        """Whether a habit raised an alarm and has not ended."""
        return self.of_told > 0


@dataclass(frozen=True, slots=True)
class HabitDetector:
    """Looks for a rise of the share of one answer from `usual` to `odd`, and after an alarm for an equal further rise.

    Source: sums of Page, Biometrika 41 (1954). The share that was told is learnt from the judgments since the habit
    began, while the sum of a further rise is below half the threshold. A third sum looks for the fall from `odd` to
    `usual` that ends the habit; after that the first rise is looked for again. Whoever gives the answer so often that
    no further rise is possible has one alarm until then.

    With the defaults somebody whose share is .75 for good has one alarm in 2,000 judgments (98 of 100 people), and who
    goes back to .50 ends the habit after 95 (simulated).
    """

    usual: float = 0.55
    odd: float = 0.70
    threshold: float = 8.0

    def start(self) -> HabitState:
        """The state of an annotator of whom nothing is known."""
        return HabitState()

    def step(self, state: HabitState, given: bool) -> HabitState:
        """Add one judgment: whether it gave the habit's answer."""
        ended = max(0.0, state.ended + _rise(given, self.odd, self.usual)) if state.is_told else 0.0
        if ended >= self.threshold:
            return HabitState(seen=state.seen + 1, since=state.seen + 1)
        score = max(0.0, state.score + self._evidence(state, given))
        seen = state.seen + 1
        learns = state.is_told and score < self.threshold / 2
        return HabitState(
            *(score, seen, state.since if score else seen),
            *((state.recent + given, state.of_recent + 1) if score else (0, 0)),
            *((state.told + given, state.of_told + 1) if learns else (state.told, state.of_told)),
            ended,
        )

    def after_alarm(self, state: HabitState) -> HabitState:
        """After an alarm, start from the share of the judgments since the habit began."""
        return replace(
            state,
            score=0.0,
            since=state.seen,
            recent=0,
            of_recent=0,
            told=state.recent,
            of_told=state.of_recent,
            ended=0.0,
        )

    def _evidence(self, state: HabitState, given: bool) -> float:
        if not state.is_told:
            return _rise(given, self.usual, self.odd)
        before = max(self.usual, state.told / state.of_told)
        after = before + self.odd - self.usual
        return _rise(given, before, after) if after < 1 else 0.0


def _rise(given: bool, before: float, after: float) -> float:
    """The log likelihood ratio of the share `after` against `before`, given one judgment."""
    return log(after / before) if given else log((1 - after) / (1 - before))


def habits(judgments: Iterable[bool], detector: HabitDetector | None = None) -> list[Drift]:
    """Find all alarms in a series of judgments. Source: see `HabitDetector`, which does the same step by step."""
    rule = detector or HabitDetector()
    state, found = rule.start(), []
    for number, given in enumerate(judgments, start=1):
        state = rule.step(state, given)
        if state.score >= rule.threshold:
            found.append(Drift(number, state.since, state.score))
            state = rule.after_alarm(state)
    return found
