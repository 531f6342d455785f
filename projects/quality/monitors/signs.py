"""From monitors to alarms: what an alarm is called, and when answers that are fast are suspicious too."""

import uuid
from dataclasses import dataclass
from typing import Literal

from projects.quality.monitors import gauges
from projects.quality.monitors.models import Monitor, MonitorKind

AlertKind = Literal[
    "gold", "agreement", "guessing", "side", "run", "speed", "pair", "copies", "pasted", "moved"
]
#: How often chance sets off each alert, in 10,000 answers of people who work as always, at most: `manage.py
#: stats_simulations` measures it.
CHANCE: dict[str, float] = {
    "gold": 1.0,
    "agreement": 2.0,
    "guessing": 0.5,
    "side": 0.1,
    "run": 0.1,
    "speed": 0.1,
    "moved": 1.0,
}
#: From this share of its threshold on, another monitor counts as a sign beside speed.
SIGN_FROM = 0.85


@dataclass(frozen=True, slots=True)
class Fast:
    """What an alarm about speed rests on: medians over the newest `answers`.

    They took `seconds` for texts of `words`; `usual_seconds` is the project's usual time for such texts, None until
    that is known.
    """

    answers: int
    seconds: float
    words: float
    usual_seconds: float | None


@dataclass(frozen=True)
class Alarm:
    """A monitor reached its threshold with this annotation, its judgment number `at`.

    The change that it speaks for began after judgment `since`. `signs` say what came together, where one sign alone
    would not be enough. `fast` is there for an alarm about speed.
    """

    monitor: Monitor
    kind: AlertKind
    annotation_id: uuid.UUID
    at: int
    since: int
    signs: tuple[str, ...] = ()
    fast: Fast | None = None


def kind_of(alarm: gauges.Alarm, monitor: MonitorKind) -> AlertKind:
    """Return the kind of alert for an alarm of this monitor."""
    if alarm == "fall":
        return "gold" if monitor is MonitorKind.GOLD else "agreement"
    return alarm


def of_speed(
    timed: gauges.TimeStep, *, side: float, labels: float, guessing: float
) -> tuple[str, ...]:
    """Return the signs that make fast answers suspicious; empty if there are too few. Fast alone is not bad.

    The arguments are the levels of the other monitors, as shares of their thresholds.
    """
    others = {"side": side, "run": labels, "guessing": guessing}
    found = tuple(name for name, level in others.items() if level >= SIGN_FROM)
    if timed.is_impossible:
        return ("impossible", *found)
    return ("fast", *found) if timed.is_fast and found else ()
