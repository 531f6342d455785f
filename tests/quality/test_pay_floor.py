"""Whoever pays less per hour than the floor is warned, told once, and opens no further batch of the market."""

from typing import Any

import pytest

from projects.items import services as batches
from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.notices.models import Notice
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.roles import Role
from tests import people
from tests.factories import (
    Tenant,
    fund_batch,
    import_items,
    make_batch,
    make_item,
    make_project,
    make_workspace,
)
from tests.notices.told import notices
from tests.pages.conftest import browser_of
from tests.quality.paid import kept, work_on, worked
from tests.review.own import page_of


@pytest.fixture(autouse=True)
def _floor(settings: Any) -> None:
    """Eight dollars an hour. An answer at 25 cents may take 112.5 seconds."""
    settings.PAY_FLOOR = {"USD": 800}


def slow(tenant: Tenant, seconds: float = 180.0) -> Project:
    """Make a project whose ten answers took so long, and measure it."""
    project = worked(tenant, *[seconds] * 10)
    kept(project)
    return project


def opened(batch: Batch) -> Batch:
    with planes.in_workspace(batch.workspace_id):
        return batches.open_batch(batch=batch, actor_id=None)


def refused(batch: Batch) -> str:
    with pytest.raises(Refused) as caught:
        opened(batch)
    assert (caught.value.code, caught.value.status) == ("below_pay_floor", 409)
    return caught.value.detail


def told(user: User) -> list[Notice]:
    return [one for one in notices(user) if one.kind == "pay.below_floor"]


def test_no_further_batch_opens_below_the_floor(workspace_a: Tenant) -> None:
    project = slow(workspace_a)
    batch = make_batch(project, 1, open=False, first=50)
    words = refused(batch)
    assert "0.25 USD per answer pay 5.00 USD an hour" in words
    assert "the newest 10 answers took 3 min on average" in words
    assert "at least 8.00 USD: that is 0.40 USD per answer" in words
    answer = workspace_a.client.post(f"/api/v1/batches/{batch.pk}/open/")
    assert answer.status_code == 409 and answer.json()["code"] == "below_pay_floor"


def test_just_at_the_floor_it_opens(workspace_a: Tenant) -> None:
    assert opened(make_batch(slow(workspace_a, 112.5), 1, open=False, first=50)).status == "open"
    refused(make_batch(slow(workspace_a, 112.6), 1, open=False, first=50))


def test_an_open_batch_goes_on_and_comes_back_from_a_pause(workspace_a: Tenant) -> None:
    project = slow(workspace_a)
    with planes.in_workspace(workspace_a.pk):
        batch = Batch.objects.get(project=project)
        assert batch.status == "open"
        batches.pause_batch(batch=batch, actor_id=None)
    assert opened(batch).status == "open"


def test_it_opens_again_once_answers_are_faster(workspace_a: Tenant) -> None:
    project = slow(workspace_a)
    batch = make_batch(project, 1, open=False, first=50)
    with planes.in_workspace(workspace_a.pk):
        other = Batch.objects.exclude(pk=batch.pk).get(project=project)
    assert other.status == "open"
    work_on(project, 10.0)
    kept(project)
    refused(batch)
    faster = worked(workspace_a, *[180.0] * 10, *[10.0] * 10)
    kept(faster)
    assert opened(make_batch(faster, 1, open=False, first=50)).status == "open"


def test_a_first_batch_with_an_estimate_below_the_floor_is_refused(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, estimated_seconds=113)
    words = refused(make_batch(project, 1, open=False))
    assert "by your estimate of 1 min 53 s" in words
    make_batch(make_project(workspace_a, estimated_seconds=112), 1)


def test_an_estimate_shorter_than_reading_does_not_help(workspace_a: Tenant) -> None:
    """The items came after the project was measured."""
    project = make_project(workspace_a, estimated_seconds=1, overlap=1)
    kept(project)
    batch = make_batch(project, 0)
    import_items(batch, [make_item(1, prompt="word " * 1_000)])
    fund_batch(batch)
    assert "nobody can read an item and answer in less than 2 min" in refused(batch)
    tiny = make_project(workspace_a, estimated_seconds=1, price_minor=1)
    assert "the least that is assumed" in refused(make_batch(tiny, 1, open=False))


def test_a_currency_without_a_floor_and_unpaid_work_have_none(
    workspace_a: Tenant, settings: Any
) -> None:
    settings.PAY_FLOOR = {"USD": 10**9, "EUR": 1}
    make_batch(make_project(make_workspace(currency="EUR")), 1)
    make_batch(make_project(make_workspace(currency="GBP")), 1)
    make_batch(make_project(workspace_a, access="members"), 1)
    refused(make_batch(make_project(workspace_a), 1, open=False))
    settings.PAY_FLOOR = {}
    make_batch(make_project(workspace_a), 1)


def test_members_who_make_batches_are_told_once_for_each_fall(
    workspace_a: Tenant, workspace_b: Tenant, settings: Any
) -> None:
    members = {role: people.make_member(workspace_a.workspace, role) for role in Role.values}
    project = slow(workspace_a)
    kept(project)
    (one,) = told(members["manager"])
    assert {role for role, user in members.items() if told(user)} == {"owner", "manager"}
    assert not told(workspace_b.owner)
    assert (one.data["hourly"], one.data["price"]) == ("5.00 USD", "0.40 USD")
    page = page_of(browser_of(members["manager"]).get("/notices/"))
    assert f"{project.name} pays too little per hour" in page
    settings.PAY_FLOOR = {"USD": 500}
    kept(project)
    assert len(told(members["manager"])) == 1
    settings.PAY_FLOOR = {"USD": 800}
    kept(project)
    assert len(told(members["manager"])) == 2, "it had recovered in between"


def test_an_estimate_below_the_floor_is_no_fall(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, estimated_seconds=1000)
    assert kept(project).below_since is None
    assert not told(workspace_a.owner)


def test_the_projects_page_warns_and_says_the_price(workspace_a: Tenant) -> None:
    def page(project: Project) -> str:
        path = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/"
        return page_of(browser_of(workspace_a.owner).get(path))

    below = page(slow(workspace_a))
    assert "An hour of this work pays $5.00, and must pay at least $8.00." in below
    assert "an answer has to pay $0.40; it pays $0.25" in below
    assert "must pay at least" not in page(slow(workspace_a, 60.0))
    estimated = page(make_project(workspace_a, estimated_seconds=1000))
    assert "pays $0.90 by the estimate, and must pay at least $8.00" in estimated
