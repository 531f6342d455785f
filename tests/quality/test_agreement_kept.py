"""Consensus and agreement follow the answers while the work runs."""

import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from projects.items.models import Batch
from projects.plan.models import Project
from projects.quality import handlers, services, tallies, tasks
from projects.quality.models import AgreementSnapshot, Stale, Tally
from projects.quality.tasks import refresh
from projects.stats import agreement
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from rlhfhub.web import costly
from tests.exports.made import VERDICTS, judge
from tests.factories import Tenant, make_batch
from tests.people import Annotator
from tests.revisions import revise, send_back
from tests.stats.counted import of_matrix


@pytest.fixture
def judged(
    workspace_a: Tenant, project: Project, batch: Batch, annotators: list[Annotator], deliver
) -> Tenant:  # type: ignore[no-untyped-def]
    judge(annotators, VERDICTS)
    deliver()
    return workspace_a


def test_judgments_are_tallied_in_stored_order(judged: Tenant) -> None:
    with planes.in_workspace(judged.pk):
        rows = list(Tally.objects.select_related("item"))
    assert {(t.question, *t.facets) for t in rows} == {("preference", "preference@0-1")}
    assert all(t.first == t.counted and t.answers == t.counted_answers for t in rows)
    found = {t.item.external_id: (t.counted, t.lead, t.votes, t.margin) for t in rows}
    assert found == {
        "item-1": ([[2, 0, 1]], -1, 3, 1),
        "item-2": ([[0, 0, 3]], 1, 3, 3),
        "item-3": ([[1, 2, 0]], 0, 3, 1),
        "item-4": ([[1, 1, 1]], None, 3, 0),
        "item-5": ([[1, 1, 0]], None, 2, 0),
    }


def test_what_is_set_aside_is_no_longer_counted_and_was_still_said_first(
    judged: Tenant, project: Project
) -> None:
    with planes.in_workspace(judged.pk):
        one = Annotation.objects.filter(item__external_id="item-2").first()
        assert one
        Annotation.objects.filter(pk=one.pk).update(set_aside=True)
        tallies.refresh(project_id=project.pk, item_ids=[one.item_id])
        tally = Tally.objects.get(item=one.item_id)
    assert (tally.first, tally.answers) == ([[0, 0, 3]], 3)
    assert (tally.counted, tally.counted_answers, tally.votes) == ([[0, 0, 2]], 2, 2)


def test_what_a_revision_first_judges_is_counted_and_what_it_drops_was_said(
    judged: Tenant, project: Project, deliver
) -> None:  # type: ignore[no-untyped-def]
    """A revision may leave out a question, or come back to it; neither is owed a count for ever."""
    with planes.in_workspace(judged.pk):
        one = Annotation.objects.filter(item__external_id="item-2").first()
    assert one
    send_back(one.pk)
    revise(one.pk, {}, [], [])
    with planes.in_workspace(judged.pk):
        tallies.refresh(project_id=project.pk, item_ids=[one.item_id])
        dropped = Tally.objects.get(item=one.item_id)
    assert (dropped.answers, dropped.counted_answers) == (3, 2)
    assert (dropped.first, dropped.counted) == ([[0, 0, 3]], [[0, 0, 2]])
    assert owed() == 0


def owed() -> int:
    """How many counts the nightly sweep would find missing."""
    bounds = {"after": uuid.UUID(int=0), "end": uuid.UUID(int=2**128 - 1)}
    with connection.cursor() as cursor:
        cursor.execute(handlers.COUNTS_OWED[0].missing, bounds)
        return len(cursor.fetchall())


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
    assert (whole.answered, whole.items, whole.annotations) == (5, 5, 14)
    assert (whole.question, whole.level, whole.counts) == ("preference", "ordinal", [5, 4, 5])
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
        counted = Tally.objects.order_by("id").values("first", "counted", "answers", "lead")
        before = list(counted)
        ids = list(Tally.objects.values_list("item_id", flat=True))
        assert tallies.refresh(project_id=project.pk, item_ids=ids) == 5
        assert list(counted.all()) == before


def test_nothing_answered_has_no_agreement(
    workspace_a: Tenant, project: Project, batch: Batch
) -> None:
    with planes.in_workspace(workspace_a.pk):
        assert services.refresh_agreement(project_id=project.pk) == []


def test_a_project_that_takes_long_is_counted_less_often(
    judged: Tenant,
    project: Project,
    batch: Batch,
    annotators: list[Annotator],
    deliver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # type: ignore[no-untyped-def]
    """After a refresh, the project is not refreshed again until twenty times as long has passed."""
    real, clock = services.refresh_agreement, [0.0]

    def slow(**of: Any) -> Any:
        clock[0] += 1.0
        return real(**of)

    monkeypatch.setitem(tasks._REFRESH, Stale.Figures.AGREEMENT, slow)
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
