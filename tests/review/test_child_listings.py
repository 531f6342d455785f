"""What the market says of reviews and appeals, before anybody joins them."""

import uuid

import pytest

from projects.items.models import Batch
from projects.items.services import Plan
from projects.plan.models import Project
from tests import people
from tests.deciders import answer_to_appeal, appeal, project_of
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of
from tests.paid_reviews import answer_of, ask, opened
from tests.people import Annotator

JUDGES, DECIDES = "You judge answers that other people gave in", "You decide appeals"


@pytest.fixture
def batch(project: Project) -> Batch:
    return make_batch(project, 2, plan=Plan(overlap=1, share_percent=0))


def shown(project_id: uuid.UUID) -> list[str]:
    """The card on the market and the page of a project, as somebody new reads them."""
    browser = browser_of(people.make_user("Newcomer"))
    pages = [
        browser.get(path).content.decode() for path in ("/work/", f"/work/market/{project_id}/")
    ]
    card = pages[0].partition(f"/work/market/{project_id}/")[0].rpartition("<article")[2]
    return [card, pages[1].partition("asked-title")[0]]


def told(tenant: Tenant, project_id: uuid.UUID) -> tuple[str, str | None]:
    """The purpose, and the project whose answers are judged, over REST."""
    key = people.make_desk_key(tenant.workspace, people.make_user("Newcomer by program"))
    found = people.client_for(key).get(f"/api/v1/desk/projects/{project_id}/").json()
    return found["purpose"], found["reviewed"]


def test_a_review_says_whose_answers_are_judged(
    workspace_a: Tenant, project: Project, batch: Batch, annotators: list[Annotator]
) -> None:
    answer_of(annotators[0])
    review = opened(ask(batch, workspace_a)).project_id
    for text in shown(review):
        assert JUDGES in text and f">{project.name}</bdi>" in text and DECIDES not in text
    assert told(workspace_a, review) == ("review", project.name)
    for text in shown(project.pk):
        assert "Pay per hour" in text and JUDGES not in text
    assert told(workspace_a, project.pk) == ("work", None)


def test_the_project_of_appeals_says_what_is_decided(
    workspace_a: Tenant, platform: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    appeal(answer_to_appeal(project, annotators[0]), workspace_a, annotators)
    appeals = project_of(platform).pk
    for text in shown(appeals):
        assert DECIDES in text and JUDGES not in text
    assert told(platform, appeals) == ("appeal", None)
