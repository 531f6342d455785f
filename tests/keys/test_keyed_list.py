"""The list of keyed items: its summary, and the orders that it has."""

import re

from projects.items.keys import services as keys
from projects.items.models import Item, Key
from projects.overview.keyed_summary import ORDERS, KeyedSummary, listed_items, summary_of
from projects.plan.models import Project
from projects.work.services import slots
from rlhfhub.tenancy import planes
from tests import gold
from tests.calibration import made
from tests.calibration.conftest import asking as asking
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of
from tests.people import Annotator, age, make_annotator


def retire_one(project: Project) -> Item:
    with planes.in_workspace(project.workspace_id):
        key = Key.objects.filter(project=project).order_by("item__seq")[20]
        keys.retire(key=key, because="It is wrong.", actor_id=None)
        return Item.every.get(pk=key.item_id)


def summary(project: Project) -> KeyedSummary:
    with planes.in_workspace(project.workspace_id):
        return summary_of(Project.objects.select_related("form").get(pk=project.pk))


def test_the_summary_counts_items_people_and_use(asking: Project) -> None:
    every = 2 * made.ITEMS
    before = KeyedSummary(items=every, people=3, certain=every, short=0, used=0, retired=0)
    assert summary(asking) == before
    made.open_round(asking)
    retire_one(asking)
    after = KeyedSummary(items=every, people=3, certain=every - 1, short=1, used=every, retired=1)
    assert summary(asking) == after


def test_the_list_has_orders(asking: Project, workspace_a: Tenant) -> None:
    made.open_round(asking)
    short = retire_one(asking)
    made.answer(make_annotator(asking, "Ada"), made.right, most=1)
    page = f"/w/{workspace_a.workspace.slug}/projects/{asking.pk}/keys/"
    browser = browser_of(workspace_a.owner)

    def first(sort: str) -> str:
        found = browser.get(page, {"sort": sort}).content.decode()
        return re.findall(r"<bdi>(key:pool-\d+|pool-\d+)</bdi>", found)[0]

    assert first("short") == first("retired") == short.external_id
    with planes.in_workspace(asking.workspace_id):
        answered, newest = (
            listed_items(asking).order_by(*ORDERS[name].columns)[0]
            for name in ("answered", "newest")
        )
    assert first("answered") == answered.external_id and answered.answered == 1
    assert first("newest") == newest.external_id
    assert browser.get(page, {"sort": "worst"}).status_code == 404


def test_who_let_the_time_run_out_has_seen_the_item(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    batch = make_batch(project, 1, plan=gold.PLAN)
    with planes.in_workspace(project.workspace_id):
        item = Item.objects.select_related("project").get(batch=batch)
    gold.add_slots(batch, [gold.make_keyed(item)], gold.Purpose.GOLD)
    ada, path = annotators[0], f"/api/v1/projects/{project.pk}/keys/"
    assert ada.submit(ada.lease()).status_code == 201
    held = ada.lease()
    assert held
    age(held)
    with planes.as_system():
        assert slots.expire_leases(grace_seconds=5) == 1
    assert workspace_a.client.get(path).json()["results"][0]["exposures"] == 1
    assert ada.submit(ada.lease()).status_code == 201
    assert workspace_a.client.get(path).json()["results"][0]["exposures"] == 1, "one person"
