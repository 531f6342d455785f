"""Arrays of labels are checked when they are made."""

from typing import Any

import numpy as np
import pytest

from projects.stats.ratings import DuplicateRating, number_ratings, ratings


def test_a_negative_label_is_missing() -> None:
    made = ratings([0, 0, 1], [0, 1, 0], [1, -1, 0])
    assert made.item.tolist() == [0, 1]
    assert made.label.tolist() == [1, 0]
    # The annotator without a label keeps a code.
    assert (made.items, made.annotators, made.categories) == (2, 2, 2)


def test_numbers_become_categories_in_their_order_and_nan_is_missing() -> None:
    made = number_ratings([0, 0, 0, 1], [0, 1, 2, 0], [2.5, -1, np.nan, 2.5])
    assert made.values.tolist() == [-1, 2.5]
    assert made.label.tolist() == [1, 0, 1]


def test_nothing_is_a_set_of_labels_too() -> None:
    assert ratings([], [], []).items == number_ratings([], [], []).items == 0


def test_an_item_labeled_twice_by_one_annotator_is_refused_with_its_rows() -> None:
    with pytest.raises(DuplicateRating) as caught:
        ratings([0, 1, 0, 1, 0], [0, 0, 1, 0, 1], [0, 0, 0, 1, 1])
    assert (caught.value.first, caught.value.second) == (1, 3)


def test_a_missing_label_does_not_count_as_labeled_twice() -> None:
    assert len(ratings([0, 0], [0, 0], [-1, 1]).item) == 1


@pytest.mark.parametrize(
    "columns",
    [
        ([0], [0, 1], [0, 1]),
        ([0.5], [0], [0]),
        ([-1], [0], [0]),
        ([[0]], [[0]], [[0]]),
        ([0], [0], [2], [0.0, 1.0]),
        ([0], [0], [0], [1.0, 1.0]),
        ([0], [0], [0], [0.0, np.inf]),
    ],
)
def test_what_is_no_set_of_labels_is_refused(columns: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        ratings(*columns)
