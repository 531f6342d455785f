"""One step of each monitor: from its kept state and one judgment to the next state. Pure.

A gauge never raises on what it kept itself: the state is a dictionary of JSON, empty at the start.
"""

from dataclasses import dataclass, replace
from math import exp, log
from typing import Any, Literal

from projects.stats.cusum import TwoSidedCusum, TwoSidedState
from projects.stats.fall import FallDetector, FallState
from projects.stats.habit import HabitDetector, HabitState
from projects.stats.judgment import Judgment
from projects.stats.pace import Moments
from projects.stats.runs import suspicious_run

State = dict[str, Any]
#: What a monitor's alarm is about: a fall, answers like guesses, one place on the screen, a run of equal answers.
Alarm = Literal["fall", "guessing", "side", "run"]

#: An answer in less than this share of the usual time is fast; of the last `LAST` answers, `FAST` must be.
FAST_SHARE, FAST, LAST = 0.3, 10, 20
#: Nobody reads so many words a minute. It must hold for ten answers together.
IMPOSSIBLE_WORDS, TOGETHER = 1500, 10
#: A person's own times are standardized from so many answers on.
OWN_TIMES = 50
#: Of so many different looks it is kept how often an annotator's answers had them.
LOOKS = 24
#: People whose choices lean to one place by little are honest; from .55 to .70 is looked for, either way.
ONE_SIDE = HabitDetector(usual=0.55, odd=0.70, threshold=8.0)
#: Runs that begin by chance less often than at this rate of all answers are suspicious.
RUNS = 1e-6
#: After an alarm about a run, only a run so many times as long raises another one while answers look like that. They do
#: until their share among the newest (each answer weighs 5 % less than the next one) is so far on its way to the usual.
LONGER, FORGETS, ENDED = 2, 0.05, 0.8
TIME = TwoSidedCusum()
#: How probable it must be that somebody guesses.
SURE = 0.98


def as_json(state: Any) -> State:
    """Return the fields of a state of `projects.stats`. (`asdict` copies each of them deeply, which takes ten times as
    long as the step itself.)
    """
    return {name: getattr(state, name) for name in state.__slots__}


@dataclass(frozen=True, slots=True)
class Step:
    """A monitor after one judgment. `level` is 1 or more at an alarm, whose change began `age` judgments ago."""

    state: State
    level: float
    age: int
    alarm: Alarm | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """How accuracy is watched: `fall` from what the annotator's own work has shown, `guesses` from the start on.

    An accuracy of `guesses` or less is hardly better than guessing. It is None where guesses could not be told from the
    project's usual answers.
    """

    fall: FallDetector
    guesses: float | None

    def accuracy(self, state: State) -> float:
        """The accuracy to expect of an annotator, from what their judgments have shown so far."""
        return float(state.get("accuracy", self.fall.usual))


def step_accuracy(
    state: State, judgment: Judgment, rules: Rules, *, beside: State | None = None
) -> Step:
    """Add a judgment. Neither alarm comes again while the annotator goes on at the level that set it off.

    `beside` is the state of the annotator's other judgments, those of keyed items or all others: guesses show in both.
    """
    is_known = "evidence" in state
    fall = FallState.restore(state["fall"]) if is_known else rules.fall.start()
    fall = rules.fall.step(fall, judgment)
    level, age = fall.score / rules.fall.threshold, fall.seen - fall.since
    found: Alarm | None = "fall" if level >= 1 else None
    beside = beside or {}
    evidence = _evidence_of_guessing(fall, rules)
    guessing = _guessing(evidence + beside.get("evidence", 0.0), rules)
    # Once the alarm was given, the belief must go away before it is given again.
    is_told = is_known and state["is_told"] and (guessing > 0.1 or not rules.guesses)
    if rules.guesses and guessing >= 1 and not is_told and not beside.get("is_told"):
        is_told = True
        if not found:
            level, age = guessing, fall.seen - fall.at_most_since(rules.guesses)
            found = "guessing"
    if found:
        fall = rules.fall.after_alarm(fall)
    kept = {
        "fall": as_json(fall),
        "guessing": guessing,
        "evidence": evidence,
        "is_told": is_told,
        "accuracy": fall.accuracy(),
    }
    return Step(kept, level, age, found)


def _evidence_of_guessing(fall: FallState, rules: Rules) -> float:
    """By how much the log odds that the annotator guesses have grown with the judgments so far."""
    if not rules.guesses:
        return 0.0
    return _log_odds(fall.at_most(rules.guesses)) - _log_odds(
        rules.fall.start().at_most(rules.guesses)
    )


def _guessing(evidence: float, rules: Rules) -> float:
    """How near the belief that somebody guesses is to an alarm."""
    if not rules.guesses:
        return 0.0
    odds = _log_odds(rules.fall.start().at_most(rules.guesses)) + evidence
    return 1 / (1 + exp(-odds)) / SURE


def _log_odds(share: float) -> float:
    share = min(max(share, 1e-9), 1 - 1e-9)
    return log(share / (1 - share))


def guessing_level(state: State) -> float:
    """How near the judgments so far are to an alarm of guessing, as a share of its threshold."""
    return float(state.get("guessing", 0.0))


def step_side(state: State, chose_first: bool) -> Step:
    """Add a judgment that prefers the response shown first, or another one.

    A habit raises one alarm; another one comes only after it became clearly stronger or had ended.
    """
    sums = {
        name: ONE_SIDE.step(HabitState.restore(state[name]) if state else ONE_SIDE.start(), given)
        for name, given in (("first", chose_first), ("other", not chose_first))
    }
    name = max(sums, key=lambda one: sums[one].score)
    higher = sums[name]
    level = higher.score / ONE_SIDE.threshold
    if level >= 1:
        sums[name] = ONE_SIDE.after_alarm(higher)
    kept = {name: as_json(one) for name, one in sums.items()}
    return Step(kept, level, higher.seen - higher.since, "side" if level >= 1 else None)


