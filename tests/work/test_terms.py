"""A lease has the terms that its batch was funded with, and only an open batch gives leases."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from projects.enrollment.models import Clearance
from projects.items.models import Batch
from projects.plan.models import Form, Project
from projects.work.models import Lease
from projects.work.services.queue import MOST_RESPONSES, draw_order
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch
from tests.people import Annotator


def test_a_form_made_since_is_not_that_of_a_funded_batch(
    workspace_a: Tenant, project: Project, batch: Batch, annotators: list[Annotator]
) -> None:
    with planes.in_workspace(workspace_a.pk):
        old = Form.objects.get(pk=project.form_id)
        new = Form.objects.create(
            workspace_id=workspace_a.pk, project=project, version=2, questions=old.questions
        )
        Project.objects.filter(pk=project.pk).update(form=new)
    lease: Any = annotators[0].lease()
    assert annotators[0].submit(lease).status_code == 201
    with planes.in_workspace(workspace_a.pk):
        assert set(Lease.objects.values_list("form", flat=True)) == {old.pk}
    other = make_batch(project, 1, first=100)
    with planes.in_workspace(workspace_a.pk):
        other.refresh_from_db()
    assert other.form_id == new.pk


def test_a_paused_batch_gives_no_leases_and_takes_what_was_leased(
    workspace_a: Tenant, batch: Batch, annotators: list[Annotator]
) -> None:
    here = f"/api/v1/batches/{batch.pk}/"
    lease: Any = annotators[0].lease()
    assert workspace_a.client.post(f"{here}pause/").json()["status"] == "paused"
    assert workspace_a.client.post(f"{here}pause/").status_code == 200, "twice does nothing"
    assert annotators[1].lease() is None
    assert annotators[0].submit(lease).status_code == 201
    opened = workspace_a.client.post(f"{here}open/").json()
    assert opened["status"] == "open" and opened["opened_at"]
    assert annotators[1].lease() is not None


def test_what_is_not_open_is_not_paused_and_what_is_closed_stays_closed(
    workspace_a: Tenant, project: Project
) -> None:
    funded = make_batch(project, 1, open=False)
    here = f"/api/v1/batches/{funded.pk}/"
    assert workspace_a.client.get(here).json()["status"] == "funded"
    refused = workspace_a.client.post(f"{here}pause/")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_open")
    assert workspace_a.client.post(f"{here}close/").json()["status"] == "closed"
    again = workspace_a.client.post(f"{here}open/")
    assert (again.status_code, again.json()["code"]) == (409, "closed")


@pytest.mark.parametrize(
    ("before", "after"), [("open", "draft"), ("open", "signed_off"), ("open", "funded")]
)
def test_a_batch_goes_along_its_edges(batch: Batch, before: str, after: str) -> None:
    assert batch.status == before
    with (
        pytest.raises(DatabaseError, match="a batch cannot change from"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE projects_items_batch SET status = %s WHERE id = %s", [after, batch.pk]
        )


def test_who_is_cleared_for_calibration_leases_no_main_work(
    workspace_a: Tenant, batch: Batch, annotators: list[Annotator]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projects_plan_project SET calibration = 'required', calibration_since = now()"
        )
        cursor.execute(
            "UPDATE projects_enrollment_clearance SET phase = 'calibration' WHERE enrollment_id = %s",
            [annotators[0].enrollment.pk],
        )
    assert annotators[0].lease() is None
    assert annotators[1].lease() is not None
    with planes.in_workspace(workspace_a.pk):
        assert Clearance.objects.filter(phase="calibration").count() == 1


def test_the_key_of_a_lease_holds_its_phase(batch: Batch, annotators: list[Annotator]) -> None:
    lease: Any = annotators[0].lease()
    with (
        pytest.raises(DatabaseError, match="lease_clearance"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("ALTER TABLE projects_work_lease DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE projects_work_lease SET phase = 'calibration' WHERE id = %s", [lease["id"]]
        )


def test_an_order_is_that_of_ten_cut_to_what_there_is() -> None:
    for seed in range(200):
        ten = draw_order(seed, MOST_RESPONSES)
        assert sorted(ten) == list(range(10))
        for count in range(11):
            assert draw_order(seed, count) == [index for index in ten if index < count]
    assert {tuple(draw_order(seed, 3)) for seed in range(100)} == {
        *((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
    }
