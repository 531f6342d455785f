"""Every export loads offline with `datasets`, whatever its items hold, and its counts add up."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from projects.exports import storage
from projects.items import services as batches
from projects.items.models import Batch
from projects.plan.models import Project
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.exports.made import accept_all, assert_all_hold, lines, loaded, run_export
from tests.factories import Tenant, fund_batch, import_items, make_batch
from tests.people import Annotator

LONG = "A sentence that is neither short nor the last of its kind. " * 5000
WIDE = 'שלום 世界 \U0001f469\u200d\U0001f52c e\u0301 \u202e\u2028 "\\" \u0001 {% raw %} ---\n---\r\n\t<|im_end|>'


def turns(*contents: str) -> list[dict[str, str]]:
    roles = ("user", "assistant")
    return [{"role": roles[n % 2], "content": text} for n, text in enumerate(contents)]


ITEMS: list[dict[str, Any]] = [
    {
        "external_id": "wide",
        "prompt": WIDE,
        "responses": [{"text": WIDE + "1"}, {"text": WIDE + "2"}],
    },
    {
        "external_id": "long",
        "prompt": LONG,
        "responses": [{"text": LONG + "1"}, {"text": LONG + "2"}],
    },
    {
        "external_id": "turns",
        "prompt": [{"role": "system", "content": "Be brief."}, *turns("Why?", "Because.", "And?")],
        "responses": [
            {"messages": [{"role": "assistant", "content": "So it is."}]},
            {"messages": [{"role": "assistant", "content": "No more."}]},
        ],
        "metadata": {"license": "mit", "source": "LLMBar"},
    },
]


@pytest.fixture
def odd(workspace_a: Tenant, project: Project, annotators: list[Annotator]) -> Tenant:
    with planes.in_workspace(workspace_a.pk):
        batch = batches.create_batch(project=project, actor_id=None)
    import_items(batch, ITEMS)
    fund_batch(batch)
    with planes.in_workspace(workspace_a.pk):
        batches.open_batch(batch=batch, actor_id=None)
    for annotator in annotators:
        while lease := annotator.lease():
            texts = [shown["messages"][-1]["content"] for shown in lease["responses"]]
            # The same content for all, wherever it is shown.
            assert annotator.prefer(lease, max(texts)).status_code == 201
    accept_all(workspace_a)
    return workspace_a


def test_wide_long_and_many_turns(
    odd: Tenant, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = run_export(odd, project)
    splits = loaded(export, tmp_path, monkeypatch)
    assert list(splits) == ["train"]
    rows = {json.loads(row["metadata"])["external_id"]: row for row in splits["train"]}
    assert list(splits["train"]) == lines(export)
    assert rows["wide"]["prompt"] == turns(WIDE)
    assert rows["wide"]["chosen"] == [{"role": "assistant", "content": WIDE + "2"}]
    assert rows["long"]["rejected"] == [{"role": "assistant", "content": LONG + "1"}]
    assert rows["turns"]["prompt"] == ITEMS[2]["prompt"]
    assert json.loads(rows["turns"]["metadata"])["item_metadata"] == ITEMS[2]["metadata"]
    message = {"role": ("string",), "content": ("string",)}
    shape = {
        name: {key: (value.dtype,) for key, value in splits["train"].features[name].feature.items()}
        for name in ("prompt", "chosen", "rejected")
    }
    assert shape == {"prompt": message, "chosen": message, "rejected": message}
    assert splits["train"].features["metadata"].dtype == "string"


@pytest.mark.slow
def test_the_card_says_what_is_so(odd: Tenant, project: Project) -> None:
    import yaml

    export = run_export(odd, project)
    text = (storage.folder(export) / storage.FOLDER / "README.md").read_text()
    front = yaml.safe_load(text.split("---\n")[1])
    data = sum(f["bytes"] for f in export.manifest["files"] if f["path"].startswith("data/"))
    info = front["dataset_info"]
    assert front["license"] == "unknown"
    assert front["configs"][0]["data_files"] == [{"split": "train", "path": "data/train-*"}]
    assert [f["name"] for f in info["features"]] == ["prompt", "chosen", "rejected", "metadata"]
    assert info["splits"][0]["num_examples"] == export.rows == 3
    assert info["dataset_size"] == info["splits"][0]["num_bytes"] > 3 * len(LONG)
    assert info["download_size"] == data
    assert "No license was stated" in text


def test_an_empty_export_is_whole_and_says_so(
    workspace_a: Tenant, project: Project, batch: Batch
) -> None:
    export = run_export(workspace_a, project)
    assert (export.state, export.rows) == ("finished", 0)
    assert lines(export) == []
    with zipfile.ZipFile(storage.folder(export) / storage.ARCHIVE) as archive:
        names = {name.split("/", 1)[1] for name in archive.namelist()}
    assert names == {"README.md", ".rlhfhub/manifest.json"}
    counts = export.manifest["counts"]
    assert counts["items"] == counts["items_unanswered"] == 5


def test_one_batch_loads(
    judged: Tenant, project: Project, batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept_all(judged)
    make_batch(project, 2, first=50)
    export = run_export(judged, project, batch)
    assert loaded(export, tmp_path, monkeypatch)["train"].num_rows == 2
    assert export.manifest["source"]["batch"] == str(batch.pk)
    assert export.manifest["counts"]["items"] == 5


@pytest.mark.parametrize("dataset", ["dpo", "annotations"])
@pytest.mark.parametrize("include_undecided", [False, True])
@pytest.mark.parametrize("left", [0, 1, 9, 14])
def test_nothing_is_left_out_of_the_counts(
    judged: Tenant, project: Project, left: int, include_undecided: bool, dataset: str
) -> None:
    accept_all(judged, leave=left)
    make_batch(project, 2, first=50)
    counts = run_export(
        judged, project, dataset=dataset, include_undecided=include_undecided
    ).manifest["counts"]
    assert (counts["items"], counts["items_unanswered"], counts["annotations"]) == (7, 2, 14)
    assert counts["annotations_undecided"] == left
    assert counts["annotations_in_rows"] <= 14
    # The sums are held by the invariants of exports.
    assert_all_hold()


def test_items_of_too_few_annotations_are_counted(judged: Tenant, project: Project) -> None:
    """An item has three slots, and one of its answers does not count."""
    accept_all(judged)
    with planes.in_workspace(judged.pk):
        of_item = Annotation.objects.filter(item__external_id="item-2")
        of_item.filter(pk=of_item.first().pk).update(set_aside=True)
    counts = run_export(judged, project).manifest["counts"]
    assert (counts["rows"], counts["items_below_overlap"], counts["annotations_set_aside"]) == (
        2,
        1,
        1,
    )
    assert counts["annotations_in_rows"] == 5
    assert_all_hold()


def test_the_manifest_counts_what_imports_were_warned_of(
    workspace_a: Tenant, project: Project
) -> None:
    with planes.in_workspace(workspace_a.pk):
        batch = batches.create_batch(project=project, actor_id=None)
    twice = [*turns("Why?"), *turns("And why?")]
    responses = [{"text": "So."}, {"text": "Not so."}]
    import_items(batch, [{"external_id": "t", "prompt": twice, "responses": responses}])
    export = run_export(workspace_a, project)
    assert export.manifest["warnings"] == {"role_twice": 1}
