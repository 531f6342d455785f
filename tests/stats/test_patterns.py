"""The histogram of count patterns."""

import pytest

from projects.stats.patterns import Patterns
from tests.stats.counted import of_rows


def as_dict(patterns: Patterns) -> dict[tuple[int, ...], int]:
    rows = zip(patterns.counts.tolist(), patterns.items.tolist(), strict=True)
    return {tuple(counts): items for counts, items in rows}


def test_single_labels_are_not_pairable() -> None:
    patterns = of_rows([((1, 0), 5), ((0, 0), 2), ((1, 1), 3), ((2, 0), 0)], 2)
    assert as_dict(patterns.pairable()) == {(1, 1): 3}


@pytest.mark.parametrize(
    ("counts", "items"),
    [([[1.5, 2]], [1]), ([[1, 2]], [1, 2]), ([[-1, 2]], [1]), ([1, 2], [1]), ([[1, 2]], [[1]])],
)
def test_malformed_tables_are_refused(counts: object, items: object) -> None:
    with pytest.raises(ValueError):
        Patterns(counts, items)  # type: ignore[arg-type]
