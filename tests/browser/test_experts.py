"""The experts' page by keyboard, by plain forms, and for a form that asks about each response."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from projects.items.models import Batch, Key
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.browser.desk_page import Desk
from tests.browser.page_checks import faults
from tests.browser.site import Site
from tests.factories import Tenant, make_batch, make_project, make_workspace

pytestmark = pytest.mark.browser


def make_draft(template: str = "pairwise") -> tuple[Tenant, Project, Batch]:
    """A batch of three items that is not funded."""
    tenant = make_workspace()
    project = make_project(tenant, template=template)
    return tenant, project, make_batch(project, 3, fund=False)


def open_desk(page: Page, tenant: Tenant, project: Project, batch: Batch) -> Desk:
    page.goto(f"/w/{tenant.workspace.slug}/projects/{project.pk}/expert/?batch={batch.pk}")
    expect(page.locator("[data-lease]")).to_be_visible()
    return Desk(page)


def keys_of(project: Project) -> list[Key]:
    with planes.in_workspace(project.workspace_id):
        return list(Key.objects.filter(project=project).order_by("pk"))


def test_the_keys_of_the_desk_give_right_answers(browse: Callable[..., Page], site: Site) -> None:
    tenant, project, batch = make_draft()
    desk = open_desk(browse(tenant.owner), tenant, project, batch)
    sent: list[Request] = []
    desk.page.on("request", lambda request: sent.append(request))
    first = desk.lease_id()
    desk.press("Enter")
    expect(desk.note).to_contain_text("Choose A, B or a tie first")
    texts = desk.responses()
    desk.press("1", "r")
    desk.page.keyboard.type("It is right.")
    expect(desk.page.locator("[data-save-state]")).to_have_text("")
    desk.press("Control+Enter")
    desk.expect_next(first)
    (key,) = keys_of(project)
    assert key.answer == {"choice": 0 if texts[0].startswith("First") else 1}
    assert (key.by, key.source, key.note) == (tenant.owner.name, "expert", "It is right.")
    posts = [request.url for request in sent if request.method == "POST"]
    assert len(posts) == 1, "no draft is sent"
    for _ in range(2):
        lease = desk.lease_id()
        desk.press("t", "Enter")
        expect(desk.page.locator(f"[data-lease='{lease}']")).to_have_count(0)
    expect(desk.page.get_by_role("heading", name="No item waits for your answer")).to_be_visible()
    assert len(keys_of(project)) == 3


def test_what_was_written_survives_a_reload(browse: Callable[..., Page], site: Site) -> None:
    tenant, project, batch = make_draft()
    desk = open_desk(browse(tenant.owner), tenant, project, batch)
    desk.press("t", "r")
    desk.page.keyboard.type("Half a thought")
    desk.page.reload()
    expect(desk.reason).to_have_value("Half a thought")
    assert desk.chosen() == "tie"


def test_it_works_without_scripts(browse: Callable[..., Page], site: Site) -> None:
    tenant, project, batch = make_draft()
    page = browse(tenant.owner, javascript=False)
    desk = open_desk(page, tenant, project, batch)
    page.locator("[data-choose=tie]").check()
    page.locator("[name=rule]").fill("R1")
    desk.submit_button.click()
    expect(page.get_by_text("The right answer was saved.")).to_be_visible()
    (key,) = keys_of(project)
    assert (key.answer, key.rule) == ({"choice": "tie"}, "R1")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_form_that_asks_about_each_response(
    browse: Callable[..., Page], site: Site, width: int
) -> None:
    tenant, project, batch = make_draft("ratings")
    desk = open_desk(browse(tenant.owner, width=width), tenant, project, batch)
    assert faults(desk.page) == []
    rows = desk.page.locator("[data-row]").count()
    desk.press(*["2"] * rows, "Enter")
    expect(desk.page.get_by_text("by you today")).to_contain_text("1")
    assert {tuple(key.answer) for key in keys_of(project)} == {(2, 2)}
