"""The batch page proposes gold and repeats, says what they cost, and before funding if keyed items are missing."""

import re

import pytest

from projects.items.models import Batch
from projects.items.services import Plan
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests import gold
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of


@pytest.fixture
def draft(project: Project) -> Batch:
    return make_batch(project, 40, plan=Plan(2, 10, 3, reserve_percent=5), fund=False)


def plan_in(batch: Batch) -> tuple[int, ...]:
    with planes.in_workspace(batch.workspace_id):
        batch.refresh_from_db()
    return (
        *(batch.overlap, batch.share_percent, batch.share_overlap),
        *(batch.reserve_percent, batch.gold_percent, batch.repeat_percent),
    )


def test_one_button_takes_what_is_proposed(workspace_a: Tenant, draft: Batch) -> None:
    browser = browser_of(workspace_a.owner)
    path = f"/w/{workspace_a.workspace.slug}/batches/{draft.pk}/"
    page = browser.get(path).content.decode()
    form = page[page.index('<form class="notice"') :]
    form = form[: form.index("</form>")]
    fields = dict(re.findall(r'name="(\w+)" value="(\d+)"', form))
    assert "Add 5 % gold and 3 % repeats" in form
    answer = browser.post(f"{path}plan/", fields, follow=True).content.decode()
    assert plan_in(draft) == (2, 10, 3, 5, 5, 3)
    assert "Add 5 % gold" not in answer
    words = " ".join(answer.split())
    assert "5 % gold takes 1 keyed item on which three people agree, and" in words
    assert "There are 0." in words
    assert re.search(r'type="submit"\s+disabled>\s+Fund', answer)


def test_the_page_tells_what_is_paid(workspace_a: Tenant, project: Project, draft: Batch) -> None:
    gold.make_pool(workspace_a, project, 1)
    browser = browser_of(workspace_a.owner)
    path = f"/w/{workspace_a.workspace.slug}/batches/{draft.pk}/"
    body = {
        "overlap": 2,
        "share_percent": 0,
        "share_overlap": 3,
        "reserve_percent": 0,
        "gold_percent": 5,
        "repeat_percent": 3,
    }
    page = " ".join(browser.post(f"{path}plan/", body, follow=True).content.decode().split())
    assert "Gold, 5 %: 2 keyed items × 2" in page
    assert "Repeats, 3 %" in page
    assert "up to 3 answers" in page
    cost = (80 + 4 + 3) * 30
    funded = browser.post(f"{path}fund/", {"agreed_minor": cost}, follow=True).content.decode()
    assert "80 answers, 4 to gold, up to 3 repeats." in " ".join(funded.split())


def test_a_percentage_out_of_range_is_said_at_its_field(workspace_a: Tenant, draft: Batch) -> None:
    path = f"/w/{workspace_a.workspace.slug}/batches/{draft.pk}/plan/"
    body = {
        "overlap": 2,
        "share_percent": 0,
        "share_overlap": 3,
        "reserve_percent": 0,
        "gold_percent": 21,
        "repeat_percent": 3,
    }
    answer = browser_of(workspace_a.owner).post(path, body)
    assert answer.status_code == 422
    assert "less than or equal to 20" in answer.content.decode()
    assert plan_in(draft)[-2:] == (0, 0)
