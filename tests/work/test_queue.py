"""The queue: siblings are stepped over, what comes free again comes round, nothing stays stuck."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from projects.items import services as batches
from projects.items.models import Batch
from projects.plan.models import Project
from projects.work.models import Cursor, Lease, Slot
from projects.work.services import slots
from rlhfhub.tenancy import planes
from tests import people
from tests.factories import Tenant, make_batch, publish_guidelines
from tests.people import Annotator


def sweep() -> int:
    with planes.as_system():
        return slots.expire_leases(grace_seconds=30)


def states(batch: Batch) -> dict[str, int]:
    with planes.in_workspace(batch.workspace_id):
        rows = list(Slot.objects.filter(batch=batch).values_list("state", flat=True))
    return {state: rows.count(state) for state in set(rows)}


def forget_wrap(annotator: Annotator) -> None:
    """Move the annotator's last search from the start a minute into the past."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projects_work_cursor SET wrapped_at = NULL WHERE annotator_id = %s",
            [annotator.user.pk],
        )


def answer_everything(annotator: Annotator) -> list[str]:
    seen = []
    while lease := annotator.lease():
        seen.append(lease["prompt"][0]["content"])
        assert annotator.submit(lease).status_code == 201
    return seen


def test_each_annotator_meets_each_item_once_in_order(
    batch: Batch, annotators: list[Annotator]
) -> None:
    for annotator in annotators:
        assert answer_everything(annotator) == [f"Question {n}?" for n in range(1, 6)]
    assert states(batch) == {"filled": 15}


def test_a_fourth_annotator_finds_nothing(
    batch: Batch, project: Project, annotators: list[Annotator]
) -> None:
    for annotator in annotators:
        answer_everything(annotator)
    assert people.make_annotator(project, "Dora").lease() is None


def test_the_live_lease_is_given_again(batch: Batch, annotators: list[Annotator]) -> None:
    one, two = annotators[0].lease(), annotators[0].lease()
    assert one is not None
    assert two is not None
    assert (one["id"], one["responses"]) == (two["id"], two["responses"])
    assert states(batch) == {"open": 14, "leased": 1}


@pytest.mark.slow
def test_a_returned_slot_goes_to_the_others_and_not_back(
    batch: Batch, annotators: list[Annotator]
) -> None:
    ada, ben, cleo = annotators
    lease = ada.lease()
    url = f"/api/v1/desk/leases/{lease['id']}/return/"
    assert ada.client.post(url, {"reason": "unclear"}).status_code == 204
    assert ada.client.post(url, {"reason": "unclear"}).status_code == 204
    assert len(answer_everything(ada)) == 4
    forget_wrap(ada)
    assert ada.lease() is None
    assert (
        sorted(answer_everything(ben))
        == sorted(answer_everything(cleo))
        == [f"Question {n}?" for n in range(1, 6)]
    )
    assert states(batch) == {"filled": 14, "open": 1}


def test_a_lease_that_ran_out_frees_its_slot_for_all(
    batch: Batch, annotators: list[Annotator]
) -> None:
    ada, ben, _ = annotators
    lease = ada.lease()
    assert len(answer_everything(ben)) == 5
    people.age(lease, 120)
    late = ada.client.post(f"/api/v1/desk/leases/{lease['id']}/return/", {"reason": "unclear"})
    assert (late.status_code, late.json()["code"]) == (409, "lease_ended")
    assert sweep() == 1
    assert sweep() == 0
    refused = ada.submit(lease)
    assert (refused.status_code, refused.json()["code"]) == (409, "lease_ended")
    assert sorted(answer_everything(ada)) == [f"Question {n}?" for n in range(1, 6)]


def test_without_a_sweep_the_next_lease_ends_the_old_one(
    batch: Batch, annotators: list[Annotator]
) -> None:
    lease = annotators[0].lease()
    people.age(lease, 120)
    again = annotators[0].lease()
    assert again is not None
    assert again["id"] != lease["id"]
    with planes.in_workspace(batch.workspace_id):
        assert Lease.objects.get(pk=lease["id"]).ended_as == "expired"


