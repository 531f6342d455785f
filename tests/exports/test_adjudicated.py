"""Datasets use an item's final answer in place of the consensus and say so; exports made before it are marked."""

import json
from typing import Any

from projects.exports import storage
from projects.exports.changes import Changes, changes_of
from projects.exports.models import Export, ExportRow
from projects.plan.models import Project
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.adjudications import adjudicate, item_of, prefers, withdraw
from tests.exports.made import (
    accept_all,
    assert_all_hold,
    change_form,
    forget,
    frozen,
    judge,
    lines,
    reload,
    request_export,
    run,
    run_export,
)
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.rejections import reject


def _by_item(export: Export) -> dict[str, dict[str, Any]]:
    """The rows of an export of pairs by external id: the text chosen, and the metadata."""
    found = {}
    for row in lines(export):
        about = json.loads(row["metadata"])
        found[about["external_id"]] = {"chosen": row["chosen"][0]["content"], **about}
    return found


def _votes(row: dict[str, Any]) -> tuple[int, int, int]:
    return row["votes_for"], row["votes_against"], row["votes_neither"]


def test_pairs_follow_the_final_answer_and_keep_the_votes(
    accepted: Tenant, project: Project
) -> None:
    """The minority's answer, a contested item, a tie over a majority, and a majority confirmed."""
    before = run_export(accepted, project)
    assert _by_item(before).keys() == {"item-1", "item-2"}
    for name, response in (("1", 1), ("4", 0), ("2", 1)):
        adjudicate(accepted, item_of(accepted, f"item-{name}").pk, prefers(response))
    export = run_export(accepted, project)
    rows = _by_item(export)
    assert {name: row["chosen"].split()[0] for name, row in rows.items()} == {
        "item-1": "Second",
        "item-2": "Second",
        "item-4": "First",
    }
    assert {row["provenance"] for row in rows.values()} == {"adjudicated"}
    assert [_votes(rows[name]) for name in ("item-1", "item-2", "item-4")] == [
        (1, 2, 0),
        (3, 0, 0),
        (1, 1, 1),
    ]
    assert rows["item-1"]["chosen_model"] == "model-b"
    assert (export.counts["items_adjudicated"], export.counts["items_contested"]) == (3, 1)
    assert export.manifest and export.manifest["counts"]["items_adjudicated"] == 3
    card = (storage.folder(export) / storage.FOLDER / "README.md").read_text()
    assert "| of them with a final answer by a reviewer | 3 |" in card
    assert "final answer" in export.manifest["source"]["rule"]

    adjudicate(accepted, item_of(accepted, "item-1").pk, prefers("tie"), seen=1)
    withdraw(accepted, item_of(accepted, "item-2").pk)
    again = run_export(accepted, project)
    rows = _by_item(again)
    assert rows.keys() == {"item-2", "item-4"}
    assert rows["item-2"]["provenance"] == "annotators"
    assert (again.counts["items_tied"], again.counts["items_adjudicated"]) == (2, 1)
    assert_all_hold()


def test_an_export_names_its_final_answers_and_is_marked_when_they_change(
    accepted: Tenant, project: Project
) -> None:
    item = item_of(accepted, "item-4")
    first = adjudicate(accepted, item.pk, prefers(0))
    export = run_export(accepted, project)
    same = frozen(request_export(accepted, project))
    with planes.in_workspace(accepted.pk):
        named = ExportRow.objects.filter(export=export, item=item)
        assert named.get().adjudication_id == first.pk
        assert changes_of([export]) == {}
    adjudicate(accepted, item.pk, prefers(1), seen=1)
    adjudicate(accepted, item_of(accepted, "item-2").pk, prefers(1))
    withdraw(accepted, item_of(accepted, "item-2").pk)

    with planes.in_workspace(accepted.pk):
        assert changes_of([export]) == {export.pk: Changes(adjudicated=2)}
    answer: Any = accepted.client.get(f"/api/v1/exports/{export.pk}/").json()
    assert answer["changed_since"]["adjudicated"] == 2
    page = browser_of(accepted.owner).get(
        f"/w/{accepted.workspace.slug}/projects/{project.pk}/exports/"
    )
    words = " ".join(page.content.decode().split())
    assert "The final answer to 2 of its items was given, changed or withdrawn." in words

    # What was frozen is written as the same bytes, whatever was decided since.
    forget(same)
    run(same)
    assert reload(same).sha256 == export.sha256
    assert _by_item(export)["item-4"]["chosen"].startswith("First")
    newer = run_export(accepted, project)
    assert _by_item(newer)["item-4"]["chosen"].startswith("Second")
    with planes.in_workspace(accepted.pk):
        assert changes_of([newer]) == {}
    assert_all_hold()


