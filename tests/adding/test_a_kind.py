"""A new question kind is one module, its line in the registry and its partial: a toy goes from import to export.

So does a new dataset: one module, its line, and one SQL rule.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.exports import engine
from projects.exports import services as exports
from projects.exports.forms import ExportForm
from projects.items.models import Batch
from projects.kinds.protocol import Question
from projects.plan.models import Project
from projects.quality.tasks import refresh
from projects.stats import agreement
from rlhfhub import invariants
from rlhfhub.tenancy import planes
from tests.adding.toys import thumbs, ups
from tests.exports.made import accept_all, assert_all_hold, lines, loaded, run_export
from tests.factories import Tenant, fund_batch, make_item, make_project
from tests.pages.conftest import browser_of
from tests.people import Annotator, make_annotator
from tests.stats.counted import of_matrix

pytestmark = pytest.mark.usefixtures("toy_kind", "toy_dataset")
ITEMS = 4
#: Of each annotator their answer to each item.
UP = {
    "grade": {"item": 1},
    "rules": {"accuracy": 1, "style": 1},
    "topics": {"math": 1, "law": 0},
    "steps": {"first": 1, "second": 1, "third": 0},
}
DOWN = {**UP, "grade": {"item": 0}, "rules": {"accuracy": 1, "style": 0}}
VERDICTS = [[UP, DOWN, UP, UP], [UP, DOWN, UP, DOWN], [UP, DOWN, DOWN, UP]]


@pytest.fixture
def project(workspace_a: Tenant) -> Project:
    return make_project(workspace_a, template="thumbs")


@pytest.fixture
def batch(workspace_a: Tenant, project: Project) -> Batch:
    """Made, filled and opened over REST."""
    rest = workspace_a.client
    path = f"/api/v1/projects/{project.pk}/batches/"
    made = rest.post(path, {"overlap": 3, "share_percent": 0}).json()
    body = "\n".join(json.dumps(item) for item in toy_items()).encode()
    items = f"/api/v1/batches/{made['id']}/items/"
    receipt = rest.post(items, body, content_type="application/x-ndjson")
    assert receipt.json()["created"] == ITEMS, receipt.content
    with planes.in_workspace(workspace_a.pk):
        batch = Batch.objects.get(pk=made["id"])
    fund_batch(batch)
    opened = rest.post(f"/api/v1/batches/{batch.pk}/open/")
    assert opened.json()["status"] == "open", opened.content
    return batch


def toy_items() -> list[dict[str, Any]]:
    """Of no response, of one, of two and of three."""
    texts = [{"text": f"Answer {letter}."} for letter in "ABC"]
    return [
        make_item(n, context={"topic": "tides"}, responses=texts[: n - 1])
        for n in range(1, ITEMS + 1)
    ]


def item_of(lease: dict[str, Any]) -> int:
    text = lease["prompt"][0]["content"]
    return int(text.removeprefix("Question ").removesuffix("?"))


def judge(person: Annotator, number: int) -> None:
    """Over REST, whatever waits."""
    while lease := person.lease():
        answer = VERDICTS[number][item_of(lease) - 1]
        path = f"/api/v1/desk/leases/{lease['id']}/submit/"
        sent = person.client.post(path, {"answer": answer})
        assert sent.status_code == 201, sent.content


def fields_of(answer: dict[str, dict[str, int]]) -> dict[str, str]:
    """As a browser sends the partial's fields."""
    return {
        f"{question}.{name}": str(value)
        for question, given in answer.items()
        for name, value in given.items()
    }


@pytest.fixture
def judged(
    workspace_a: Tenant, project: Project, batch: Batch, deliver: Callable[[], int]
) -> Tenant:
    for number, name in enumerate(("Ada", "Ben", "Cleo")):
        judge(make_annotator(project, name), number)
    deliver()
    refresh()
    return workspace_a


def desk(person: Annotator, name: str, *more: Any) -> str:
    return reverse(name, args=[person.enrollment.pk, *more])


