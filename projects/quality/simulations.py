"""How the monitors behave together on simulated annotators: who is found, after how many answers, and who wrongly.

Answers go through the very code that takes real ones, without a database. Everything is drawn from seeds.
"""

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import exp
from statistics import fmean

from projects.kinds import preference
from projects.quality.monitors.answers import About, Answer
from projects.quality.monitors.question import Watched, classes_of
from projects.quality.monitors.signs import CHANCE
from projects.quality.trial import Raised, Trial
from projects.stats.fall_simulations import ease, errors
from projects.stats.simulations import POPULATION, Row
from projects.work.models import Purpose

_QUESTION = {"name": "q", "kind": "preference", "title": "Which is better?"}
_AT_ONCE = 20
_LABELS = 3


@dataclass
class Person:
    """A simulated annotator: `kind` says what is odd about them from answer `odd_from` on."""

    kind: str
    accuracy: float
    speed: float = 1.0
    odd_from: int = 0
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    done: int = 0

    @property
    def is_odd(self) -> bool:
        """Return whether the next answer is an odd one."""
        return self.kind != "steady" and self.done >= self.odd_from

    def choose(self, draw: random.Random, ease: float, shown: Sequence[int]) -> int:
        """Return -1 for the first stored response, which is the better one, or 1."""
        self.done += 1
        if self.is_odd and self.kind in ("spammer", "guesser"):
            return draw.choice((-1, 1))
        if self.is_odd and self.kind == "one-sided" and draw.random() < 0.8:
            return -1 if shown[0] == 0 else 1
        if self.is_odd and self.kind == "fast clicker":
            return -1 if shown[0] == 0 else 1
        accuracy = 0.65 if self.is_odd and self.kind == "drifter" else self.accuracy
        return 1 if draw.random() < min(0.5, errors(accuracy) * ease) else -1

    def seconds(self, draw: random.Random, words: float) -> float:
        """Return the time for a text of so many words."""
        usual = 4 + 0.55 * words * 60 / 238
        fast = 0.1 if self.kind in ("spammer", "fast clicker") and self.is_odd else 1.0
        return usual * self.speed * fast * draw.lognormvariate(0, 0.45)


@dataclass
class Outcome:
    """What was found: for each person their alarms, in the order of time."""

    people: list[Person]
    alarms: dict[uuid.UUID | None, list[Raised]]
    answers: int

    def found(self, kind: str) -> list[int | None]:
        """Return, for each person of a kind, how many answers after their change the alarm came; None without one."""
        return [self._delay(one) for one in self.people if one.kind == kind]

    def _delay(self, person: Person) -> int | None:
        after = [one.after for one in self.alarms.get(person.id, ()) if one.after > person.odd_from]
        return min(after) - person.odd_from if after else None

    def false_alarms(self) -> list[Raised]:
        """Return the alarms about steady people, and about odd ones before they were odd."""
        return [
            one
            for person in self.people
            for one in self.alarms.get(person.id, ())
            if person.kind == "steady" or one.after <= person.odd_from
        ]


def run(people: Sequence[Person], answers: int, seed: str, *, labels: int = _LABELS) -> Outcome:
    """Let people answer items with so many labels each, `answers` answers a person, and return the alarms."""
    draw = random.Random(seed)  # noqa: S311
    trial = Trial(watched(), [person.id for person in people])
    waiting = _items(people, answers, labels, draw)
    while batch := list(islice(waiting, _AT_ONCE)):
        trial.take(batch)
    return Outcome(list(people), trial.raised, sum(person.done for person in people))


def watched() -> Watched:
    """Return the question that simulated people answer: which of two responses is better."""
    scale = preference.scale(_QUESTION)
    shares = dict.fromkeys((category.value for category in scale.categories), 0.5)
    return Watched("q", scale, classes_of(scale), shares)


def _items(
    people: Sequence[Person], answers: int, labels: int, draw: random.Random
) -> Iterator[tuple[About, list[Answer]]]:
    """Yield items, each with the answers of the people who are due."""
    for _ in range(answers):
        turn = draw.sample(list(people), len(people))
        for at in range(0, len(turn) - labels + 1, labels):
            words = min(1500.0, max(8.0, exp(draw.gauss(5.1, 0.8))))
            drawn = ease(draw)
            item = _drawn_id(draw)
            yield (
                About(words, True),
                [_answer(one, item, words, drawn, draw) for one in turn[at : at + labels]],
            )


def _drawn_id(draw: random.Random) -> uuid.UUID:
    return uuid.UUID(int=draw.getrandbits(128))


def _answer(
    person: Person, item: uuid.UUID, words: float, ease: float, draw: random.Random
) -> Answer:
    shown = draw.choice(((0, 1), (1, 0)))
    seconds = person.seconds(draw, words)
    value = person.choose(draw, ease, shown)
    return Answer(
        *(_drawn_id(draw), item, person.id, Purpose.DATA.value),
        *(seconds, ("q@0-1",), (value,), shown),
        hit=None,
    )


def steady(count: int, draw: random.Random) -> list[Person]:
    """Return people of usual accuracies and speeds who work as always."""
    return [
        Person("steady", draw.betavariate(*POPULATION), draw.lognormvariate(0, 0.2))
        for _ in range(count)
    ]


def simulate(size: float = 1.0) -> Iterator[Row]:
    """Measure what all monitors together find, and how often they are wrong about steady people."""
    draw = random.Random("monitors")  # noqa: S311
    outcome = run(steady(max(30, round(200 * size)), draw), 400, "steady")
    rate = len(outcome.false_alarms()) / outcome.answers * 10_000
    # No items are keyed here, and the project's own alarm is about nobody.
    stated = sum(CHANCE.values()) - CHANCE["gold"] - CHANCE["moved"]
    yield Row("monitors: false alarms in 10,000 answers", rate, at_most=stated)
    yield _moved(outcome)
    for odd in ODD:
        yield from _found(odd, max(20, round(30 * size)))


def _moved(outcome: Outcome) -> Row:
    """How often the project's own monitor is wrong where nobody changes; one answer to each item enters it."""
    rate = 10_000 * len(outcome.alarms.get(None, ())) / (outcome.answers / _LABELS)
    return Row("the whole project: false alarms in 10,000 items", rate, at_most=CHANCE["moved"])


@dataclass(frozen=True, slots=True)
class Odd:
    """People who are odd from an answer on, where items have so many labels; what is stated of them.

    At least this share is found within 300 answers, after so many on average at most.
    """

    kind: str
    odd_from: int
    share: float
    most: int
    labels: int = _LABELS


ODD = (
    Odd("drifter", 100, 0.8, 130),
    Odd("drifter", 100, 0.9, 100, labels=5),
    Odd("one-sided", 0, 0.95, 60),
    Odd("fast clicker", 0, 0.95, 20),
    Odd("spammer", 0, 0.95, 20),
    Odd("guesser", 0, 0.95, 120),
)


def _found(odd: Odd, count: int) -> Iterator[Row]:
    draw = random.Random(odd.kind)  # noqa: S311
    people = [Person(odd.kind, 0.85, odd_from=odd.odd_from) for _ in range(count)]
    people += steady(8 * count, draw)
    delays = run(people, odd.odd_from + 300, odd.kind, labels=odd.labels).found(odd.kind)
    known = [delay for delay in delays if delay is not None]
    name = f"{odd.kind}s, {odd.labels - 1} other labels"
    yield Row(f"{name}: found within 300 answers", len(known) / count, at_least=odd.share)
    yield Row(f"{name}: mean delay", fmean(known or [300]), at_most=odd.most)