def test_a_submit_within_the_grace_counts_and_after_it_does_not(
    batch: Batch, annotators: list[Annotator]
) -> None:
    for seconds, status in ((20, 201), (60, 409)):
        lease = annotators[0].lease()
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE projects_work_lease DISABLE TRIGGER ended")
            cursor.execute(
                "UPDATE projects_work_lease SET expires_at = clock_timestamp() - %s * interval '1 second' "
                "WHERE id = %s",
                [seconds, lease["id"]],
            )
            cursor.execute("ALTER TABLE projects_work_lease ENABLE TRIGGER ended")
        assert annotators[0].submit(lease).status_code == status


def test_a_slot_that_was_passed_over_is_found_behind(
    batch: Batch, annotators: list[Annotator]
) -> None:
    """The cursor is too far, as when another annotator held a slot locked meanwhile and rolled back."""
    ada = annotators[0]
    lease = ada.lease()
    ada.submit(lease)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projects_work_cursor SET seq = 1000000 WHERE annotator_id = %s", [ada.user.pk]
        )
    found = ada.lease()
    assert found is not None
    with planes.at_desk(ada.user.pk, batch.workspace_id):
        assert Cursor.objects.get(annotator_id=ada.user.pk).wrapped_at is not None
    ada.submit(found)
    assert ada.lease() is None, "at most once a minute"
    forget_wrap(ada)
    assert ada.lease() is not None


def test_no_lease_outside_an_open_batch(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    batch = make_batch(project, 2, open=False)
    assert annotators[0].lease() is None
    with planes.in_workspace(workspace_a.pk):
        batches.open_batch(batch=batch, actor_id=None)
    lease = annotators[0].lease()
    with planes.in_workspace(workspace_a.pk):
        batches.close_batch(batch=batch, actor_id=None)
    assert annotators[1].lease() is None
    assert annotators[0].submit(lease).status_code == 201, "what was leased before the close counts"


def test_the_database_refuses_a_lease_outside_an_open_batch(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    batch = make_batch(project, 1, open=False)
    with (
        pytest.raises(IntegrityError, match="open batch"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            """INSERT INTO projects_work_lease (id, workspace_id, project_id, slot_id, item_id, enrollment_id,
                annotator_id, form_id, guideline_version_id, seed, shown, keys, leased_at, expires_at,
                return_reason, return_note)
            SELECT gen_random_uuid(), s.workspace_id, s.project_id, s.id, s.item_id, %s, %s, p.form_id,
                p.guideline_version_id, 1, '{0,1}', '{a,b}', now(), now(), '', ''
            FROM projects_work_slot s JOIN projects_plan_project p ON p.id = s.project_id
            WHERE s.batch_id = %s LIMIT 1""",
            [annotators[0].enrollment.pk, annotators[0].user.pk, batch.pk],
        )


def test_a_major_guideline_asks_for_acceptance_and_a_minor_one_does_not(
    batch: Batch, project: Project, annotators: list[Annotator]
) -> None:
    ada = annotators[0]
    answer: dict[str, Any] = ada.lease() or {}
    assert answer["guideline_version"] == 1
    ada.submit(answer)
    publish_guidelines(project, "Now with a comma.", "minor")
    assert (ada.lease() or {})["guideline_version"] == 2
    ada.submit(ada.lease())
    publish_guidelines(project, "All is different.", "major")
    refused = ada.client.post("/api/v1/desk/lease/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "accept_guidelines")


def test_the_order_shown_is_drawn_and_the_answer_is_stored_on_the_stored_order(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    batch = make_batch(project, 40)
    first_shown = 0
    while lease := annotators[0].lease():
        texts = [shown["messages"][0]["content"] for shown in lease["responses"]]
        first_shown += texts[0].startswith("First")
        annotators[0].prefer(lease, next(t for t in texts if t.startswith("Second")))
    assert 8 <= first_shown <= 32, "drawn for each lease"
    with planes.in_workspace(batch.workspace_id):
        rows = list(Lease.objects.filter(slot__batch=batch).values_list("shown", flat=True))
        from projects.work.models import Annotation

        assert {tuple(row) for row in rows} == {(0, 1), (1, 0)}
        found = Annotation.objects.filter(batch=batch).values_list("units", "judged")
        assert {(*units, *judged) for units, judged in found} == {("preference@0-1", 1)}
