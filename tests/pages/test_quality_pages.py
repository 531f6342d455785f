"""The quality page says whether the answers can be trusted, in each state; an annotator's page says what they said."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.items.models import Batch
from projects.plan.models import Project
from projects.quality import trust
from projects.quality.models import AnnotatorFigures
from projects.quality.tasks import refresh
from rlhfhub.tenancy import planes
from tests.exports.made import VERDICTS, change_form, judge
from tests.factories import Tenant, make_project
from tests.pages.conftest import browser_of
from tests.people import Annotator, make_annotator
from tests.quality.planted import plant_agreement, plant_annotator
from tests.routes import row_of


def address(project: Project, tenant: Tenant, name: str = "project_quality", **more: str) -> str:
    ids = {"slug": tenant.workspace.slug, "project_id": project.pk, **more}
    return reverse(name, kwargs=ids)


@pytest.fixture
def page(workspace_a: Tenant, owner: Client, project: Project) -> Callable[..., str]:
    """`page(sort=…)` is the project's quality page, with its blanks joined."""

    def read(**query: str) -> str:
        response = owner.get(address(project, workspace_a), query)
        assert response.status_code == 200
        return " ".join(response.content.decode().split())

    return read


def test_nothing_is_said_before_there_are_answers(page: Callable[..., str]) -> None:
    text = page()
    assert "Not known yet: no item has two answers." in text
    assert "Annotators are listed here once they have answered." in text
    assert "Agreement of first answers" not in text
    assert "Go to the batches" in text


def test_few_answers_are_not_enough(page: Callable[..., str], project: Project) -> None:
    plant_agreement(project, 0.9, items=12)
    text = page()
    assert "Not known yet: too few items have several answers." in text
    assert "12 of 30 items have two answers or more; 18 more are needed." in text


@pytest.mark.parametrize(
    ("alpha", "half", "said", "next_step"),
    [
        (0.05, 0.05, "No: annotators agree too little.", "See contested items"),
        (0.20, 0.08, "so more items may change this", "Improve the guidelines"),
        (0.28, 0.05, "With care: it is not certain yet", "Go to the batches"),
        (
            0.45,
            0.05,
            "With care: annotators agree about as far as people usually do",
            "See contested items",
        ),
        (0.85, 0.05, "Yes: annotators agree far beyond chance.", "Export them"),
        (None, 0.0, "With care: all answers are alike", "See contested items"),
    ],
)
def test_each_state_has_words_a_color_and_a_next_step(
    page: Callable[..., str],
    project: Project,
    alpha: float | None,
    half: float,
    said: str,
    next_step: str,
) -> None:
    plant_agreement(project, alpha, half=half)
    text = page()
    assert said in text and next_step in text
    tone = {0.05: "notice-error", 0.20: "notice-error", 0.85: "notice-good"}
    assert f"notice {tone.get(alpha or 0.0, 'notice-warning')}" in text
    assert "InstructGPT" in text  # a matter of taste: with the published context
    assert "Accepted answers: α" in text and "standard error" in text
    assert "By guideline version" in text


def test_who_stands_out_is_marked_and_may_be_sorted_first(
    page: Callable[..., str], project: Project
) -> None:
    plant_agreement(project, 0.45)
    good = plant_annotator(make_annotator(project), 80, 100)
    bad = plant_annotator(make_annotator(project), 40, 90, first=85, direction=-1)
    new = plant_annotator(make_annotator(project), 3, 5)
    nobody = plant_annotator(make_annotator(project), 0, 0)
    names = {row: row.enrollment.pseudonym for row in (good, bad, new, nobody)}
    text = page()
    assert "below the others" in text and "too often the first" in text
    assert text.count("not enough data yet") == 3  # twice of the new one, once of nobody
    assert (
        "Of 4 annotators, 1 agrees less with the others than chance explains and 1 chooses" in text
    )

    def order(sort: str) -> list[AnnotatorFigures]:
        text = page(sort=sort)
        return sorted(names, key=lambda row: text.index(names[row]))

    assert order("answers") == [good, bad, new, nobody]
    assert order("agreement") == [bad, new, good, nobody]
    assert order("first")[0] == bad and order("first")[-1] == nobody
    assert order("seconds")[0] == nobody