def side_level(state: State) -> float:
    """How near the judgments are to an alarm about one side; 1 while a habit lasts that raised one."""
    sums = [HabitState.restore(one) for one in state.values()]
    return max(
        (1.0 if one.is_told else one.score / ONE_SIDE.threshold for one in sums), default=0.0
    )


@dataclass(frozen=True, slots=True)
class Look:
    """What an answer looked like: `share` is how often others' answers look so, None if that is not known yet.

    `depends_on_order` says that the order of the responses, which is drawn, changes the look.
    """

    text: str
    share: float | None
    depends_on_order: bool


def run_with(state: State, look: Look) -> int:
    """How many answers in a row look like this one, with it."""
    return state["run"] + 1 if state and state["look"] == look.text else 1


def step_labels(state: State, look: Look) -> Step:
    """Add an answer. Neither chance nor, where taste may decide, the annotator's own habit must explain its run.

    A run raises one alarm; another one comes only for a much longer run, or after such answers had ended.
    """
    run = run_with(state, look)
    looks = dict(state["looks"]) if state else {}
    told = _lasting(state["told"], look) if state and state["told"] else None
    level = run / _needed(looks, look, told) if look.share is not None else 0.0
    if level >= 1:
        told = {"look": look.text, "run": run, "share": 1.0, "usual": look.share}
    looks[look.text] = looks.pop(look.text, 0) + 1
    if len(looks) > LOOKS:
        del looks[min(looks, key=lambda text: looks[text])]
    kept = {"look": look.text, "run": run, "looks": looks, "told": told}
    return Step(kept, level, run, "run" if level >= 1 else None)


def labels_level(state: State, level: float) -> float:
    """How near the answers so far are to a run of one look, given their monitor's level: 1 while one lasts."""
    return 1.0 if state.get("told") else level


def _lasting(told: dict[str, Any], look: Look) -> dict[str, Any] | None:
    """Return the state of a run that raised an alarm, after one more answer; None once the run has ended."""
    share = told["share"] + FORGETS * ((look.text == told["look"]) - told["share"])
    has_ended = share < 1 - ENDED * (1 - told["usual"])
    return None if has_ended else {**told, "share": share}


def _needed(looks: dict[str, int], look: Look, told: dict[str, Any] | None) -> int:
    share = look.share or 0.0
    if told and told["look"] == look.text:
        return LONGER * int(told["run"])
    if not look.depends_on_order:
        # The usual share counts as much as ten answers of the annotator's own.
        own = (looks.get(look.text, 0) + 10 * share) / (sum(looks.values()) + 10)
        share = max(share, own)
    return suspicious_run(share, rate=RUNS)


@dataclass(frozen=True, slots=True)
class Timed:
    """The time of an answer: `usual` is the project's usual time for such a text, if it is known yet."""

    seconds: float
    words: float
    usual: float | None
    own: float

    @property
    def share_of_least(self) -> float:
        """The time as a share of the least that a careful answer takes; below 1 the answer is too fast."""
        least = 60 * self.words / IMPOSSIBLE_WORDS
        return self.seconds / max(least, FAST_SHARE * (self.usual or 0.0))


@dataclass(frozen=True, slots=True)
class TimeStep:
    """The monitor of time after an answer. Its level never opens an alert: a change of speed alone is no fault.

    `is_fast`: most of the newest `LAST` answers took a fraction of the usual time. `is_impossible`: nobody reads the
    newest `TOGETHER` so fast. `recent` are the words and seconds of these.
    """

    step: Step
    is_fast: bool
    is_impossible: bool
    recent: list[list[float]]

    @property
    def counted(self) -> int:
        """How many of the newest answers were judged together."""
        return TOGETHER if self.is_impossible else LAST


def step_time(state: State, timed: Timed) -> TimeStep:
    """Add the time of an answer; `timed.own` is the log of its seconds, corrected for the length of the text."""
    moments = Moments.restore(state["moments"]) if state else Moments()
    sums = TwoSidedState.restore(state["sums"]) if state else TwoSidedState()
    z = moments.standardized(timed.own, at_least=OWN_TIMES)
    sums = replace(sums, seen=sums.seen + 1) if z is None else TIME.step(sums, z)
    if sums.score < TIME.threshold / 2:
        moments = moments.add(timed.own)
    level, age = sums.score / TIME.threshold, sums.seen - sums.since
    if level >= 1:
        # The new speed is learnt as the usual one.
        moments, sums = Moments(), TwoSidedState()
    fast = [*(state["fast"] if state else ()), _is_fast(timed)][-LAST:]
    recent = [*(state["recent"] if state else ()), [timed.words, timed.seconds]][-TOGETHER:]
    kept = {"moments": as_json(moments), "sums": as_json(sums), "fast": fast, "recent": recent}
    return TimeStep(Step(kept, level, age), sum(fast) >= FAST, _is_impossible(recent), recent)


def _is_fast(timed: Timed) -> int:
    return int(timed.usual is not None and timed.seconds < FAST_SHARE * timed.usual)


def _is_impossible(recent: list[list[float]]) -> bool:
    words = sum(one[0] for one in recent)
    seconds = sum(one[1] for one in recent)
    return len(recent) == TOGETHER and words * 60 > IMPOSSIBLE_WORDS * seconds


def forget_speed(state: State) -> State:
    """Begin the count of fast answers anew, after an alert about them."""
    return {**state, "fast": [], "recent": []}
