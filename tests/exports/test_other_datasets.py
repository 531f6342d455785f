"""Ratings of responses and annotations one by one, from the desk to a folder that loads."""

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from projects.items import services as batches
from projects.plan.models import Project
from projects.work.models import Annotation, Lease
from rlhfhub.tenancy import planes
from tests.exports.made import (
    accept_all,
    assert_all_hold,
    change_form,
    judge,
    lines,
    loaded,
    run_export,
)
from tests.factories import Tenant, make_batch
from tests.people import Annotator

RATED: list[dict[str, Any]] = [
    {"name": "helpful", "kind": "rating", "title": "How helpful | useful?"},
    {
        "name": "prompt",
        "kind": "rating",
        "title": "How clear?",
        "low": 0,
        "high": 3,
        "required": False,
    },
    {"name": "note", "kind": "text", "title": "A note", "required": False},
]


@pytest.fixture
def rated(workspace_a: Tenant, project: Project, annotators: list[Annotator]) -> Tenant:
    """Two items: the first response is rated 1, 2, 3, and the second always 5."""
    change_form(workspace_a, project, RATED)
    make_batch(project, 2)
    for number, annotator in enumerate(annotators, 1):
        while lease := annotator.lease():
            answer = {"helpful": {}, "prompt": {}}
            for shown in lease["responses"]:
                first = shown["messages"][0]["content"].startswith("First")
                answer["helpful"][shown["key"]] = number if first else 5
                answer["prompt"][shown["key"]] = 0
            if number == 3:
                del answer["prompt"]
            path = f"/api/v1/desk/leases/{lease['id']}/submit/"
            response = annotator.client.post(path, {"answer": answer})
            assert response.status_code == 201, response.content
    accept_all(workspace_a)
    return workspace_a


