"""How a simulated annotator responds to a lease: the answer and the time it takes.

A judgment depends only on the seed, the annotator's number, the item's texts and the order shown, so that runs can be
repeated. A drifter's judgment also depends on how many they have made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

from rlhfhub.devtools.population import Features, Person, features
from rlhfhub.devtools.simulator.answers import Impression, allows_tie, answer_of

RETURNS = 0.004
MESSAGES_END = "\x1e"


@dataclass(frozen=True, slots=True)
class Thought:
    """What to do with a lease: submit `answer`, or return the lease if it is None.

    `pasted_percent` of the answer's text were pasted.
    """

    answer: dict[str, Any] | None
    seconds: float
    pasted_percent: int = 0


def fingerprint(prompt: str, responses: list[str]) -> str:
    """Return a key of an item by its texts, in any order of its responses."""
    text = repr((prompt, sorted(responses))).encode("utf-8", "backslashreplace")
    return blake2b(text, digest_size=16).hexdigest()


def plain(messages: list[dict[str, Any]]) -> str:
    """Return the text of messages."""
    return MESSAGES_END.join(str(message["content"]) for message in messages)


@dataclass(frozen=True, slots=True)
class Mind:
    """A person of the population and their number. `truth` maps fingerprints to the better response's text."""

    person: Person
    number: int
    seed: int
    truth: Mapping[str, str]

    def consider(self, lease: dict[str, Any], done: int) -> Thought:
        """Return the thought on a lease, as the desk's API shows it, after `done` others."""
        prompt = plain(lease["prompt"])
        texts = [plain(response["messages"]) for response in lease["responses"]]
        mark = fingerprint(prompt, texts)
        rng = np.random.default_rng([self.seed, self.number, int(mark, 16)])
        questions = lease["form"]["questions"]
        seconds, impression = self._impression(prompt, texts, done, rng, allows_tie(questions))
        if rng.random() < RETURNS and not self.person.kind.bot:
            return Thought(None, seconds)
        keys = [response["key"] for response in lease["responses"]]
        return Thought(answer_of(questions, keys, impression, rng), seconds, impression.pasted)

    def _impression(
        self, prompt: str, texts: list[str], done: int, rng: np.random.Generator, ties: bool
    ) -> tuple[float, Impression]:
        """Return the seconds to read, and the impression of the responses, each compared with the first."""
        better = self.truth.get(fingerprint(prompt, texts))
        first, *others = texts or [""]
        judged = [
            self.person.judge(
                self._features(prompt, [first, other], better), [0, 1], done, rng, allow_tie=ties
            )
            for other in others or [first]
        ]
        leans = [0.0, *(one.lean for one in judged)][: len(texts)]
        seconds = sum(one.seconds for one in judged)
        first_one = judged[0]
        return seconds, Impression(
            leans, first_one.position is None, first_one.reason, first_one.pasted
        )

    def _features(self, prompt: str, pair: list[str], better: str | None) -> Features:
        index = pair.index(better) if better in pair else None
        return features(prompt, pair, self.seed, better=index)
