"""A new statistic is one function on patterns: a toy is checked by published values, and reads the kept tallies."""

from collections.abc import Callable

import numpy as np
import pytest

from projects.items.models import Batch
from projects.plan.models import Project
from projects.quality import patterns
from projects.stats.patterns import Patterns
from rlhfhub.tenancy import planes
from tests.exports.made import VERDICTS, judge
from tests.factories import Tenant
from tests.people import Annotator
from tests.stats.counted import of_matrix


def fleiss_kappa(found: Patterns) -> float | None:
    """Fleiss' kappa of items with equally many labels.

    Source: Fleiss, Psychological Bulletin 76 (1971). None without an item of two labels or more, where labels are of
    one category alone (0/0), and where items have different numbers of labels.
    """
    kept = found.pairable()
    labels = kept.counts.sum(axis=1)
    if not len(labels) or len(set(labels.tolist())) > 1:
        return None
    n, items = int(labels[0]), int(kept.items.sum())
    agreeing = (kept.counts * (kept.counts - 1)).sum(axis=1) / (n * (n - 1))
    observed = float((kept.items * agreeing).sum() / items)
    shares = (kept.counts * kept.items[:, None]).sum(axis=0) / (n * items)
    expected = float((shares**2).sum())
    return None if np.isclose(expected, 1) else (observed - expected) / (1 - expected)


# The example of many textbooks: ten subjects, fourteen raters, five categories.
PUBLISHED = [
    *([0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1]),
    *([7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]),
]


def test_its_published_value() -> None:
    assert fleiss_kappa(of_matrix(PUBLISHED)) == pytest.approx(0.210, abs=0.0005)


@pytest.mark.parametrize("matrix", [[[1, 0]], [[3, 0], [3, 0]], [[2, 0], [1, 2]]])
def test_where_it_is_undefined_it_says_so(matrix: list[list[int]]) -> None:
    assert fleiss_kappa(of_matrix(matrix)) is None


def test_it_reads_what_is_kept_of_a_project(
    workspace_a: Tenant,
    project: Project,
    batch: Batch,
    annotators: list[Annotator],
    deliver: Callable[[], int],
) -> None:
    judge(annotators, {**VERDICTS, "5": ["first", "tie", "first"]})
    deliver()
    with planes.in_workspace(workspace_a.pk):
        found = patterns.units_of(patterns.of_batch(batch.pk, "preference"), 3)
    votes = [[2, 0, 1], [0, 0, 3], [1, 2, 0], [1, 1, 1], [2, 1, 0]]
    assert fleiss_kappa(found) == pytest.approx(fleiss_kappa(of_matrix(votes)))
