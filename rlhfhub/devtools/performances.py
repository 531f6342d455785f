"""Casts at work on simulated items, watched by the very monitors of the site, without a database or a server."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from projects.kinds import preference
from projects.quality.alerts.searches.copies import copies_in
from projects.quality.alerts.searches.pasted import LATEST, pasted_in
from projects.quality.alerts.searches.written import Written, long_texts
from projects.quality.monitors.answers import About, Answer
from projects.quality.monitors.question import Watched, classes_of
from projects.quality.trial import Raised, Trial
from projects.stats.pairs import Pair, colluding_pairs
from projects.stats.ratings import Ratings, number_ratings
from projects.work.models import Purpose
from rlhfhub.devtools.population import Features, Person, features

_QUESTION = {"name": "q", "kind": "preference", "title": "Which is better?", "allow_tie": True}
#: How often the first response is preferred, neither is, or the second.
_SHARES = {-1: 0.43, 0: 0.14, 1: 0.43}
_MEDIAN_WORDS, _WORDS_SD, _LEAST_WORDS, _MOST_WORDS = 164, 0.8, 8, 1500
_REPEATED_AFTER = 50
_TOGETHER = 0.5
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """How many answers each person gives, how many label an item, and the shares of gold and repeated items."""

    answers: int
    labels: int = 3
    gold: float = 0.0
    repeats: float = 0.0


@dataclass
class Actor:
    """A person at work. `labels` are their judgments on data: (item, value). `texts` are their reasons that are long
    enough to tell something, each with the percentage pasted.
    """

    person: Person
    id: uuid.UUID
    done: int = 0
    labels: list[tuple[uuid.UUID, int]] = field(default_factory=list)
    seen: list[tuple[uuid.UUID, Features]] = field(default_factory=list)
    texts: list[tuple[Written, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Performance:
    """What the monitors said of a cast: the alarms about each actor, and the pairs that collude."""

    actors: list[Actor]
    raised: dict[uuid.UUID | None, list[Raised]]
    pairs: list[Pair]

    @property
    def answers(self) -> int:
        """How many answers all gave."""
        return sum(actor.done for actor in self.actors)

    def of(self, kind: str) -> list[Actor]:
        """Return the actors of a kind."""
        return [actor for actor in self.actors if actor.person.kind.name == kind]


def perform(people: Sequence[Person], plan: Plan, seed: int) -> Performance:
    """Let people answer items, each of which is new and labeled by some of them drawn at random."""
    stage = _Stage(people, plan, seed)
    for items in stage.deliveries():
        stage.trial.take(items)
    return Performance(stage.actors, stage.trial.raised, colluding_pairs(labels_of(stage.actors)))


def labels_of(actors: Sequence[Actor]) -> Ratings:
    """Return the actors' judgments on data as ratings, with annotators numbered as the actors are."""
    rows = [(item, at, value) for at, actor in enumerate(actors) for item, value in actor.labels]
    items = {item: number for number, item in enumerate(dict.fromkeys(row[0] for row in rows))}
    return number_ratings(
        [items[row[0]] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
    )


def copiers(actors: Sequence[Actor]) -> set[str]:
    """Return the ids of those whose reasons the search for copied texts finds."""
    return set(copies_in([text for actor in actors for text, _ in actor.texts]))


def pasters(actors: Sequence[Actor]) -> set[str]:
    """Return the ids of those whose newest reasons the search for pasted texts finds."""
    shares = {
        str(actor.id): {text.annotation: pasted for text, pasted in actor.texts[-LATEST:]}
        for actor in actors
    }
    return set(pasted_in(shares))


class _Stage:
    def __init__(self, people: Sequence[Person], plan: Plan, seed: int) -> None:
        self._plan, self._seed = plan, seed
        self._rng = np.random.default_rng([seed, 7])
        self.actors = [Actor(person, self._id()) for person in people]
        scale = preference.scale(_QUESTION)
        question = Watched("q", scale, classes_of(scale), _SHARES)
        self.trial = Trial(question, [actor.id for actor in self.actors])

    def deliveries(self) -> Iterator[list[tuple[About, list[Answer]]]]:
        """Yield items that are full, some at a time."""
        items: list[tuple[About, list[Answer]]] = []
        while len(turn := self._waiting()) >= self._plan.labels:
            for at in range(0, len(turn) - self._plan.labels + 1, self._plan.labels):
                items += self._item(turn[at : at + self._plan.labels])
            while len(items) >= _AT_ONCE:
                yield items[:_AT_ONCE]
                items = items[_AT_ONCE:]
        yield items

    def _waiting(self) -> list[Actor]:
        """Those who have answers left to give, in an order drawn at random.

        Those who copy mostly work at the same time, so that they get the same items.
        """
        left = [actor for actor in self.actors if actor.done < self._plan.answers]
        turn = [left[at] for at in self._rng.permutation(len(left))]
        together = [actor for actor in turn if actor.person.copies]
        if len(together) > 1 and self._rng.random() < _TOGETHER:
            turn = [*together, *(actor for actor in turn if not actor.person.copies)]
        return turn

    def _item(self, actors: Sequence[Actor]) -> Iterator[tuple[About, list[Answer]]]:
        """Yield an item for data with its answers, and before it what some are given in between."""
        for actor in actors:
            if self._rng.random() < self._plan.gold:
                item, found = self._id(), self._features(better=int(self._rng.integers(2)))
                yield self._answered([actor], item, found, Purpose.GOLD)
            if self._rng.random() < self._plan.repeats and len(actor.seen) > _REPEATED_AFTER:
                found = actor.seen[int(self._rng.integers(len(actor.seen) - _REPEATED_AFTER))][1]
                yield self._answered([actor], self._id(), found, Purpose.REPEAT)
        item, found = self._id(), self._features()
        for actor in actors:
            actor.seen.append((item, found))
        yield self._answered(actors, item, found, Purpose.DATA)

    def _features(self, better: int | None = None) -> Features:
        words = _MEDIAN_WORDS * self._rng.lognormal(0, _WORDS_SD, 2)
        texts = [
            "word " * int(np.clip(count, _LEAST_WORDS, _MOST_WORDS)) + "\n- point" * marks
            for count, marks in zip(words, self._rng.integers(0, 4, 2), strict=True)
        ]
        return features(str(self._id()), texts, self._seed, better=better)

    def _answered(
        self, actors: Sequence[Actor], item: uuid.UUID, found: Features, purpose: Purpose
    ) -> tuple[About, list[Answer]]:
        answers = [self._answer(actor, item, found, purpose) for actor in actors]
        return About(float(found.words), True), answers

    def _answer(self, actor: Actor, item: uuid.UUID, found: Features, purpose: Purpose) -> Answer:
        shown = (0, 1) if self._rng.random() < 0.5 else (1, 0)
        judgment = actor.person.judge(found, shown, actor.done, self._rng)
        actor.done += 1
        chosen = None if judgment.position is None else shown[judgment.position]
        value = 0 if chosen is None else 2 * chosen - 1
        if purpose is Purpose.DATA:
            actor.labels.append((item, value))
        annotation = self._id()
        for text in long_texts({"reason": judgment.reason}):
            written = Written(str(annotation), str(actor.id), text)
            actor.texts.append((written, judgment.pasted))
        return Answer(
            *(annotation, item, actor.id, purpose.value),
            *(judgment.seconds, ("q@0-1",), (value,), shown),
            hit=chosen == found.better if purpose is Purpose.GOLD else None,
        )

    def _id(self) -> uuid.UUID:
        return uuid.UUID(bytes=self._rng.bytes(16))