def test_an_item_that_it_cannot_ask_about_is_refused_at_import(
    workspace_a: Tenant, project: Project
) -> None:
    rest = workspace_a.client
    made = rest.post(f"/api/v1/projects/{project.pk}/batches/", {}).json()
    four = [{"text": f"Answer {letter}."} for letter in "ABCD"]
    wrong = [make_item(1), make_item(2, context={"topic": "tides"}, responses=four)]
    body = "\n".join(json.dumps(item) for item in wrong).encode()
    path = f"/api/v1/batches/{made['id']}/items/"
    refused = rest.post(path, body, content_type="application/x-ndjson")
    assert refused.status_code == 400
    found = [(each["row"], each["field"]) for each in refused.json()["errors"]]
    assert found == [(1, "context"), (2, "responses")]
    assert "Name the topic." in refused.json()["detail"]


def test_its_partial_is_on_the_desk_and_works_as_a_plain_form(
    project: Project, batch: Batch
) -> None:
    person = make_annotator(project, "Ada")
    browser: Client = browser_of(person.user)
    page = browser.get(desk(person, "desk")).content.decode()
    assert all(f'name="{field}"' in page for field in fields_of(UP))
    lease = person.lease()
    assert lease
    wrong = browser.post(desk(person, "desk_submit", lease["id"]), {"grade.item": "1"})
    assert wrong.status_code == 422
    assert "This question must be answered." in wrong.content.decode()
    sent = browser.post(desk(person, "desk_submit", lease["id"]), fields_of(DOWN))
    assert sent.status_code == 303
    after = person.lease()
    assert after and after["id"] != lease["id"]


