"""A row is made from the counted annotations of its item, never from undecided, set-aside or rejected ones."""

import json
import uuid
from collections.abc import Sequence

import pytest

from projects.exports.models import ExportRow
from projects.items.models import Batch
from projects.plan.models import Project
from projects.review.services import accepting as review
from projects.review.services import returning
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.exports.made import assert_all_hold, judge, lines, run_export
from tests.factories import Tenant, make_batch
from tests.people import Annotator
from tests.rejections import reject


@pytest.fixture
def split(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> tuple[Tenant, Batch]:
    """One item on which the first annotator disagrees with the other two."""
    batch = make_batch(project, 1)
    judge(annotators, {"1": ["first", "second", "second"]})
    return workspace_a, batch


def _of(annotators: Sequence[Annotator]) -> list[uuid.UUID]:
    ids = [annotator.enrollment.pk for annotator in annotators]
    rows = Annotation.objects.filter(enrollment_id__in=ids).order_by("id")
    return list(rows.values_list("id", flat=True))


def _accept(tenant: Tenant, annotators: Sequence[Annotator]) -> None:
    with planes.in_workspace(tenant.pk):
        review.accept(annotation_ids=_of(annotators), reviewer_id=tenant.owner.pk)


def _reject(tenant: Tenant, annotators: Sequence[Annotator]) -> None:
    with planes.in_workspace(tenant.pk):
        for annotation_id in _of(annotators):
            reject(annotation_id, tenant)


def test_the_one_who_was_accepted_first_does_not_outvote_the_majority(
    split: tuple[Tenant, Batch], project: Project, annotators: list[Annotator]
) -> None:
    tenant, _ = split
    _accept(tenant, annotators[:1])
    export = run_export(tenant, project)
    assert (export.state, export.rows) == ("finished", 0)
    assert (export.counts["items_undecided"], export.counts["annotations_undecided"]) == (1, 2)

    asked_for = run_export(tenant, project, include_undecided=True)
    (row,) = lines(asked_for)
    about = json.loads(row["metadata"])
    assert row["chosen"][0]["content"] == "Second answer to 1."
    assert (about["votes_for"], about["votes_against"], about["undecided"]) == (2, 1, 2)
    assert (asked_for.counts["rows_undecided"], asked_for.counts["items_decided"]) == (1, 1)
    assert asked_for.manifest["source"]["include_undecided"] is True
    assert_all_hold()

    _accept(tenant, annotators[1:])
    (row,) = lines(run_export(tenant, project))
    assert row["chosen"][0]["content"] == "Second answer to 1."
    assert json.loads(row["metadata"])["undecided"] == 0
    assert_all_hold()


def test_what_is_set_aside_does_not_count(
    split: tuple[Tenant, Batch], project: Project, annotators: list[Annotator]
) -> None:
    tenant, _ = split
    _accept(tenant, annotators)
    with planes.in_workspace(tenant.pk):
        Annotation.objects.filter(pk__in=_of(annotators[1:])).update(set_aside=True)
    (row,) = lines(run_export(tenant, project))
    assert row["chosen"][0]["content"] == "First answer to 1."
    assert json.loads(row["metadata"])["votes_against"] == 0
    assert_all_hold()


@pytest.mark.parametrize("dataset", ["dpo", "annotations"])
def test_rejected_work_is_never_exported(
    split: tuple[Tenant, Batch], project: Project, annotators: list[Annotator], dataset: str
) -> None:
    tenant, _ = split
    _reject(tenant, annotators[1:])
    _accept(tenant, annotators[:1])
    export = run_export(tenant, project, dataset=dataset, include_undecided=True)
    assert (export.rows, export.counts["annotations_rejected"]) == (1, 2)
    with planes.in_workspace(tenant.pk):
        (frozen,) = ExportRow.objects.filter(export=export)
        assert frozen.annotations == _of(annotators[:1])
    assert_all_hold()


def test_work_that_is_all_rejected_is_told(
    split: tuple[Tenant, Batch], project: Project, annotators: list[Annotator]
) -> None:
    tenant, _ = split
    _reject(tenant, annotators)
    counts = run_export(tenant, project).counts
    assert (counts["items_uncounted"], counts["items_decided"], counts["rows"]) == (1, 0, 0)
    assert_all_hold()


def test_an_answer_that_is_sent_back_is_undecided(
    split: tuple[Tenant, Batch], project: Project, annotators: list[Annotator]
) -> None:
    tenant, _ = split
    _accept(tenant, annotators[:2])
    with planes.in_workspace(tenant.pk):
        [last] = _of(annotators[2:])
        returning.send_back(
            annotation_id=last, note="See rule R1, please.", reviewer_id=tenant.owner.pk
        )
    export = run_export(tenant, project)
    assert (export.rows, export.counts["items_undecided"]) == (0, 1)
    assert_all_hold()
