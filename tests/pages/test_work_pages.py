"""The annotator's work and earnings, over all workspaces: what is offered, what is over, and what it earned."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from projects.items import services as batches
from projects.items.models import Batch
from projects.plan.models import Project
from projects.work.home import OwnProject
from rlhfhub.tenancy import planes
from tests import people, routes
from tests.factories import Tenant, make_batch, make_project, make_workspace
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.urls import path_of

Queries = Callable[[], Any]
LISTS = [row for row in (*routes.SIGNED_IN_PAGES, *routes.DESK_PAGES) if row.is_list]


def archive(project: Project) -> None:
    """There is no verb for it yet, so the owner does it."""
    with scope(workspace=project.workspace_id):
        Project.objects.filter(pk=project.pk).update(status=Project.Status.ARCHIVED)


def names(rows: list[OwnProject]) -> list[str]:
    return [row.enrollment.project for row in rows]


@pytest.fixture
def newcomer(database: None) -> Client:
    return browser_of(people.make_user())


def test_only_what_can_be_worked_on_is_offered(workspace_a: Tenant, newcomer: Client) -> None:
    """Not before a batch is open, not when its slots are taken, not after it is closed."""
    project = make_project(workspace_a, name="Now", overlap=1)

    def offered() -> list[str]:
        return [one.listed.project for one in newcomer.get("/work/").context["market"]]

    assert offered() == []
    batch = make_batch(project, items=1, open=False)
    assert offered() == []
    with planes.in_workspace(workspace_a.pk):
        batches.open_batch(batch=batch, actor_id=None)
    assert offered() == ["Now"]
    ada = people.make_annotator(project)
    lease = ada.lease()
    assert lease and offered() == []
    path = f"/api/v1/desk/leases/{lease['id']}/return/"
    assert ada.client.post(path, {"reason": "unclear"}).status_code == 204
    assert offered() == ["Now"]
    with planes.in_workspace(workspace_a.pk):
        batches.close_batch(batch=batch, actor_id=None)
    assert offered() == []


def test_who_has_the_link_may_join_before_there_is_work(
    workspace_a: Tenant, newcomer: Client
) -> None:
    project = make_project(workspace_a)
    joined = newcomer.post(f"/work/join/{project.pk}/")
    assert joined.status_code == 303 and "/guideline/" in joined["Location"]


def test_what_was_earned_stays_when_a_project_is_archived(
    workspace_a: Tenant, batch: Batch, annotators: list[Annotator]
) -> None:
    """With the project's name and every answer; the desk is closed, and the work page says so."""
    ada, project = annotators[0], batch.project
    for _ in range(2):
        lease = ada.lease()
        assert lease and ada.submit(lease).status_code == 201
    browser = browser_of(ada.user)
    assert names(browser.get("/work/").context["mine"]) == [project.name]
    archive(project)
    work = browser.get("/work/")
    assert work.context["mine"] == []
    assert names(work.context["over"]) == [project.name]
    assert work.context["over"][0].pay_minor == 50
    assert "archived" in work.content.decode()
    earnings = browser.get("/earnings/projects/")
    assert [(row.name, row.answers) for row in earnings.context["projects"]] == [(project.name, 2)]
    assert browser.get("/earnings/").context["totals"][0].pending_minor == 50
    alone = browser.get(f"/earnings/{ada.enrollment.pk}/")
    assert project.name in alone.content.decode() and len(alone.context["listing"].rows) == 2
    assert browser.get(f"/work/{ada.enrollment.pk}/").status_code == 404


def test_who_left_sees_what_it_brought(batch: Batch, annotators: list[Annotator]) -> None:
    ada = annotators[0]
    lease = ada.lease()
    assert lease and ada.submit(lease).status_code == 201
    people.leave(ada.enrollment)
    work = browser_of(ada.user).get("/work/")
    assert work.context["mine"] == [] and names(work.context["over"]) == [batch.project.name]
    assert not work.context["over"][0].enrollment.is_archived


