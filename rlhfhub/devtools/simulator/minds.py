"""What a simulated annotator thinks of a lease: an answer and the time it takes.

A judgment follows from the seed, the annotator's number, the item's texts and the order shown, and from
nothing else that differs between runs; only a drifter's also depends on how much they have done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

from rlhfhub.devtools.population import Features, Person, features

RETURNS = 0.004
MESSAGES_END = "\x1e"


@dataclass(frozen=True, slots=True)
class Thought:
    """What to do with a lease: `answer` is None where it is to be returned."""

    answer: dict[str, Any] | None
    seconds: float


def fingerprint(prompt: str, responses: list[str]) -> str:
    """An item by its texts, in whatever order its responses stand."""
    text = repr((prompt, sorted(responses))).encode("utf-8", "backslashreplace")
    return blake2b(text, digest_size=16).hexdigest()


def plain(messages: list[dict[str, Any]]) -> str:
    """The text of messages."""
    return MESSAGES_END.join(str(message["content"]) for message in messages)


@dataclass(frozen=True, slots=True)
class Mind:
    """A person of the population with their number in it. `truth`: fingerprint → text of the better response."""

    person: Person
    number: int
    seed: int
    truth: Mapping[str, str]

    def consider(self, lease: dict[str, Any], done: int) -> Thought:
        """The thought on a lease as the desk's API shows it, after `done` others."""
        prompt = plain(lease["prompt"])
        texts = [plain(response["messages"]) for response in lease["responses"]]
        mark = fingerprint(prompt, texts)
        rng = np.random.default_rng([self.seed, self.number, int(mark, 16)])
        item = self._features(prompt, texts, mark)
        judgment = self.person.judge(item, [0, 1], done, rng, allow_tie=_allows_tie(lease))
        if rng.random() < RETURNS and not self.person.kind.bot:
            return Thought(None, judgment.seconds)
        position = judgment.position
        choice = "tie" if position is None else lease["responses"][position]["key"]
        answer: dict[str, Any] = {"preference": {"choice": choice}}
        if judgment.reason:
            answer["reason"] = judgment.reason
        return Thought(answer, judgment.seconds)

    def _features(self, prompt: str, texts: list[str], mark: str) -> Features:
        better = self.truth.get(mark)
        index = texts.index(better) if better in texts else None
        return features(prompt, texts, self.seed, better=index)


def _allows_tie(lease: dict[str, Any]) -> bool:
    return any(q["kind"] == "preference" and q.get("allow_tie") for q in lease["form"]["questions"])
