"""A project's price has versions: a new one holds for batches funded later, and annotators are told."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from projects.plan import prices
from projects.plan.models import PriceVersion, Project
from projects.work.models import Annotation
from rlhfhub.events import debts
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.raw import constraint_of
from tests import people
from tests.factories import PRICE, Tenant, make_batch, make_project
from tests.notices.told import notices
from tests.pages.conftest import browser_of
from tests.review.own import answer_of


def set_price(project: Project, price_minor: int, because: str = "") -> PriceVersion:
    with planes.in_workspace(project.workspace_id):
        return prices.set_price(
            project=project, price_minor=price_minor, because=because, actor_id=None
        )


def versions(project: Project) -> list[tuple[int, int]]:
    with planes.in_workspace(project.workspace_id):
        rows = PriceVersion.objects.filter(project=project).order_by("number")
        return list(rows.values_list("number", "price_minor"))


def test_a_project_begins_with_its_first_version(workspace_a: Tenant) -> None:
    assert versions(make_project(workspace_a)) == [(1, PRICE)]
    assert versions(make_project(workspace_a, access="members")) == []


def test_a_new_price_holds_for_batches_that_are_funded_later(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, overlap=1)
    make_batch(project, 2)
    draft = make_batch(project, 1, first=10, fund=False, open=False)
    annotator = people.make_annotator(project, "Ada")
    first = annotator.lease()
    set_price(project, 40)
    assert first
    assert annotator.submit(first).status_code == 201
    answers = [answer_of(annotator)]
    make_batch(project, 1, first=20)
    answers.append(answer_of(annotator))
    with planes.in_workspace(workspace_a.pk):
        paid = Annotation.objects.order_by("submitted_at").values_list("price_minor", flat=True)
        assert list(paid) == [PRICE, PRICE, 40]
        draft.refresh_from_db()
    assert draft.price_minor is None, "a draft has no price until it is funded"
    assert versions(project) == [(1, PRICE), (2, 40)]
    project.refresh_from_db()
    assert project.price_minor == 40


def test_annotators_are_told_once(workspace_a: Tenant, deliver: Callable[[], int]) -> None:
    project = make_project(workspace_a, name="Essays")
    make_batch(project, 1)
    at_work, gone = people.make_annotator(project, "Ada"), people.make_annotator(project, "Ben")
    people.leave(gone.enrollment)
    set_price(project, 40, "Longer texts.")
    deliver()
    (notice,) = [one for one in notices(at_work.user) if one.kind == "price.changed"]
    assert notice.data["price"] == "0.40 USD" and notice.data["before"] == "0.25 USD"
    assert notice.data["because"] == "Longer texts."
    assert not [one for one in notices(gone.user) if one.kind == "price.changed"]


def test_a_lost_event_is_made_up_for(
    workspace_a: Tenant, deliver: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debts, "SETTLED_SECONDS", -1)
    project = make_project(workspace_a)
    make_batch(project, 1)
    ada = people.make_annotator(project, "Ada")
    set_price(project, 40)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM rlhfhub_events_event WHERE kind = 'plan.price_changed'")
    deliver()  # rows that are younger than an event that waits are not checked
    for _ in range(2):
        debts.sweep()
        deliver()
        assert [one.kind for one in notices(ada.user)].count("price.changed") == 1


@pytest.mark.parametrize("price", [0, PRICE, 10**9 + 1])
def test_a_price_that_is_none_or_is_that_already(price: int, workspace_a: Tenant) -> None:
    project = make_project(workspace_a)
    with pytest.raises(Refused) as refused:
        set_price(project, price)
    assert [fault["field"] for fault in refused.value.errors] == ["price_minor"]
    assert versions(project) == [(1, PRICE)]


def test_what_pays_nothing_or_judges_others_has_no_other_price(workspace_a: Tenant) -> None:
    unpaid = make_project(workspace_a, access="members")
    archived = make_project(workspace_a)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projects_plan_project SET status = 'archived' WHERE id = %s", [archived.pk]
        )
    for project in (unpaid, archived):
        with pytest.raises(Refused) as refused:
            set_price(project, 40)
        assert (refused.value.code, refused.value.status) == ("price_is_fixed", 409)


def insert(project: Project, number: int, price: int) -> str:
    """Insert a version as the owner. Returns the constraint that refuses it, or ""."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO projects_plan_priceversion (id, workspace_id, project_id, number, price_minor, because) "
                "VALUES (gen_random_uuid(), %s, %s, %s, %s, '')",
                [project.workspace_id, project.pk, number, price],
            )
    except DatabaseError as error:
        return constraint_of(error)
    return ""


def test_the_database_holds_the_versions(workspace_a: Tenant) -> None:
    project, unpaid = make_project(workspace_a), make_project(workspace_a, access="members")
    assert insert(project, 3, 40) == "price_version_next"
    assert insert(project, 1, 40) == "price_version_once"
    assert insert(project, 2, 0) == "price_version_pays"
    assert insert(unpaid, 1, 40) == "price_version_first"
    assert insert(project, 2, 40) == ""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projects_plan_project SET status = 'archived' WHERE id = %s", [project.pk]
        )
    assert insert(project, 3, 50) == "price_version_of_market"
    for change in (
        "UPDATE projects_plan_priceversion SET price_minor = 1",
        "DELETE FROM projects_plan_priceversion",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


def test_members_cannot_change_the_price_alone(workspace_a: Tenant) -> None:
    project = make_project(workspace_a)
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        planes.in_workspace(workspace_a.pk),
    ):
        Project.objects.filter(pk=project.pk).update(price_minor=1)


def test_the_page_sets_the_price_in_major_units(workspace_a: Tenant) -> None:
    project = make_project(workspace_a)
    client, path = (
        browser_of(workspace_a.owner),
        f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/price/",
    )
    for wrong in ("", "0", "-1", "0.255", "1e1", "0.25", "99999999999"):
        assert client.post(path, {"price": wrong}).status_code == 422, wrong
    answer = client.post(path, {"price": "0.40", "because": "Longer texts."}, follow=True)
    assert "Batches that you fund from now on pay 0.40 USD an answer." in answer.text
    assert "Longer texts." in answer.text
    assert versions(project) == [(1, PRICE), (2, 40)]


def test_rest_sets_and_lists_the_price(workspace_a: Tenant) -> None:
    project = make_project(workspace_a)
    path = f"/api/v1/projects/{project.pk}/prices/"
    made: Any = workspace_a.client.post(path, {"price_minor": 40, "because": "Longer texts."})
    assert made.status_code == 201
    assert made.json()["price"] == {"amount_minor": 40, "currency": "USD"}
    shown = workspace_a.client.get(path).json()["results"]
    assert [(one["number"], one["because"]) for one in shown] == [(2, "Longer texts."), (1, "")]
    refused = workspace_a.client.post(path, {"price_minor": 40})
    assert refused.status_code == 400 and refused.json()["errors"][0]["field"] == "price_minor"
