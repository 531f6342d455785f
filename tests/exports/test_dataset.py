"""An export holds what its manifest promises, loads offline, and never what was not accepted."""

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from projects.exports import dataset, engine, services, storage, stream
from projects.exports.heartbeat import ExportHeartbeat
from projects.exports.models import Export, ExportRow
from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.exports.made import accept_all, frozen, judge, request_export, run_export
from tests.factories import Tenant, make_batch
from tests.people import Annotator


def test_rows_are_the_majorities_and_the_counts_say_the_rest(
    judged: Tenant, project: Project
) -> None:
    accept_all(judged)
    export = run_export(judged, project)
    assert export.state == "finished", export.error
    rows = [
        json.loads(line)
        for line in (storage.folder(export) / storage.JSONL).read_text().splitlines()
    ]
    assert [(r["prompt"][0]["content"], r["chosen"][0]["content"]) for r in rows] == [
        ("Question 1?", "First answer to 1."),
        ("Question 2?", "Second answer to 2."),
    ]
    assert rows[0]["rejected"] == [{"role": "assistant", "content": "Second answer to 1."}]
    about = json.loads(rows[0]["metadata"])
    assert (about["external_id"], about["chosen_model"], about["rejected_model"]) == (
        "item-1",
        "model-a",
        "model-b",
    )
    assert (about["votes_for"], about["votes_against"], about["votes_neither"]) == (2, 1, 0)
    assert about["undecided"] == 0
    counts = export.manifest["counts"]
    assert counts == export.counts
    assert (counts["rows"], counts["items_in_rows"], counts["annotations_in_rows"]) == (2, 2, 6)
    assert counts["items"] == counts["items_answered"] == counts["items_decided"] == 5
    assert (counts["items_tied"], counts["items_contested"]) == (1, 2)
    assert counts["annotations"] == counts["annotations_accepted"] == 14
    assert counts["leases_returned"] == 1
    assert counts["annotations_under_guideline_1"] == 14


def test_undecided_work_makes_no_pair(judged: Tenant, project: Project) -> None:
    export = run_export(judged, project)
    assert export.state == "finished"
    assert export.rows == 0
    counts = export.manifest["counts"]
    assert (counts["annotations_undecided"], counts["items_undecided"]) == (14, 5)
    assert not (storage.folder(export) / storage.FOLDER / "data").exists()


@pytest.mark.slow
def test_the_folder_loads_offline_and_equals_the_manifest(
    judged: Tenant, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    accept_all(judged)
    export = run_export(judged, project)
    with zipfile.ZipFile(storage.folder(export) / storage.ARCHIVE) as archive:
        archive.extractall(tmp_path / "out")
    (folder,) = (tmp_path / "out").iterdir()
    loaded = load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))["train"]
    lines = (storage.folder(export) / storage.JSONL).read_text().splitlines()
    assert [dict(row) for row in loaded] == [json.loads(line) for line in lines]
    assert len(loaded) == export.manifest["rows"] == export.rows
    assert dataset.check(export) == []


def test_the_same_membership_makes_the_same_bytes(judged: Tenant, project: Project) -> None:
    accept_all(judged)
    one, two = run_export(judged, project), run_export(judged, project)
    assert one.sha256 == two.sha256
    data = "data/train-00000-of-00001.parquet"
    assert (storage.folder(one) / storage.FOLDER / data).read_bytes() == (
        storage.folder(two) / storage.FOLDER / data
    ).read_bytes()


def test_one_batch_alone(judged: Tenant, project: Project, batch: Batch) -> None:
    accept_all(judged)
    other = make_batch(project, 2, first=50)
    assert run_export(judged, project, batch).rows == 2
    assert run_export(judged, project, other).rows == 0


def test_a_frozen_export_does_not_see_later_decisions(judged: Tenant, project: Project) -> None:
    accept_all(judged, leave=13)
    export = frozen(request_export(judged, project))
    pairs = export.rows
    accept_all(judged)
    engine.run(workspace_id=judged.pk, export_id=export.pk)
    with planes.in_workspace(judged.pk):
        export = services.get_for_writing(export.pk)
        # Frozen just now: the engine assumes that a worker is at it, and leaves it alone.
        assert export.state == "streaming"
        Export.objects.filter(pk=export.pk).update(beat_at=None)
    engine.run(workspace_id=judged.pk, export_id=export.pk)
    with planes.in_workspace(judged.pk):
        export = services.get_for_writing(export.pk)
        assert export.state == "finished"
        assert export.rows == pairs == ExportRow.objects.filter(export=export).count()