def test_undecided_answers_keep_an_item_out_and_rejected_ones_do_not(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    make_batch(project, 2)
    judge(annotators, {"1": ["first"] * 3, "2": ["first"] * 3})
    for name in ("item-1", "item-2"):
        adjudicate(workspace_a, item_of(workspace_a, name).pk, prefers(1))
    with planes.in_workspace(workspace_a.pk):
        refused = Annotation.objects.filter(item__external_id="item-2")
        for annotation_id in list(refused.values_list("pk", flat=True)):
            reject(annotation_id, workspace_a)
    export = run_export(workspace_a, project)
    rows = _by_item(export)
    assert rows.keys() == {"item-2"}
    assert (rows["item-2"]["chosen"][:6], _votes(rows["item-2"])) == ("Second", (0, 0, 0))
    assert (export.counts["items_undecided"], export.counts["annotations_in_rows"]) == (1, 0)
    asked_for = run_export(workspace_a, project, include_undecided=True)
    row = _by_item(asked_for)["item-1"]
    assert (row["provenance"], row["undecided"], _votes(row)) == ("adjudicated", 3, (0, 3, 0))
    listed = run_export(workspace_a, project, dataset="annotations")
    assert {row["external_id"]: row["adjudicated"] for row in lines(listed)} == {"item-1": True}
    assert len(lines(listed)) == 3
    assert_all_hold()


RATED = [
    {"name": "helpful", "kind": "rating", "title": "How helpful?"},
    {"name": "clear", "kind": "rating", "title": "How clear?", "required": False},
]


def test_a_final_rating_takes_the_place_of_the_mean(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    """Of each question that it rates; on the others the mean stays, and so do all counts.

    A frozen export has the rating that stood then, whenever it is written.
    """
    change_form(workspace_a, project, RATED)
    make_batch(project, 2)
    for number, annotator in enumerate(annotators, 1):
        while lease := annotator.lease():
            given = {shown["key"]: number for shown in lease["responses"]}
            answer = {"answer": {"helpful": given, "clear": given}}
            path = f"/api/v1/desk/leases/{lease['id']}/submit/"
            assert annotator.client.post(path, answer).status_code == 201
    accept_all(workspace_a)
    adjudicate(workspace_a, item_of(workspace_a, "item-2").pk, {"helpful": {"0": 5, "1": 1}})
    export = run_export(workspace_a, project)
    same = frozen(request_export(workspace_a, project))
    adjudicate(workspace_a, item_of(workspace_a, "item-2").pk, {"helpful": {"0": 4, "1": 4}}, 1)
    forget(same)
    run(same)
    assert reload(same).sha256 == export.sha256
    rows = lines(export)
    assert [(row["helpful"], row["clear"]) for row in rows] == [(2, 2), (2, 2), (5, 2), (1, 2)]
    about = [json.loads(row["metadata"]) for row in rows]
    assert [each["provenance"]["helpful"] for each in about] == ["annotators"] * 2 + [
        "adjudicated"
    ] * 2
    assert {each["provenance"]["clear"] for each in about} == {"annotators"}
    assert about[2]["counts"]["helpful"] == {"1": 1, "2": 1, "3": 1, "4": 0, "5": 0}
    assert_all_hold()
