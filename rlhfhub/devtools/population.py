"""A simulated population of annotators whose ability, biases, speed and drift are known.

The simulator lets them work through the same endpoints as people. Because their true properties are known here, the
project's statistics about them can be checked. Pure and seeded: the same seed gives the same people, and the same item
has the same truth in any order of its responses.

A judgment: u = a d + sum(bias * feature) + position + logistic noise, where d is how much better the second response
is; |u| within the tie width is a tie. All differences are second minus first, in the order in which the responses were
passed to `features`.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np

from rlhfhub.devtools.writings import Writes, reason_of

_MARKDOWN = re.compile(r"^\s*(?:[-*+] |\d+[.)] |#{1,6} |```)|\*\*", re.MULTILINE)
_SECONDS_A_WORD = 0.55 * 60 / 238  # People read 55 % of the words, at 238 words a minute.
_NEAR_TIES = 0.18
_LOG_WORDS_SD = 0.8
_TIE_WIDTH = 0.45
_ON_THE_SHEET = 0.9
# All who copy reasons copy from one sheet.
_REASONS = 90


@dataclass(frozen=True)
class Biases:
    """How strongly each feature of a response attracts a person, in logits per standard deviation."""

    length: float = 0.20
    format: float = 0.08
    position: float = 0.05
    confidence: float = 0.05
    sycophancy: float = 0.05


_USUAL = Biases()


@dataclass(frozen=True)
class Kind:
    """A kind of annotator and its share of the population. Bots ignore all features."""

    name: str
    share: float
    ability: float
    speed: float
    biases: Biases = _USUAL
    bot: bool = False
    writes: Writes = "notes"


KINDS: tuple[Kind, ...] = (
    Kind("expert", 0.10, 2.6, 1.15),
    Kind("steady", 0.52, 1.8, 1.0),
    Kind("novice", 0.12, 1.0, 1.1),
    Kind("length-lover", 0.06, 1.4, 1.0, replace(_USUAL, length=1.0)),
    Kind("format-lover", 0.04, 1.4, 1.0, replace(_USUAL, format=0.78)),
    Kind("first-picker", 0.03, 1.0, 0.75, replace(_USUAL, position=1.05)),
    Kind("flattered", 0.03, 1.2, 1.0, replace(_USUAL, sycophancy=0.85, confidence=0.75)),
    Kind("hurried", 0.04, 0.7, 0.35),
    Kind("drifter", 0.03, 1.8, 1.0),
    Kind("random-bot", 0.01, 0.0, 0.12, bot=True),
    Kind("side-bot", 0.01, 0.0, 0.10, bot=True),
    Kind("quick-and-good", 0.01, 2.2, 0.40),
)


@dataclass(frozen=True)
class Features:
    """The features of an item that influence a judgment. Differences are second response minus first."""

    quality: float
    length: float
    format: float
    confidence: float
    sycophancy: float
    words: int

    @property
    def better(self) -> int:
        """The index of the response that is truly better."""
        return 1 if self.quality > 0 else 0


@dataclass(frozen=True)
class Judgment:
    """A person's judgment: the shown position they chose (None is a tie), the seconds it took, and the reason.

    `lean` is how much better the response at the second position seemed, in logits. `pasted` percent of the reason were
    pasted.
    """

    position: int | None
    seconds: float
    reason: str
    lean: float
    pasted: int = 0


def _truth(prompt: str, first: str, second: str, seed: int) -> np.random.Generator:
    texts = repr((prompt, first, second)).encode("utf-8", "backslashreplace")
    digest = blake2b(texts, digest_size=16).digest()
    return np.random.default_rng([seed, int.from_bytes(digest, "big")])


def _quality(rng: np.random.Generator, length: float, formatting: float) -> float:
    """Draw the difference in quality. It correlates with length (r = .35) and format (r = .15); some are near ties."""
    noise = math.sqrt(1 - 0.35**2 - 0.15**2) * rng.standard_normal()
    usual = 1.2 * (0.35 * length + 0.15 * formatting + noise)
    close = 0.12 * rng.standard_normal()
    return float(close if rng.random() < _NEAR_TIES else usual)


def features(
    prompt: str, responses: Sequence[str], seed: int, *, better: int | None = None
) -> Features:
    """Return an item's features and truth, which depend only on its texts and the seed.

    `better` is the index of the response known to be better, for a gold item: the truth then has that sign and is clear
    (1.2 to 2.6). Swapped responses give the same features with opposite signs.
    """
    if len(responses) != 2:
        raise ValueError("the simulator judges two responses")
    swapped = responses[1] < responses[0]
    first, second = sorted(responses)
    rng = _truth(prompt, first, second, seed)
    words = [len(text.split()) for text in (first, second)]
    ratio = math.log((words[1] + 1) / (words[0] + 1))
    length = max(-3.0, min(3.0, ratio / _LOG_WORDS_SD))
    marks = [len(_MARKDOWN.findall(text)) for text in (first, second)]
    formatting = math.tanh((marks[1] - marks[0]) / 4)
    quality = _quality(rng, length, formatting)
    confidence = float(rng.standard_normal())
    sycophancy = float(rng.standard_normal() if rng.random() < 0.25 else 0.0)
    plain = float(rng.uniform(1.2, 2.6))
    sign = -1.0 if swapped else 1.0
    return Features(
        quality=sign * quality if better is None else plain * (1 if better else -1),
        length=sign * length,
        format=sign * formatting,
        confidence=sign * confidence,
        sycophancy=sign * sycophancy,
        words=len(prompt.split()) + sum(words),
    )


@dataclass(frozen=True)
class Person:
    """One simulated annotator. All their properties are fixed when they are drawn.

    People with the same `sheet` copy nine in ten of their answers from it, whatever is right, after `copies_from` of
    their own.
    """

    kind: Kind
    ability: float
    speed: float
    tie_width: float
    time_spread: float
    side: int
    drift_from: int | None = None
    drift_over: int = 0
    drift_to: float = 1.0
    sheet: int | None = None
    copies_from: int = 0

    @property
    def copies(self) -> bool:
        """Whether they copy answers or reasons, for which they mostly work at the same time as others who do."""
        return self.sheet is not None or self.kind.writes == "copied"

    def scale(self, done: int) -> float:
        """Return the factor on the ability after `done` judgments; 1 until a drifter's change."""
        if self.drift_from is None or done < self.drift_from:
            return 1.0
        part = 1.0 if not self.drift_over else (done - self.drift_from) / self.drift_over
        return 1.0 + (self.drift_to - 1.0) * min(1.0, part)

    def judge(
        self,
        item: Features,
        shown: Sequence[int],
        done: int,
        rng: np.random.Generator,
        *,
        allow_tie: bool = True,
    ) -> Judgment:
        """Return the judgment of an item after `done` others; `shown[p]` is the response at position p."""
        seconds = self._seconds(item, done, rng)
        if self.kind.bot:
            side = self.side if self.kind.name == "side-bot" else int(rng.integers(2))
            return Judgment(side, seconds, "", 2.0 * side - 1.0)
        copied = self._copied(item) if done >= self.copies_from else None
        if copied is not None:
            side = list(shown).index(copied)
            return Judgment(side, seconds, "", 2.0 * side - 1.0)
        # Convert from the second response to the second position.
        pull = self._pull(item, done) * (1 if shown[1] == 1 else -1)
        u = pull - self.kind.biases.position + float(rng.logistic())
        position = None if allow_tie and abs(u) < self.tie_width else int(u > 0)
        reason, pasted = _reason(position, shown, item, rng), 0
        if self.kind.writes != "notes":
            reason, pasted = reason_of(self.kind.writes, item.quality, rng, sheet=_REASONS)
        return Judgment(position, seconds, reason, u, pasted)

    def _copied(self, item: Features) -> int | None:
        """Return the index of the response that the person's sheet names; None if it does not have the item."""
        if self.sheet is None:
            return None
        # The size of the difference is the same in any order of the responses.
        rng = np.random.default_rng([self.sheet, int(abs(item.quality) * 2**40)])
        if rng.random() >= _ON_THE_SHEET:
            return None
        return item.better if rng.random() < 0.5 else 1 - item.better

    def _pull(self, item: Features, done: int) -> float:
        biases = self.kind.biases
        return self.scale(done) * (
            self.ability * item.quality
            + biases.length * item.length
            + biases.format * item.format
            + biases.confidence * item.confidence
            + biases.sycophancy * item.sycophancy
        )

    def _seconds(self, item: Features, done: int, rng: np.random.Generator) -> float:
        difficulty = 0.9 + 0.4 * math.exp(-abs(item.quality))
        usual = 4.0 + _SECONDS_A_WORD * item.words * difficulty
        learning = 1.0 + 0.6 * math.exp(-done / 15)
        pause = float(rng.uniform(5, 40)) if rng.random() < 0.012 else 1.0
        return usual * self.speed * learning * pause * float(rng.lognormal(0.0, self.time_spread))


