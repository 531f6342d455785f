"""Texts that are the same or nearly so, found without comparing each with each."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_WORDS = re.compile(r"\w+")
_SHINGLE = 3
_BANDS, _ROWS = 16, 4
_PRIME = np.uint64((1 << 31) - 1)


def normalized(text: str) -> str:
    """Return the words of a text in lower case, without punctuation and with single blanks."""
    return " ".join(_WORDS.findall(text.casefold()))


def near_copies(texts: Sequence[str], *, at_least: float = 0.8) -> list[list[int]]:
    """Group texts that share most of their runs of three words.

    Source: Broder, Compression and Complexity of Sequences (1997), pp. 21-29: the resemblance of two texts is the
    Jaccard index of their shingles. Texts whose min-wise hashes are alike in a band of four are compared (Leskovec,
    Rajaraman & Ullman, Mining of Massive Datasets (2014), section 3.4): those with a resemblance of .8 are missed with
    a probability below .001.

    Returns:
        The groups of two texts or more, each as ascending positions; a text is near to another one of its group.
    """
    by_words: dict[str, list[int]] = defaultdict(list)
    for at, text in enumerate(texts):
        by_words[normalized(text)].append(at)
    distinct = [words for words in by_words if words]
    shingles = [_shingles(words) for words in distinct]
    parent = list(range(len(distinct)))
    for one, other in _candidates(shingles):
        a, b = _root(parent, one), _root(parent, other)
        if a != b and _resemblance(shingles[one], shingles[other]) >= at_least:
            parent[b] = a
    groups: dict[int, list[int]] = defaultdict(list)
    for at, words in enumerate(distinct):
        groups[_root(parent, at)] += by_words[words]
    return [sorted(group) for group in groups.values() if len(group) > 1]


def _shingles(words: str) -> frozenset[int]:
    """The hashes of all runs of three words; of the whole text, if it is shorter."""
    parts = words.split()
    runs = {" ".join(parts[at : at + _SHINGLE]) for at in range(max(1, len(parts) - _SHINGLE + 1))}
    return frozenset(
        int.from_bytes(blake2b(run.encode(), digest_size=4).digest(), "big") % int(_PRIME)
        for run in runs
    )


def _candidates(shingles: Sequence[frozenset[int]]) -> Iterable[tuple[int, int]]:
    """Pairs whose min-wise hashes are alike in a band. Each member of a bucket is paired with its first one."""
    hashes = _min_hashes(shingles)
    for band in range(_BANDS):
        first: dict[bytes, int] = {}
        for at, row in enumerate(hashes[:, band * _ROWS : (band + 1) * _ROWS]):
            known = first.setdefault(row.tobytes(), at)
            if known != at:
                yield known, at


def _min_hashes(shingles: Sequence[frozenset[int]]) -> NDArray[np.uint64]:
    draw = np.random.default_rng(1997)
    factor = draw.integers(1, int(_PRIME), _BANDS * _ROWS, dtype=np.uint64)
    shift = draw.integers(0, int(_PRIME), _BANDS * _ROWS, dtype=np.uint64)
    found = np.empty((len(shingles), _BANDS * _ROWS), dtype=np.uint64)
    for at, one in enumerate(shingles):
        values = np.fromiter(one, dtype=np.uint64, count=len(one))
        found[at] = ((values[:, None] * factor + shift) % _PRIME).min(axis=0)
    return found


def _resemblance(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other)


def _root(parent: list[int], at: int) -> int:
    while parent[at] != at:
        parent[at] = parent[parent[at]]
        at = parent[at]
    return at