def test_a_row_a_response_with_the_mean_of_each_question(
    rated: Tenant, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = run_export(rated, project)
    assert (export.state, export.dataset) == ("finished", "ratings"), export.error
    rows = lines(export)
    assert [row["response"][0]["content"] for row in rows] == [
        *("First answer to 1.", "Second answer to 1."),
        *("First answer to 2.", "Second answer to 2."),
    ]
    assert [row["helpful"] for row in rows] == [2.0, 5.0, 2.0, 5.0]
    # A question may not take the name of a column that is there already.
    assert [row["prompt_rating"] for row in rows] == [0.0] * 4
    assert rows[0]["prompt"] == [{"role": "user", "content": "Question 1?"}]
    about = json.loads(rows[0]["metadata"])
    assert (about["response"], about["model"], about["undecided"]) == (0, "model-a", 0)
    assert about["counts"] == {
        "helpful": {"1": 1, "2": 1, "3": 1, "4": 0, "5": 0},
        "prompt": {"0": 2, "1": 0, "2": 0, "3": 0},
    }
    assert export.counts["annotations_in_rows"] == 6
    assert export.counts["items_in_rows"] == 2
    split = loaded(export, tmp_path, monkeypatch)["train"]
    assert list(split) == rows
    assert split.features["helpful"].dtype == "float64"
    assert_all_hold()


def test_questions_on_other_scales_stand_in_one_list_of_counts(
    rated: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    """A second version of the form uses another scale; answers keep the values of their own scale."""
    wider = [{**RATED[0], "high": 7}]
    change_form(rated, project, wider)
    make_batch(project, 1, first=50)
    lease = annotators[0].lease()
    assert lease
    answer = {"helpful": {shown["key"]: 7 for shown in lease["responses"]}}
    path = f"/api/v1/desk/leases/{lease['id']}/submit/"
    assert annotators[0].client.post(path, {"answer": answer}).status_code == 201
    accept_all(rated)
    rows = lines(run_export(rated, project, dataset="ratings"))
    assert [row["helpful"] for row in rows] == [2.0, 5.0, 2.0, 5.0, 7.0, 7.0]
    assert [row["prompt_rating"] for row in rows] == [0.0] * 4 + [None] * 2
    assert_all_hold()


def test_an_optional_question_that_nobody_answers_makes_no_row(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    questions = [{**RATED[0], "required": False}, {**RATED[2], "required": True}]
    change_form(workspace_a, project, questions)
    make_batch(project, 1)
    lease = annotators[0].lease()
    assert lease
    path = f"/api/v1/desk/leases/{lease['id']}/submit/"
    assert annotators[0].client.post(path, {"answer": {"note": "No."}}).status_code == 201
    accept_all(workspace_a)
    export = run_export(workspace_a, project)
    assert (export.rows, export.counts["items_unjudged"]) == (0, 1)
    assert_all_hold()


def _position_chosen(row: dict[str, Any]) -> int:
    return row["shown"].index(json.loads(row["answer"])["preference"]["choice"])


def test_every_answer_with_the_order_it_was_shown_in(
    workspace_a: Tenant,
    project: Project,
    annotators: list[Annotator],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_batch(project, 3)
    judge(annotators, {"1": ["first"] * 3, "2": ["second", "tie", "first"], "3": ["tie"] * 3})
    accept_all(workspace_a, leave=2)
    export = run_export(workspace_a, project, dataset="annotations")
    rows = lines(export)
    assert len(rows) == export.rows == 9
    assert list(loaded(export, tmp_path, monkeypatch)["train"]) == rows
    stored = dict(_stored(workspace_a))
    pseudonyms = {annotator.enrollment.pseudonym for annotator in annotators}
    assert {row["annotator"] for row in rows} == pseudonyms
    for row in rows:
        given, shown = stored[row["annotation"]]
        assert (row["shown"], row["seconds"]) == (shown, pytest.approx(given.seconds))
        assert json.loads(row["answer"]) == given.answer
        assert row["judgments"] == [{"unit": "preference@0-1", "value": given.judged[0]}]
        assert row["texts"] == [{"question": "reason", "text": "Because it is better."}]
        assert (row["guideline_version"], row["form_version"], row["batch"]) == (1, 1, 1)
        assert row["models"] == ["model-a", "model-b"]
        assert row["submitted_at"] == f"{given.submitted_at:%Y-%m-%dT%H:%M:%S.%fZ}"
    # What a position effect is computed from: where the chosen response stood.
    chosen = [row for row in rows if row["judgments"][0]["value"] != 0]
    assert len(chosen) == 5
    assert {_position_chosen(row) for row in chosen} <= {0, 1}
    states = sorted((row["state"], row["decided_by"] or "") for row in rows)
    assert states == [("accepted", "person")] * 7 + [("submitted", "")] * 2
    assert export.counts["rows_undecided"] == 2
    assert_all_hold()


def _stored(tenant: Tenant) -> Iterator[tuple[str, tuple[Annotation, list[int]]]]:
    with planes.in_workspace(tenant.pk):
        for given in Annotation.objects.all():
            yield str(given.pk), (given, Lease.objects.get(pk=given.lease_id).shown)


EIGHT = [{"name": "better", "kind": "preference", "title": "Which is better?", "scale": "eight"}]


def _strong(lease: dict[str, Any], side: str, strength: int) -> dict[str, Any]:
    keys = {r["messages"][0]["content"].split()[0]: r["key"] for r in lease["responses"]}
    return {"better": {"choice": keys[side], "strength": strength}}


def test_one_answer_an_item_with_a_share_of_three_makes_a_whole_dataset(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    """Strengths do not outvote: a side has one vote for each annotation."""
    change_form(workspace_a, project, EIGHT)
    make_batch(project, 10, plan=batches.Plan(1, 20, 3))
    given: dict[str, list[tuple[str, int]]] = {}
    for number, annotator in enumerate(annotators):
        while lease := annotator.lease():
            said = ("First", 1) if number else ("Second", 4)
            given.setdefault(lease["prompt"][0]["content"], []).append(said)
            path = f"/api/v1/desk/leases/{lease['id']}/submit/"
            answer = {"answer": _strong(lease, *said)}
            assert annotator.client.post(path, answer).status_code == 201
    assert sorted(map(len, given.values())) == [1] * 8 + [3] * 2
    accept_all(workspace_a)
    export = run_export(workspace_a, project)
    assert export.dataset == "dpo"
    rows = lines(export)
    assert len(rows) == 10
    assert (export.counts["items_below_overlap"], export.counts["annotations_in_rows"]) == (0, 14)
    for row in rows:
        said = given[row["prompt"][0]["content"]]
        first = mean(side == "First" for side, _ in said) > 0.5
        assert row["chosen"][0]["content"].startswith("First") == first
    assert_all_hold()
