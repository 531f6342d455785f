"""One step of each monitor: from its kept state and one judgment to the next state. Pure.

A gauge never raises on what it kept itself: the state is a dictionary of JSON, empty at the start.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

from projects.stats.cusum import BernoulliCusum, CusumState, TwoSidedCusum, TwoSidedState
from projects.stats.pace import Moments
from projects.stats.runs import suspicious_run
from projects.stats.self_starting import SelfStartingCusum, SelfStartingState

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
ONE_SIDE = BernoulliCusum(before=0.45, after=0.30, threshold=6.0)
TIME = TwoSidedCusum()


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
    """How accuracy is watched: `fall` from what the annotator's own work has shown, `guessing` from the start on.

    `guessing` is None where guesses could not be told from the project's usual answers.
    """

    fall: SelfStartingCusum
    guessing: BernoulliCusum | None

    def accuracy(self, state: State) -> float:
        """The accuracy that an annotator's judgments have shown so far.

        Of somebody who had an alarm, or is half way to one, it is the lower one that the alarm speaks for: else their
        answers would make those look wrong who disagree with them.
        """
        right, wrong = self.fall.prior_right, self.fall.prior_wrong
        if not state:
            return right / (right + wrong)
        kept = state["fall"]
        if state["is_doubted"] or kept["score"] >= self.fall.threshold / 2:
            return self.fall.rates(kept["right"], kept["wrong"])[1]
        return float((right + kept["right"]) / (right + kept["right"] + wrong + kept["wrong"]))


def step_accuracy(state: State, right: float, rules: Rules) -> Step:
    """Add a judgment that is right with this probability."""
    fall = SelfStartingState.restore(state["fall"]) if state else rules.fall.start()
    guess = CusumState.restore(state["guessing"]) if state else CusumState()
    fall = rules.fall.step(fall, right)
    level, age, alarm = fall.score / rules.fall.threshold, fall.seen - fall.since, "fall"
    if rules.guessing:
        guess = rules.guessing.step(guess, right)
        if (nearer := guess.score / rules.guessing.threshold) > level:
            level, age, alarm = nearer, guess.seen - guess.since, "guessing"
    found: Alarm | None = None
    if level >= 1:
        found = "fall" if alarm == "fall" else "guessing"
        # What was learnt of the annotator before remains, so that work which stays low is noticed again.
        fall = replace(fall, score=0.0, since=fall.seen, recent=())
        guess = replace(guess, score=0.0, since=guess.seen)
    kept = {
        "fall": as_json(fall),
        "guessing": as_json(guess),
        "is_doubted": bool(found or (state and state["is_doubted"])),
    }
    return Step(kept, level, age, found)


def guessing_level(state: State, rules: Rules) -> float:
    """How near the judgments so far are to an alarm of guessing, as a share of its threshold."""
    if not state or not rules.guessing:
        return 0.0
    return float(state["guessing"]["score"]) / rules.guessing.threshold


def step_side(state: State, chose_first: bool) -> Step:
    """Add a judgment that prefers the response shown first, or another one."""
    sums = {
        name: CusumState.restore(state[name]) if state else CusumState()
        for name in ("first", "other")
    }
    sums["first"] = ONE_SIDE.step(sums["first"], float(not chose_first))
    sums["other"] = ONE_SIDE.step(sums["other"], float(chose_first))
    higher = max(sums.values(), key=lambda one: one.score)
    level = higher.score / ONE_SIDE.threshold
    if level >= 1:
        sums = {name: replace(one, score=0.0, since=one.seen) for name, one in sums.items()}
    kept = {name: as_json(one) for name, one in sums.items()}
    return Step(kept, level, higher.seen - higher.since, "side" if level >= 1 else None)


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
    """Add an answer. Neither chance nor, where taste may decide, the annotator's own habit must explain its run."""
    run = run_with(state, look)
    looks = dict(state["looks"]) if state else {}
    level = run / _needed(looks, look) if look.share is not None else 0.0
    looks[look.text] = looks.pop(look.text, 0) + 1
    if len(looks) > LOOKS:
        del looks[min(looks, key=lambda text: looks[text])]
    kept = {"look": look.text, "run": 0 if level >= 1 else run, "looks": looks}
    return Step(kept, level, run, "run" if level >= 1 else None)


def _needed(looks: dict[str, int], look: Look) -> int:
    share = look.share or 0.0
    if not look.depends_on_order:
        # The usual share counts as much as ten answers of the annotator's own.
        own = (looks.get(look.text, 0) + 10 * share) / (sum(looks.values()) + 10)
        share = max(share, own)
    return suspicious_run(share)


@dataclass(frozen=True, slots=True)
class Timed:
    """The time of an answer: `usual` is the project's usual time for such a text, if it is known yet."""

    seconds: float
    words: float
    usual: float | None
    own: float


@dataclass(frozen=True, slots=True)
class TimeStep:
    """The monitor of time after an answer. Its level never opens an alert: a change of speed alone is no fault.

    `is_fast`: most of the newest answers took a fraction of the usual time. `is_impossible`: nobody reads so fast.
    """

    step: Step
    is_fast: bool
    is_impossible: bool


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
    return TimeStep(Step(kept, level, age), sum(fast) >= FAST, _is_impossible(recent))


def _is_fast(timed: Timed) -> int:
    return int(timed.usual is not None and timed.seconds < FAST_SHARE * timed.usual)


def _is_impossible(recent: list[list[float]]) -> bool:
    words = sum(one[0] for one in recent)
    seconds = sum(one[1] for one in recent)
    return len(recent) == TOGETHER and words * 60 > IMPOSSIBLE_WORDS * seconds


def forget_speed(state: State) -> State:
    """Begin the count of fast answers anew, after an alert about them."""
    return {**state, "fast": [], "recent": []}