def test_all_answers_of_a_project_page_by_page(
    batch: Batch, annotators: list[Annotator], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page shows ten of them and links to the rest. Another annotator's give 404."""
    monkeypatch.setattr("billing.accruals.selectors.LINES", 2)
    ada, ben = annotators[:2]
    for _ in range(5):
        lease = ada.lease()
        assert lease and ada.submit(lease).status_code == 201
    browser, path = browser_of(ada.user), f"/earnings/{ada.enrollment.pk}/"
    row = browser.get("/earnings/projects/").context["projects"][0]
    assert (len(row.lines), row.answers, row.has_more) == (2, 5, True)
    assert path in browser.get("/earnings/projects/").content.decode()
    assert len(browser.get(path).context["listing"].rows) == 5
    assert browser_of(ben.user).get(path).status_code == 404
    assert browser.get(f"{path}?cursor=x").status_code == 404


@pytest.mark.slow
def test_no_more_statements_for_more_places(
    workspace_a: Tenant,
    batch: Batch,
    annotators: list[Annotator],
    queries: Queries,
) -> None:
    """Places in many workspaces, over and not, and a market of many: as many statements as for one."""
    ada = annotators[0]

    def another() -> None:
        tenant = make_workspace()
        for is_over in (False, True):
            project = make_project(tenant)
            make_batch(project, 2)
            one = people.make_annotator(project, user=ada.user)
            lease = one.lease()
            assert lease and one.submit(lease).status_code == 201
            if is_over:
                archive(project)
        make_batch(make_project(tenant), 1)

    browser = browser_of(ada.user)
    ids = {"enrollment_id": ada.enrollment.pk}

    def counted() -> dict[str, int]:
        found = {}
        for row in (*LISTS, routes.row_of("home")):
            with queries() as seen:
                assert browser.get(path_of(row.name, ids)).status_code == 200
            assert len(seen) <= row.most, seen
            found[row.name] = len(seen)
        return found

    another()
    few = counted()
    for _ in range(4):
        another()
    work = browser.get("/work/").context
    assert (len(work["mine"]), len(work["over"]), len(work["market"])) == (6, 5, 5)
    assert len(browser.get("/earnings/projects/").context["projects"]) == 10
    assert counted() == few


@pytest.mark.slow
def test_page_by_page(
    workspace_a: Tenant, annotators: list[Annotator], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages list each enrollment and each offer once, whatever their size; forged cursors give 404."""
    monkeypatch.setattr("projects.work.home.SIZE", 2)
    monkeypatch.setattr("billing.accruals.views.PROJECTS", 2)
    ada = annotators[0]
    for number in range(5):
        project = make_project(workspace_a, name=f"Mine {number}")
        make_batch(project, 1)
        one = people.make_annotator(project, user=ada.user)
        lease = one.lease()
        assert lease and one.submit(lease).status_code == 201
        make_batch(make_project(workspace_a, name=f"Market {number}"), 1)
    browser = browser_of(ada.user)

    def walk(path: str, name: str, listing: str) -> list[Any]:
        rows, cursor = [], ""
        while True:
            context = browser.get(path, {name: cursor} if cursor else {}).context
            rows += [row.project for row in context[listing].rows]
            cursor = context[listing].next_cursor
            if not cursor:
                return rows

    market = walk("/work/", "market", "market_listing")
    assert market == [f"Market {number}" for number in range(4, -1, -1)]
    mine = [f"Mine {number}" for number in range(4, -1, -1)]
    assert walk("/work/", "mine", "mine_listing")[:5] == mine
    assert walk("/earnings/projects/", "cursor", "listing")[:5] == mine
    assert walk("/earnings/", "cursor", "listing")[:5] == mine
    assert browser.get("/work/?market=x").status_code == 404
    for path in ("/earnings/", "/earnings/projects/"):
        assert browser.get(f"{path}?cursor=x").status_code == 404