def _reason(
    position: int | None, shown: Sequence[int], item: Features, rng: np.random.Generator
) -> str:
    """Return a short note in a third of the cases, as people write, else ""."""
    if rng.random() >= 1 / 3:
        return ""
    if position is None:
        return "Both answer about equally well."
    longer = (item.length > 0) == (shown[position] == 1)
    length = "It is more complete." if longer else "It is more to the point."
    notes = (length, "It follows the instruction better.", "The other one has an error.")
    return notes[int(rng.integers(len(notes)))]


def person(kind: Kind, career: int, rng: np.random.Generator) -> Person:
    """Draw one person of a kind; `career` is how many judgments a drifter's career has."""
    # Drawn for everybody, so that whether a person drifts does not change the random numbers of the others.
    start = int(career * rng.uniform(0.3, 0.6))
    over = int(career * 0.15) if rng.random() < 0.5 else 0
    floor = float(rng.uniform(0.25, 0.45))
    drifts = kind.name == "drifter"
    return Person(
        kind=kind,
        ability=kind.ability * float(rng.lognormal(0.0, 0.10)),
        speed=kind.speed * float(rng.lognormal(0.0, 0.10)),
        tie_width=_TIE_WIDTH * float(rng.lognormal(-0.02, 0.20)),
        time_spread=float(rng.uniform(0.35, 0.55)),
        side=int(rng.integers(2)),
        drift_from=start if drifts else None,
        drift_over=over if drifts else 0,
        drift_to=floor if drifts else 1.0,
    )


class Population:
    """The kinds of people and their shares."""

    kinds: tuple[Kind, ...] = KINDS

    @classmethod
    def draw(cls, n: int, seed: int, *, career: int = 400) -> list[Person]:
        """Return `n` people in random order; `career` is how many judgments a drifter's career has.

        Systematic sampling: the number of each kind is within one of its share of `n`, at any size.
        """
        rng = np.random.default_rng([seed, 0])
        ends = np.cumsum([kind.share for kind in cls.kinds])
        points = (np.arange(n) + rng.random()) / max(n, 1) * ends[-1]
        chosen = rng.permutation(np.searchsorted(ends, points, side="right"))
        return [person(cls.kinds[int(index)], career, rng) for index in chosen]
