"""Stratified samples: in proportion, at least one of each, without replacement."""

import random
from collections import Counter

import pytest

from projects.stats.sampling import allocation, stratified_sample


@pytest.mark.parametrize(
    ("sizes", "sample", "expected"),
    [
        # Cochran's proportional allocation, with the largest remainders rounded up.
        ({"a": 500, "b": 300, "c": 200}, 10, {"a": 5, "b": 3, "c": 2}),
        ({"a": 50, "b": 30, "c": 20}, 7, {"a": 4, "b": 2, "c": 1}),
        ({"a": 900, "b": 3}, 59, {"a": 58, "b": 1}),
        ({"a": 3, "b": 2}, 9, {"a": 3, "b": 2}),
        ({"a": 100, "b": 1, "c": 1}, 3, {"a": 1, "b": 1, "c": 1}),
        ({"a": 100, "b": 1, "c": 1}, 1, {"a": 1, "b": 0, "c": 0}),
        ({"a": 5}, 0, {"a": 0}),
        ({}, 5, {}),
    ],
)
def test_allocation(sizes: dict[str, int], sample: int, expected: dict[str, int]) -> None:
    assert allocation(sizes, sample) == expected


def test_every_unit_is_equally_likely_and_none_is_drawn_twice() -> None:
    strata = {"a": list(range(8)), "b": list(range(100, 104)), "empty": []}
    rng, drawn = random.Random(3), Counter[int]()
    for _ in range(3_000):
        sample = stratified_sample(strata, 6, rng)
        assert len(sample) == len(set(sample)) == 6
        drawn.update(sample)
    assert len(drawn) == 12
    assert all(1_380 < count < 1_620 for count in drawn.values())