def test_a_writer_that_dies_is_followed_by_another(
    judged: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept_all(judged)
    real = dataset.write

    def dies(export: Export, heartbeat: ExportHeartbeat) -> Any:
        monkeypatch.setattr(dataset, "write", real)
        raise MemoryError("the machine is full")

    monkeypatch.setattr(dataset, "write", dies)
    export = run_export(judged, project)
    assert export.state == "streaming"
    with planes.in_workspace(judged.pk):
        Export.objects.filter(pk=export.pk).update(beat_at=None)
    with planes.as_system():
        assert engine.waiting() == [(judged.pk, export.pk)]
    engine.run(workspace_id=judged.pk, export_id=export.pk)
    with planes.in_workspace(judged.pk):
        assert services.get_for_writing(export.pk).state == "finished"


def test_after_three_failures_the_one_who_asked_is_told(
    judged: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(export: Export, heartbeat: ExportHeartbeat) -> Any:
        raise OSError("no space left")

    monkeypatch.setattr(dataset, "write", dies)
    export = run_export(judged, project)
    for _ in range(2):
        with planes.in_workspace(judged.pk):
            Export.objects.filter(pk=export.pk).update(beat_at=None)
        engine.run(workspace_id=judged.pk, export_id=export.pk)
    with planes.in_workspace(judged.pk):
        export = services.get_for_writing(export.pk)
    assert (export.state, "OSError" in export.error) == ("failed", True)


def test_messages_and_awkward_text_come_back_byte_exact(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    from projects.items import services as batches
    from tests.factories import fund_batch, import_items

    odd = 'é\u202e"\\n\\" \u0001 <b>&amp; \U0001f600 \\u0000'
    item = {
        "external_id": "odd",
        "prompt": [{"role": "system", "content": "S"}, {"role": "user", "content": odd}],
        "responses": [
            {"messages": [{"role": "assistant", "content": odd + "1"}]},
            {"text": odd + "2"},
        ],
        "metadata": {"far": 1e300, "near": [1, 0.5]},
    }
    with planes.in_workspace(workspace_a.pk):
        batch = batches.create_batch(project=project, actor_id=None)
    import_items(batch, [item])
    fund_batch(batch)
    with planes.in_workspace(workspace_a.pk):
        batches.open_batch(batch=batch, actor_id=None)
    for annotator in annotators:
        assert annotator.prefer(annotator.lease(), odd + "2").status_code == 201
    accept_all(workspace_a)
    export = run_export(workspace_a, project)
    (row,) = [
        json.loads(line)
        for line in (storage.folder(export) / storage.JSONL).read_text().splitlines()
    ]
    assert row["prompt"] == item["prompt"]
    about = json.loads(row["metadata"], parse_int=str)["item_metadata"]
    assert about == {"far": 1e300, "near": ["1", 0.5]}
    assert row["chosen"] == [{"role": "assistant", "content": odd + "2"}]
    assert row["rejected"] == item["responses"][0]["messages"]


def test_what_is_finished_is_on_the_disk(
    judged: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file, and the names in every folder down to it, before the row says so."""
    synced: list[Path] = []
    finished: list[int] = []
    sync, finish = os.fsync, services.finish

    def fsync(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        sync(descriptor)

    def finishing(**of: Any) -> bool:
        finished.append(len(synced))
        return finish(**of)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(services, "finish", finishing)
    accept_all(judged)
    made = storage.folder(run_export(judged, project)).resolve()
    wanted = {
        made,
        *made.rglob("*"),
        *made.parents[: len(made.relative_to(storage.root().resolve()).parts)],
    }
    assert wanted <= set(synced[: finished[0]])


def test_rows_come_in_order_however_pages_and_blocks_are_cut(
    workspace_a: Tenant,
    project: Project,
    batch: Batch,
    annotators: list[Annotator],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_batch(project, 12, first=50)
    numbers = [1, 2, 3, 4, 5, *range(50, 62)]
    judge(annotators[:1], {str(n): ["first" if n % 2 else "second"] for n in numbers})
    accept_all(workspace_a)
    whole = run_export(workspace_a, project)
    for name, most in {"FIRST_PAGE_ROWS": 2, "PAGE_ROWS": 7, "BLOCK_ROWS": 3}.items():
        monkeypatch.setattr(stream, name, most)
    cut = run_export(workspace_a, project)
    lines = (storage.folder(cut) / storage.JSONL).read_bytes()
    assert lines == (storage.folder(whole) / storage.JSONL).read_bytes()
    said = [json.loads(line)["prompt"][0]["content"] for line in lines.splitlines()]
    assert said == [f"Question {n}?" for n in numbers]
