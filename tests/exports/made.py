"""Functions that judge items, export them, and read what was exported."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from projects.exports import dataset, engine, services, storage
from projects.exports.invariants import INVARIANTS
from projects.exports.models import Export
from projects.items.models import Batch
from projects.kinds.form import check_form
from projects.plan.models import Form, Project
from projects.review.services import accepting as review
from projects.work.models import Annotation
from rlhfhub.invariants import check
from rlhfhub.tenancy import planes
from tests.factories import Tenant
from tests.people import Annotator

FIRST, SECOND = "First answer to {}.", "Second answer to {}."


def judge(annotators: list[Annotator], verdicts: dict[str, list[str]]) -> None:
    """Each annotator gives, for the item whose prompt ends in the key, their verdict: first, second or tie."""
    for number, annotator in enumerate(annotators):
        while lease := annotator.lease():
            item = lease["prompt"][0]["content"].removeprefix("Question ").removesuffix("?")
            verdict = verdicts[item][number]
            if verdict == "return":
                annotator.client.post(
                    f"/api/v1/desk/leases/{lease['id']}/return/", {"reason": "unclear"}
                )
            elif verdict == "tie":
                assert annotator.submit(lease, "tie").status_code == 201
            else:
                text = (FIRST if verdict == "first" else SECOND).format(item)
                assert annotator.prefer(lease, text).status_code == 201


def accept_all(tenant: Tenant, leave: int = 0) -> None:
    with planes.in_workspace(tenant.pk):
        ids = list(Annotation.objects.order_by("id").values_list("id", flat=True))
        review.accept(annotation_ids=ids[: len(ids) - leave], reviewer_id=tenant.owner.pk)


def run_export(
    tenant: Tenant, project: Project, batch: Batch | None = None, **options: Any
) -> Export:
    """Ask for an export and make it; `options` are the request's: dataset, include_undecided."""
    with planes.in_workspace(tenant.pk):
        export = services.request(project=project, batch=batch, actor_id=tenant.owner.pk, **options)
    engine.run(workspace_id=tenant.pk, export_id=export.pk)
    with planes.in_workspace(tenant.pk):
        return services.get_for_writing(export.pk)


def assert_all_hold() -> None:
    """Every invariant of exports holds, of files too."""
    broken = [found for found in map(check, INVARIANTS) if not found.holds]
    assert broken == [], broken


def frozen(export: Export) -> Export:
    """Claim the export and freeze its rows, as a worker does first. Returns the frozen export."""
    taken = engine._claim(export.workspace_id, export.pk)
    assert taken
    return engine._freeze(export.workspace_id, taken)


VERDICTS = {
    "1": ["first", "first", "second"],
    "2": ["second", "second", "second"],
    "3": ["tie", "tie", "first"],
    "4": ["first", "second", "tie"],
    "5": ["first", "tie", "return"],
}


def request_export(tenant: Tenant, project: Project, batch: Batch | None = None) -> Export:
    with planes.in_workspace(tenant.pk):
        return services.request(project=project, batch=batch, actor_id=tenant.owner.pk)


def reload(export: Export) -> Export:
    with planes.in_workspace(export.workspace_id):
        return services.get_for_writing(export.pk)


def forget(export: Export) -> None:
    """Clear the heartbeat, as if the export's worker had died long ago."""
    with planes.in_workspace(export.workspace_id):
        Export.objects.filter(pk=export.pk).update(beat_at=None)


def lines(export: Export) -> list[dict[str, Any]]:
    """Return the rows of a finished export."""
    data = (storage.folder(export) / storage.JSONL).read_bytes()
    return [json.loads(line) for line in data.splitlines()]


def loaded(export: Export, to: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Unpack the export into `to` and load it with `datasets`, offline. Returns its splits."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    with zipfile.ZipFile(storage.folder(export) / storage.ARCHIVE) as archive:
        archive.extractall(to / "out")
    (folder,) = (to / "out").iterdir()
    return load_dataset(str(folder), cache_dir=str(to / "cache"))


def change_form(tenant: Tenant, project: Project, questions: list[dict[str, Any]]) -> None:
    """Give the project another form, for batches that are funded later."""
    assert check_form(questions) == []
    with planes.in_workspace(tenant.pk):
        form = Form.objects.create(
            workspace_id=tenant.pk,
            project=project,
            version=Form.objects.filter(project=project).count() + 1,
            questions=questions,
        )
        Project.objects.filter(pk=project.pk).update(form=form)
        project.refresh_from_db()


class Killed(BaseException):
    """Stands for kill -9: no handler of exceptions catches it."""


def run(export: Export) -> None:
    engine.run(workspace_id=export.workspace_id, export_id=export.pk)


def killed(monkeypatch: pytest.MonkeyPatch, export: Export) -> Path:
    """Run a worker that dies while it writes the export's files. Returns the folder it leaves."""
    left: list[Path] = []

    def dies(place: Path, *rest: Any, **more: Any) -> Any:
        left.append(place.parent)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(dataset, "pack_folder", dies)
        patched.setattr(storage, "discard", lambda made: None)
        with pytest.raises(Killed):
            run(export)
    return left[0]


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def snapshot(export: Export) -> dict[str, bytes]:
    return files(storage.folder(export))