def test_the_heads_of_responses_say_what_the_kind_says(
    project: Project, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    presented = thumbs.present

    def present(question: Question) -> dict[str, Any]:
        return {**presented(question), "picks_response": True, "picked_words": "funnier"}

    monkeypatch.setattr(thumbs, "present", present)
    person = make_annotator(project, "Ada")
    browser = browser_of(person.user)
    for _ in range(ITEMS):
        lease = person.lease()
        assert lease
        page = browser.get(desk(person, "desk")).content.decode()
        assert page.count(">funnier</span>") == len(lease["responses"])
        assert ">better</span>" not in page
        browser.post(desk(person, "desk_submit", lease["id"]), fields_of(UP))


def test_a_draft_of_it_comes_back_to_the_page_and_over_rest(project: Project, batch: Batch) -> None:
    person = make_annotator(project, "Ada")
    lease = person.lease()
    assert lease
    half = {"topics": {"law": 1}, "steps": {"second": 0}}
    browser = browser_of(person.user)
    kept = browser.post(desk(person, "desk_draft", lease["id"]), fields_of(half))
    assert kept.status_code == 204
    again = person.lease()
    assert again and again["draft"] == half
    page = browser.get(desk(person, "desk")).content.decode()
    assert 'name="topics.law" value="1" data-keys="u" checked' in page
    assert page.count(" checked><span") == 2


def test_its_judgments_are_tallied_and_agreement_is_on_its_level(
    judged: Tenant, project: Project
) -> None:
    path = f"/api/v1/projects/{project.pk}/agreement/"
    matrices = {
        "grade": [[0, 3], [3, 0], [1, 2], [1, 2]],
        "rules": [[0, 3]] * 4 + [[0, 3], [3, 0], [1, 2], [1, 2]],
        "topics": [[0, 3], [3, 0]] * 4,
        "steps": [[0, 3], [0, 3], [3, 0]] * 4,
    }
    for question, matrix in matrices.items():
        found = judged.client.get(path, {"question": question}).json()
        level = "nominal" if question == "topics" else "ordinal"
        expected = agreement.agreement(of_matrix(matrix), level)
        assert found["questions"] == list(matrices)
        assert found["project"]["alpha"] == pytest.approx(expected.alpha)
        assert (found["project"]["items"], found["project"]["level"]) == (ITEMS, level)


def test_consensus_names_its_facets(judged: Tenant, batch: Batch) -> None:
    path = f"/api/v1/batches/{batch.pk}/consensus/"
    units = {
        "grade": {"grade": [3, 0]},
        "rules": {"rules/accuracy": [0, 3], "rules/style": [3, 0]},
        "topics": {"topics=math": [0, 3], "topics=law": [3, 0]},
        "steps": {"steps#0": [0, 3], "steps#1": [0, 3], "steps#2": [3, 0]},
    }
    for question, wanted in units.items():
        rows = judged.client.get(path, {"question": question}).json()["results"]
        [second] = [row for row in rows if row["external_id"] == "item-2"]
        assert {facet["unit"]: facet["votes"] for facet in second["facets"]} == wanted


def test_members_pages_show_it(judged: Tenant, project: Project, batch: Batch) -> None:
    browser = browser_of(judged.owner)
    slug = judged.workspace.slug
    review = browser.get(reverse("review", args=[slug, project.pk])).content.decode()
    for line in ("Good? item up", "Kept: accuracy up, style down", "Right: first up, second up"):
        assert line in review
    assert "review-answer-chosen" not in review, "no response is marked"
    for name, of in (("project", project), ("batch", batch), ("exports", project)):
        page = browser.get(reverse(name, args=[slug, of.pk]))
        assert page.status_code == 200
    assert ups.TITLE in page.content.decode()


@pytest.mark.slow
def test_its_answers_are_exported_one_by_one_and_as_the_toy_dataset(
    judged: Tenant, project: Project
) -> None:
    accept_all(judged)
    answers = lines(run_export(judged, project, dataset="annotations"))
    assert len(answers) == 3 * ITEMS
    given = next(row for row in answers if row["external_id"] == "item-2")
    assert json.loads(given["answer"]) == DOWN
    assert {"unit": "steps#2", "value": 0} in given["judgments"]
    rows = lines(run_export(judged, project, dataset="ups"))
    assert rows[1] == {
        "external_id": "item-2",
        "grade": 0,
        "rules": 0.5,
        "topics": 0.5,
        "steps": 2 / 3,
    }
    assert [row["grade"] for row in rows] == [1, 0, 2 / 3, 2 / 3]
    assert_all_hold()
    broken = [found for found in invariants.verify() if not found.holds]
    assert broken == []


@pytest.fixture
def all_but_one(workspace_a: Tenant, project: Project, batch: Batch) -> Tenant:
    """Three annotators answered every item, except one item that the third returned; all answers are accepted."""
    people = [make_annotator(project, name) for name in ("Ada", "Ben", "Cleo")]
    lease = people[2].lease()
    assert lease
    path = f"/api/v1/desk/leases/{lease['id']}/return/"
    assert people[2].client.post(path, {"reason": "unclear"}).status_code == 204
    for number, person in enumerate(people):
        judge(person, number)
    accept_all(workspace_a)
    return workspace_a


@pytest.mark.slow
def test_the_toy_dataset_goes_from_the_form_to_a_folder_that_loads(
    all_but_one: Tenant, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = all_but_one.client
    with planes.in_workspace(all_but_one.pk):
        choices = dict(ExportForm(project=project).fields["dataset"].choices)  # type: ignore[attr-defined]
    assert ups.TITLE in choices["ups"]
    asked = client.post(f"/api/v1/projects/{project.pk}/exports/", {"dataset": "ups"})
    assert (asked.status_code, asked.json()["dataset"]) == (202, "ups")
    engine.run(workspace_id=all_but_one.pk, export_id=asked.json()["id"])
    done = client.get(f"/api/v1/exports/{asked.json()['id']}/").json()
    found = (done["state"], done["rows"], done["counts"]["items_rare"])
    assert found == ("finished", ITEMS - 1, 1)
    assert done["manifest"]["dataset"] == "ups"
    assert done["manifest"]["columns"] == {"external_id": "string", **dict.fromkeys(UP, "float64")}
    with planes.in_workspace(all_but_one.pk):
        export = exports.get_for_writing(done["id"])
    assert list(loaded(export, tmp_path, monkeypatch)["train"]) == lines(export)
    card = next((tmp_path / "out").glob("*/README.md")).read_text()
    assert f"| {ups.LEFT_OUT['rare']} | 1 |" in card
    assert ups.DESCRIPTION in card


def test_what_its_form_cannot_make_is_refused(judged: Tenant, project: Project) -> None:
    path = f"/api/v1/projects/{project.pk}/exports/"
    refused = judged.client.post(path, {"dataset": "dpo"})
    assert refused.status_code == 400
    assert "annotations, ups" in refused.json()["detail"]
    taken = judged.client.post(path, {})
    assert taken.json()["dataset"] == "annotations"