def test_an_unknown_order_or_question_is_missing(
    owner: Client, workspace_a: Tenant, project: Project
) -> None:
    for query in ({"sort": "x"}, {"question": "x"}):
        assert owner.get(address(project, workspace_a), query).status_code == 404
    change_form(workspace_a, project, [{"name": "note", "kind": "text", "title": "A note"}])
    response = owner.get(address(project, workspace_a))
    assert "No question of this project’s form can be compared" in response.content.decode()


@pytest.mark.slow
def test_the_page_of_an_annotator_says_where_they_differ(
    workspace_a: Tenant,
    owner: Client,
    project: Project,
    batch: Batch,
    annotators: list[Annotator],
    deliver: Any,
) -> None:
    judge(annotators, VERDICTS)
    deliver()
    refresh()
    with planes.in_workspace(workspace_a.pk):
        rows = list(AnnotatorFigures.objects.select_related("enrollment"))
    assert any(row.differences for row in rows)
    for row in rows:
        name = row.enrollment.pseudonym
        response = owner.get(address(project, workspace_a, "annotator_quality", pseudonym=name))
        text = response.content.decode()
        assert response.context["person"].figures == row and "not enough data yet" in text
        for one in row.differences:
            assert reverse("item", args=[workspace_a.workspace.slug, one["item"]]) in text
    idle = make_annotator(project).enrollment.pseudonym
    response = owner.get(address(project, workspace_a, "annotator_quality", pseudonym=idle))
    assert "has given no answer that is counted here yet" in response.content.decode()


def test_an_annotator_of_another_project_is_missing(
    workspace_a: Tenant, owner: Client, project: Project
) -> None:
    name = make_annotator(make_project(workspace_a)).enrollment.pseudonym
    path = address(project, workspace_a, "annotator_quality", pseudonym=name)
    assert owner.get(path).status_code == 404


def test_every_member_reads_it(
    member: Callable[[str], Client], workspace_a: Tenant, project: Project
) -> None:
    for role in ("viewer", "billing", "reviewer", "manager"):
        assert member(role).get(address(project, workspace_a)).status_code == 200
    assert browser_of(make_annotator(project).user).get(
        address(project, workspace_a)
    ).status_code in (403, 404)


def test_the_page_asks_only_for_stored_figures(
    owner: Client, workspace_a: Tenant, project: Project, queries: Any
) -> None:
    plant_agreement(project, 0.45)
    with queries() as seen:
        owner.get(address(project, workspace_a))
    said = str(seen)
    assert len(seen) <= row_of("project_quality").most
    # The number on the tab of reviews is counted up to 1,000 by an index of its own.
    reads = said.count('FROM "projects_work_annotation"')
    assert reads <= 1 and "projects_quality_tally" not in said, said


def test_rest_says_the_same(workspace_a: Tenant, project: Project) -> None:
    plant_agreement(project, 0.05)
    bad = plant_annotator(make_annotator(project), 40, 90, direction=-1)
    said = workspace_a.client.get(f"/api/v1/projects/{project.pk}/quality/").json()
    assert (said["trust"]["state"], said["trust"]["verdict"]) == ("poor", "no")
    assert {said["first"]["state"], said["accepted"]["state"]} == {"poor"}
    agreement = workspace_a.client.get(f"/api/v1/projects/{project.pk}/agreement/").json()
    assert agreement["project"]["state"] == "poor", "one word in all of REST"
    assert said["steps"][0]["where"] == "contested"
    assert (said["first"]["alpha"], said["accepted"]["gwet"]) == (0.05, 0.47)
    assert [one["guideline_version"] for one in said["versions"]] == [1]
    assert said["annotators"]["below"] == 1
    rows = workspace_a.client.get(f"/api/v1/projects/{project.pk}/annotators/").json()["results"]
    assert [row["annotator"] for row in rows] == [bad.enrollment.pseudonym]
    assert rows[0]["agreement"] == pytest.approx(40 / 90)
    assert rows[0]["agreement_direction"] == -1


def test_the_limits_stand_in_order() -> None:
    assert 0 < trust.TASTE_USABLE_FROM < trust.TASTE_GOOD_FROM < trust.RELIABLE_FROM < 1  # type: ignore[attr-defined]
