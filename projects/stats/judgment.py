"""What is known of one judgment: that it is right or wrong, or what the others' labels say of that."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

#: How many times as often as usual people err on an easy, a middling and a difficult item, a third of all items each:
#: the means of the thirds of a gamma distribution of mean 1 and standard deviation .7.
EASES = (0.355, 0.851, 1.8)
#: No judgment is quite impossible.
_LEAST = 0.01


@dataclass(frozen=True, slots=True)
class Judgment:
    """A judgment in question. An annotator of accuracy p gives it with probability right - (1 - p) * pull.

    `right` is the probability that it is right. `pull` says by how much an error would explain it worse: 1 for a
    judgment that is known to be right, below 0 where it is probably wrong, near 0 where it tells nothing.
    """

    right: float
    pull: float

    def likelihood(self, accuracy: float) -> float:
        """The probability of the judgment for an annotator of this accuracy."""
        return max(_LEAST, self.right - (1 - accuracy) * self.pull)

    def likelihoods(self, errors: Sequence[float]) -> list[float]:
        """The same for annotators of many accuracies, given how often each errs; written out as it is called often."""
        right, pull = self.right, self.pull
        return [max(_LEAST, right - error * pull) for error in errors]


def known(is_right: bool, *, categories: int = 2) -> Judgment:
    """Return a judgment of which a key says whether it is right; a wrong one is any of the other categories."""
    return Judgment(1.0, 1.0) if is_right else Judgment(0.0, -1 / (categories - 1))


def inferred(answer: int, others: Sequence[tuple[int, float]], *, categories: int = 2) -> Judgment:
    """Return what others' answers to the same item say of a judgment.

    Source: the one-coin form of Dawid & Skene, Applied Statistics 28 (1979), with all categories equally probable, for
    items that are not equally difficult (Whitehill et al., NIPS 22 (2009)): an error is `EASES` times as frequent.
    Where the others agree the item is probably easy, and to be against them says more; where they differ it says less.

    Args:
        answer: The category of the judgment in question.
        others: The category and the accuracy (above 0, below 1) of each other answer.
        categories: How many there are.

    Returns:
        The judgment; without others one that tells nothing (`right` is 1 in `categories`, `pull` is 0).

    Raises:
        ValueError: An accuracy that is not between 0 and 1.
    """
    if any(not 0 < accuracy < 1 for _, accuracy in others):
        raise ValueError("accuracies lie between 0 and 1")
    total = right = pull = 0.0
    for ease in EASES:
        weights = _weights(others, ease, categories)
        weight = sum(weights)
        share = weights[answer] / weight
        total += weight
        right += weight * share
        pull += weight * ease * (share - (1 - share) / (categories - 1))
    return Judgment(right / total, pull / total)


def _weights(others: Sequence[tuple[int, float]], ease: float, categories: int) -> list[float]:
    """The probability of the others' answers if each category is the right one, for an item of this ease."""
    odds = [0.0] * categories
    constant = 0.0
    for category, accuracy in others:
        # On the most difficult items people guess.
        error = min((1 - accuracy) * ease, 1 - 1 / categories)
        constant += log(error / (categories - 1))
        odds[category] += log((1 - error) / error * (categories - 1))
    return [exp(constant + one) for one in odds]
