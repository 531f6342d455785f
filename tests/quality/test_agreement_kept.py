"""Consensus and agreement follow the answers while the work runs."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache

from projects.items.models import Batch
from projects.plan.models import Project
from projects.quality import services
from projects.quality.models import AgreementSnapshot, Consensus, Stale
from projects.quality.tasks import refresh
from projects.stats import agreement
from rlhfhub.tenancy import planes
from rlhfhub.web import costly
from tests.exports.made import VERDICTS, judge
from tests.factories import Tenant, make_batch
from tests.people import Annotator
from tests.stats.counted import of_matrix


@pytest.fixture
def judged(
    workspace_a: Tenant, project: Project, batch: Batch, annotators: list[Annotator], deliver
) -> Tenant:  # type: ignore[no-untyped-def]
    judge(annotators, VERDICTS)
    deliver()
    return workspace_a


def test_votes_are_kept_in_stored_order_with_a_probability(judged: Tenant) -> None:
    with planes.in_workspace(judged.pk):
        rows = {c.item.external_id: c for c in Consensus.objects.select_related("item")}
    votes = {name: (c.first, c.tie, c.second, c.label) for name, c in rows.items()}
    assert votes == {
        "item-1": (2, 0, 1, -1),
        "item-2": (0, 0, 3, 1),
        "item-3": (1, 2, 0, 0),
        "item-4": (1, 1, 1, None),
        "item-5": (1, 1, 0, None),
    }
    assert rows["item-2"].probability > rows["item-1"].probability > rows["item-4"].probability
    assert rows["item-4"].probability == pytest.approx(1 / 3)


def test_agreement_is_krippendorffs_over_the_same_votes(
    judged: Tenant, project: Project, batch: Batch
) -> None:
    refresh()
    with planes.in_workspace(judged.pk):
        whole = AgreementSnapshot.objects.get(batch=None)
        one = AgreementSnapshot.objects.get(batch=batch)
        assert not Stale.objects.exists()
    matrix = [[2, 0, 1], [0, 0, 3], [1, 2, 0], [1, 1, 1], [1, 1, 0]]
    expected = agreement.agreement(of_matrix(matrix), level="ordinal", tie=1)
    assert (whole.alpha, whole.low, whole.high) == (expected.alpha, expected.low, expected.high)
    assert (whole.percent, whole.percent_without_ties) == (
        expected.percent,
        expected.percent_without_ties,
    )
    assert (whole.items, whole.annotations, whole.votes) == (5, 14, [5, 4, 5])
    assert one.alpha == whole.alpha


def test_answers_mark_the_project_and_a_finished_batch_makes_no_more_rows(
    judged: Tenant, project: Project, batch: Batch, annotators: list[Annotator], deliver
) -> None:  # type: ignore[no-untyped-def]
    refresh()
    refresh()
    with planes.in_workspace(judged.pk):
        assert AgreementSnapshot.objects.count() == 2
    make_batch(project, 1, first=90)
    lease = annotators[0].lease()
    annotators[0].submit(lease, "tie")
    deliver()
    refresh()
    with planes.in_workspace(judged.pk):
        assert AgreementSnapshot.objects.filter(batch=None).count() == 2
        assert AgreementSnapshot.objects.filter(batch=batch).count() == 1
        assert (
            AgreementSnapshot.objects.exclude(batch=None).exclude(batch=batch).get().alpha is None
        )


def test_delivering_twice_changes_nothing(judged: Tenant, project: Project) -> None:
    with planes.in_workspace(judged.pk):
        before = list(Consensus.objects.order_by("id").values("first", "tie", "second", "label"))
        ids = list(Consensus.objects.values_list("item_id", flat=True))
        services.refresh_consensus(project_id=project.pk, item_ids=ids)
        assert (
            list(Consensus.objects.order_by("id").values("first", "tie", "second", "label"))
            == before
        )


def test_nothing_answered_has_no_agreement(
    workspace_a: Tenant, project: Project, batch: Batch
) -> None:
    with planes.in_workspace(workspace_a.pk):
        assert services.refresh_agreement(project_id=project.pk) is None


def test_a_project_that_takes_long_is_counted_less_often(
    judged: Tenant,
    project: Project,
    batch: Batch,
    annotators: list[Annotator],
    deliver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # type: ignore[no-untyped-def]
    """It rests twenty times as long as it took, and is done when it has rested."""
    real, clock = services.refresh_agreement, [0.0]

    def slow(**of: Any) -> Any:
        clock[0] += 1.0
        return real(**of)

    monkeypatch.setattr(services, "refresh_agreement", slow)
    monkeypatch.setattr(costly, "SHARE", 20)
    monkeypatch.setattr(costly, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    refresh()
    make_batch(project, 1, first=90)
    annotators[0].submit(annotators[0].lease(), "tie")
    deliver()
    refresh()
    with planes.in_workspace(judged.pk):
        assert AgreementSnapshot.objects.filter(batch=None).count() == 1
        assert Stale.objects.filter(project=project).exists()
    cache.clear()  # as time does
    refresh()
    with planes.in_workspace(judged.pk):
        assert AgreementSnapshot.objects.filter(batch=None).count() == 2
        assert not Stale.objects.exists()
