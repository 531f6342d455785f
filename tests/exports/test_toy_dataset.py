"""A new dataset is one file and one SQL rule: form, REST, counts, manifest and card follow from it."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from projects.exports import engine, rule
from projects.exports.forms import ExportForm
from projects.formats import writing
from projects.formats.writing.protocol import AskedForm, Column
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.exports.made import assert_all_hold, lines, loaded, reload
from tests.factories import Tenant

RULE = """
SELECT item_id, 0 AS place, '{}'::smallint[] AS responses, ARRAY[count(*)]::int[] AS counts,
    count(*) FILTER (WHERE undecided) AS undecided, array_agg(id ORDER BY id) AS annotations,
    CASE WHEN count(*) < 3 THEN 'rare' END AS left_out
FROM decided GROUP BY item_id
"""


def _questions(form: AskedForm) -> tuple[Any, ...]:
    return tuple(
        question
        for question in form.questions
        if any(step.side is not None for step in question.steps)
    )


def _read(block: bytes) -> list[dict[str, Any]]:
    return [
        {"question": prompt[0]["content"], "answers": counts[0]}
        for prompt, _responses, _external_id, _metadata, _order, counts, _undecided in json.loads(
            block
        )
    ]


TOY = SimpleNamespace(
    NAME="toy",
    TITLE="Often compared",
    DESCRIPTION="How many compared each item.",
    RULE="One row for each item that three people compared.",
    TAGS=("toy",),
    LEFT_OUT={"rare": "Items compared by fewer than three"},
    WITH_ANSWERS=False,
    EXAMPLE="",
    questions=_questions,
    columns=lambda forms: (
        Column("question", "string", "what was asked"),
        Column("answers", "int64", "how many answered"),
    ),
    reader=lambda forms: _read,
    check=lambda rows, before: None,
)


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    rules = tmp_path / "rules"
    rules.mkdir()
    for path in rule.FOLDER.iterdir():
        (rules / path.name).write_text(path.read_text())
    (rules / "toy.sql").write_text(RULE)
    monkeypatch.setattr(rule, "FOLDER", rules)
    writing.register(TOY)
    yield
    writing.unregister("toy")


def test_a_toy_dataset_goes_from_the_form_to_a_folder_that_loads(
    toy: None,
    accepted: Tenant,
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with planes.in_workspace(accepted.pk):
        choices = dict(ExportForm(project=project).fields["dataset"].choices)
    assert "Often compared" in choices["toy"]

    at = f"/api/v1/projects/{project.pk}/exports/"
    asked = accepted.client.post(at, {"dataset": "toy"})
    assert (asked.status_code, asked.json()["dataset"]) == (202, "toy")
    engine.run(workspace_id=accepted.pk, export_id=asked.json()["id"])
    done = accepted.client.get(f"/api/v1/exports/{asked.json()['id']}/").json()
    assert (done["state"], done["rows"], done["counts"]["items_rare"]) == ("finished", 4, 1)
    assert done["manifest"]["dataset"] == "toy"
    assert done["manifest"]["columns"] == {"question": "string", "answers": "int64"}

    export = reload(SimpleNamespace(pk=done["id"], workspace_id=accepted.pk))
    assert lines(export) == [{"question": f"Question {n}?", "answers": 3} for n in range(1, 5)]
    assert list(loaded(export, tmp_path, monkeypatch)["train"]) == lines(export)
    card = (tmp_path / "out").glob("*/README.md").__next__().read_text()
    assert "| Items compared by fewer than three | 1 |" in card
    assert "How many compared each item." in card
    assert_all_hold()


def test_it_is_not_offered_where_no_form_compares(toy: None) -> None:
    assert _questions(AskedForm("", 1, ())) == ()


@pytest.mark.parametrize("dataset", writing.every(), ids=lambda dataset: dataset.NAME)
def test_every_dataset_has_its_rule(dataset: Any) -> None:
    assert (rule.FOLDER / f"{dataset.NAME}.sql").is_file()
    assert "left_out" in rule.statement("freeze", dataset)
