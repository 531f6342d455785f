"""The histogram of count patterns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.stats.patterns import Patterns


def as_dict(patterns: Patterns) -> dict[tuple[int, ...], int]:
    rows = zip(patterns.counts.tolist(), patterns.items.tolist(), strict=True)
    return {tuple(counts): items for counts, items in rows}


def test_equal_items_share_a_pattern() -> None:
    patterns = Patterns.from_matrix([[3, 0, 0], [0, 1, 2], [3, 0, 0]])
    assert as_dict(patterns) == {(3, 0, 0): 2, (0, 1, 2): 1}


# Small, large and overflowing counts take the three ways of counting rows.
@given(
    st.lists(
        st.tuples(*[st.sampled_from([0, 1, 2, 5_000, 10**9])] * 3),
        max_size=40,
    )
)
def test_no_item_is_lost(rows: list[tuple[int, int, int]]) -> None:
    matrix = np.array(rows, dtype=np.int64).reshape(-1, 3)
    expected: dict[tuple[int, ...], int] = {}
    for row in rows:
        expected[row] = expected.get(row, 0) + 1
    assert as_dict(Patterns.from_matrix(matrix)) == expected


def test_other_ways_in() -> None:
    assert as_dict(Patterns.from_rows([((2, 0, 1), 7)], categories=3)) == {(2, 0, 1): 7}
    assert as_dict(Patterns.from_rows([], categories=3)) == {}
    assert as_dict(Patterns.from_labels([[0, 0], [1], []], categories=2)) == {
        (2, 0): 1,
        (0, 1): 1,
        (0, 0): 1,
    }


def test_single_labels_are_not_pairable() -> None:
    patterns = Patterns.from_rows([((1, 0), 5), ((0, 0), 2), ((1, 1), 3), ((2, 0), 0)], 2)
    assert as_dict(patterns.pairable()) == {(1, 1): 3}


@pytest.mark.parametrize(
    ("counts", "items"),
    [([[1.5, 2]], [1]), ([[1, 2]], [1, 2]), ([[-1, 2]], [1]), ([1, 2], [1]), ([[1, 2]], [[1]])],
)
def test_malformed_tables_are_refused(counts: object, items: object) -> None:
    with pytest.raises(ValueError):
        Patterns(counts, items)  # type: ignore[arg-type]
