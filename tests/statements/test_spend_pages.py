"""Spend on its page, in its file and over REST, and who may see it."""

import csv
import io

import pytest
from django.core.cache import cache

from projects.items.models import Batch
from rlhfhub.tenancy.roles import Role
from tests import people
from tests.factories import Tenant, make_workspace
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.review.own import page_of
from tests.statements.spent import parts, path_of, spent


def test_the_page_says_all_of_it(
    workspace_a: Tenant, week_one: Batch, busy: tuple[Annotator, Annotator]
) -> None:
    cache.clear()
    owner = browser_of(workspace_a.owner)
    text = page_of(owner.get(path_of(workspace_a), {"project": week_one.project_id}))
    assert "$9.04 from" in text and "Cost of a delivered row: 0.9040 USD" in text
    assert "the rows of one project are not to be added up" in text
    for wrong in ({"since": "x"}, {"project": "x"}, {"since": "2026-02-02", "until": "2026-02-01"}):
        for file in ("spend/", "spend.csv"):
            assert owner.get(path_of(workspace_a, file), wrong).status_code == 422


def test_the_file_adds_up(workspace_a: Tenant, busy: tuple[Annotator, Annotator]) -> None:
    sent = browser_of(workspace_a.owner).get(path_of(workspace_a, "spend.csv"))
    rows = list(csv.DictReader(io.StringIO(b"".join(sent).decode())))
    for by in ("kind", "batch", "annotator"):
        assert sum(int(row["total_minor"]) for row in rows if row["by"] == by) == 904
    assert {row["currency"] for row in rows} == {"USD"}


@pytest.mark.parametrize(
    ("role", "status"), [(Role.BILLING, 200), (Role.MANAGER, 403), (Role.VIEWER, 403)]
)
def test_who_may_see_money(workspace_a: Tenant, role: str, status: int) -> None:
    member = browser_of(people.make_member(workspace_a.workspace, role))
    for file in ("spend/", "spend.csv"):
        assert member.get(path_of(workspace_a, file)).status_code == status
    assert browser_of(people.make_user()).get(path_of(workspace_a)).status_code == 404


def test_who_may_see_costs_on_the_pages_of_batch_and_project(
    workspace_a: Tenant, week_one: Batch, busy: tuple[Annotator, Annotator]
) -> None:
    slug = workspace_a.workspace.slug
    for role, sees in ((Role.MANAGER, True), (Role.VIEWER, False), (Role.REVIEWER, False)):
        member = browser_of(people.make_member(workspace_a.workspace, role))
        for path in (f"batches/{week_one.pk}/", f"projects/{week_one.project_id}/"):
            assert ("costs-title" in member.get(f"/w/{slug}/{path}").content.decode()) == sees


def test_rest_says_the_same(
    workspace_a: Tenant, week_one: Batch, busy: tuple[Annotator, Annotator]
) -> None:
    cache.clear()
    found = workspace_a.client.get("/api/v1/spend/").json()
    assert found["total"]["total_minor"] == 904
    assert {one["part"]: one["total_minor"] for one in found["parts"]} == parts(spent(workspace_a))
    assert {one["batch"] for one in found["batches"]} == {str(week_one.pk), None}
    assert sum(one["total_minor"] for one in found["annotators"]) == 904
    costs = workspace_a.client.get(f"/api/v1/projects/{week_one.project_id}/costs/").json()
    assert (costs["rows"], costs["total_minor"], costs["row_minor"]) == (10, 904, 90.4)
    of_batch = workspace_a.client.get(f"/api/v1/batches/{week_one.pk}/costs/").json()
    assert of_batch["total_minor"] == 378 and of_batch["forecast"]["left"] == 0
    other = make_workspace().client
    assert other.get("/api/v1/spend/").json()["parts"] == []
    refused = other.get(f"/api/v1/spend/?project={week_one.project_id}")
    assert refused.status_code in (400, 422)
    assert refused.json()["errors"][0]["field"] == "project"
    assert other.get(f"/api/v1/batches/{week_one.pk}/costs/").status_code == 404
