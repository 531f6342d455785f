"""The project's page: the next step, and each question's agreement in words with the number of items behind it."""

import re
from typing import Any

import pytest
from django.test import Client

from projects.items import services as batches
from projects.items.services import Plan
from projects.plan import templates
from projects.plan.models import Project
from projects.quality import trust
from projects.quality.tasks import refresh
from rlhfhub.tenancy import planes
from tests.factories import (
    Tenant,
    fund_batch,
    import_items,
    make_batch,
    make_items,
    make_project,
    publish_guidelines,
)
from tests.people import Annotator, make_annotator


def page_of(tenant: Tenant, browser: Client, project: Project, query: str = "") -> str:
    """The project's page as text, blanks as one."""
    response = browser.get(f"/w/{tenant.workspace.slug}/projects/{project.pk}/{query}")
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_it_says_what_to_do_next(workspace_a: Tenant, owner: Client) -> None:
    """From the first day to the last."""
    project = make_project(workspace_a, publish=False, overlap=1)

    def next_of(words: str) -> None:
        page = page_of(workspace_a, owner, project)
        assert words in page[page.index("Next:") : page.index("Next:") + 250], words

    next_of("Write the guidelines")
    publish_guidelines(project)
    with planes.in_workspace(workspace_a.pk):
        project.refresh_from_db()
    next_of("Make the first batch")
    batch = make_batch(project, 0)
    next_of("Batch 1 has no items yet. Import items")
    import_items(batch, make_items(1))
    next_of("Fund it")
    fund_batch(batch)
    next_of("Open it")
    with planes.in_workspace(workspace_a.pk):
        batches.open_batch(batch=batch, actor_id=None)
    next_of("There is nothing for you to do now.")
    annotator = make_annotator(project)
    annotator.submit(annotator.lease() or {})
    next_of("Review them")


def test_alpha_has_words_and_says_what_it_rests_on(
    workspace_a: Tenant, project: Project, judged: Any, owner: Client
) -> None:
    page = page_of(workspace_a, owner, project)
    assert "not enough data yet" in page and "cannot be trusted" not in page
    assert "5 of 5 answered items have two answers or more" in page


def test_a_poor_alpha_is_said_loudly(
    workspace_a: Tenant,
    project: Project,
    judged: Any,
    owner: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trust, "ENOUGH_ITEMS", 5)
    monkeypatch.setattr(trust, "TASTE_USABLE_FROM", 0.9)
    page = page_of(workspace_a, owner, project)
    assert "No: annotators agree too little." in page
    assert "too low to rely on" in page and "See the quality page" in page
    workspace = owner.get(f"/w/{workspace_a.workspace.slug}/").content.decode()
    assert "too low to rely on" in workspace


def test_at_one_answer_an_item_agreement_is_of_the_share(
    workspace_a: Tenant, owner: Client, deliver: Any
) -> None:
    project = make_project(workspace_a, overlap=1)
    batch = make_batch(project, 20, plan=Plan(1, share_percent=10, share_overlap=3))
    for _ in range(3):
        annotator = make_annotator(project)
        while lease := annotator.lease():
            assert annotator.submit(lease).status_code == 201
    deliver()
    refresh()
    page = page_of(workspace_a, owner, project)
    assert "2 of 20 answered items have two answers or more" in page
    assert "a random 10 % of the items get 3 answers: agreement is measured on these" in page
    response = owner.get(f"/w/{workspace_a.workspace.slug}/batches/{batch.pk}/")
    assert "A random 10 % of the items get 3 answers" in response.content.decode()


_TWO = [
    {"name": "preference", "kind": "preference", "title": "Which is better?", "allow_tie": True},
    {"name": "clear", "kind": "rating", "title": "How clear is each?", "low": 1, "high": 5},
]


@pytest.fixture
def of_two(workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose form compares the responses, and rates each of them."""
    two = templates.Template("two", "Two", "Two questions.", _TWO)
    monkeypatch.setitem(templates.TEMPLATES, "two", two)
    return make_project(workspace_a, template="two")


def test_each_question_has_its_agreement(
    workspace_a: Tenant, of_two: Project, owner: Client, deliver: Any
) -> None:
    make_batch(of_two, 4)
    people: list[Annotator] = [make_annotator(of_two) for _ in range(3)]
    for person in people:
        while lease := person.lease():
            keys = [shown["key"] for shown in lease["responses"]]
            answer = {"preference": {"choice": keys[0]}, "clear": {keys[0]: 4, keys[1]: 2}}
            path = f"/api/v1/desk/leases/{lease['id']}/submit/"
            assert person.client.post(path, {"answer": answer}).status_code == 201
    deliver()
    refresh()
    page = page_of(workspace_a, owner, of_two)
    assert "Which is better? How clear is each?" in page
    assert "Chose the response shown first" in page
    page = page_of(workspace_a, owner, of_two, "?question=clear")
    assert "Each response of an item is judged and counted separately." in page
    assert "4 of 4 answered items have two answers or more" in page
    assert "Chose the response shown first" not in page
    path = f"/api/v1/projects/{of_two.pk}/agreement/?question=clear"
    answer = workspace_a.client.get(path).json()
    assert answer["project"]["counts"] == [0, 12, 0, 12, 0]
    assert answer["consensus"]["units"] == 8
    assert answer["project"]["position"] is None
    missing = f"/w/{workspace_a.workspace.slug}/projects/{of_two.pk}/?question=reason"
    assert owner.get(missing).status_code == 404
