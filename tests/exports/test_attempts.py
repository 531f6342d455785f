"""Workers die, fall silent and come back: an export comes to one end, and its files are there whole or not at all."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from projects.exports import dataset, engine, heartbeat, storage
from projects.exports.models import Export
from projects.formats.writing import folder, hub_folder
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.exports.made import (
    Killed,
    files,
    forget,
    killed,
    reload,
    request_export,
    run,
    run_export,
    snapshot,
)
from tests.factories import Tenant


def test_a_worker_that_is_killed_each_time_is_the_end_of_it(
    accepted: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = request_export(accepted, project)
    for attempt in range(1, engine.MAX_ATTEMPTS + 1):
        killed(monkeypatch, export)
        assert (reload(export).state, reload(export).attempts) == ("streaming", attempt)
        run(export)  # the task was enqueued twice: a worker seems to run it already
        assert reload(export).attempts == attempt
        forget(export)
    with planes.as_system():
        assert engine.waiting() == [(accepted.pk, export.pk)]
    run(export)
    ended = reload(export)
    assert (ended.state, ended.attempts) == ("failed", engine.MAX_ATTEMPTS)
    assert "3 times" in ended.error
    assert "stopped or ran out of memory" in ended.error
    with planes.as_system():
        assert engine.waiting() == []
    run(export)
    assert reload(export).state == "failed"
    # A new request is another export, which starts from the beginning.
    assert run_export(accepted, project).state == "finished"


def test_one_that_was_never_frozen_ends_too(
    accepted: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = request_export(accepted, project)

    def dies(**of: Any) -> Any:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(engine.freezing, "freeze", dies)  # type: ignore[attr-defined]
        for _ in range(engine.MAX_ATTEMPTS):
            with pytest.raises(Killed):
                run(export)
            assert reload(export).state == "freezing"
            forget(export)
    run(export)
    assert reload(export).state == "failed"


def test_the_pages_say_why_and_take_another(
    accepted: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = request_export(accepted, project)
    with planes.in_workspace(accepted.pk):
        Export.objects.filter(pk=export.pk).update(attempts=engine.MAX_ATTEMPTS)
    run(export)
    at = f"/api/v1/projects/{project.pk}/exports/"
    (row,) = accepted.client.get(at).json()["results"]
    assert row["state"] == "failed"
    assert "You can request a new export" in row["error"]
    assert accepted.client.post(at, {}).json()["number"] == 2


@pytest.fixture
def every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The heartbeat is written each time the engine calls it."""
    monkeypatch.setattr(heartbeat, "INTERVAL_SECONDS", 0.0)


def test_every_long_step_beats(
    accepted: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch, every_time: None
) -> None:
    steps: list[str] = []
    now = ["streaming"]
    real_beat = heartbeat.ExportHeartbeat.beat

    def heard(self: heartbeat.ExportHeartbeat, **noted: int) -> None:
        steps.append(now[0])
        real_beat(self, **noted)

    def named(module: Any, name: str) -> None:
        real = getattr(module, name)

        def step(*of: Any, **more: Any) -> Any:
            now[0] = name
            return real(*of, **more)

        monkeypatch.setattr(module, name, step)

    monkeypatch.setattr(heartbeat.ExportHeartbeat, "beat", heard)
    named(folder, "_listed")
    named(dataset, "pack_folder")
    named(dataset, "manifest_file")
    named(storage, "sync_to_disk")
    assert run_export(accepted, project).state == "finished"
    assert set(steps) == {"streaming", "_listed", "pack_folder", "manifest_file", "sync_to_disk"}


def test_whoever_was_overtaken_stops_and_harms_nothing(
    accepted: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch, every_time: None
) -> None:
    """The first is silent over its zip, a second takes the export up and is done before it wakes."""
    export = request_export(accepted, project)
    real, seen = hub_folder.pack_folder, []

    def slow(made: Path, target: Path, **more: Any) -> Path:
        monkeypatch.setattr(dataset, "pack_folder", real)
        forget(export)
        run(export)
        seen.append(snapshot(reload(export)))
        assert made.is_dir()
        return real(made, target, **more)

    monkeypatch.setattr(dataset, "pack_folder", slow)
    run(export)
    done = reload(export)
    assert (done.state, done.attempts, done.error) == ("finished", 2, "")
    assert snapshot(done) == seen[0]
    assert dataset.check(done) == []
    assert [made.name for made in storage.folder(done).parent.iterdir()] == [done.folder]


def test_two_that_never_hear_of_each_other_make_the_same_bytes(
    accepted: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither heartbeat is in time: the first to finish wins, and the other's folder is deleted."""
    export = request_export(accepted, project)
    real, made = dataset.write, []

    def both(frozen: Export, beat: heartbeat.ExportHeartbeat) -> dataset.WrittenExport:
        mine = real(frozen, beat)
        made.append(mine)
        if len(made) == 1:
            forget(export)
            run(export)
            assert len(made) == 2
            assert files(made[0].folder) == files(made[1].folder) != {}
        return mine

    monkeypatch.setattr(dataset, "write", both)
    run(export)
    done = reload(export)
    assert (done.state, done.folder) == ("finished", made[1].folder.name)
    assert not made[0].folder.exists()
    assert dataset.check(done) == []


def test_a_download_finds_all_or_nothing(
    accepted: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every moment after the row says finished, another worker's end included, the zip is whole."""
    export = request_export(accepted, project)
    at = f"/api/v1/exports/{export.pk}/download/"
    answers: list[int] = []

    def look(*of: Any, **more: Any) -> None:
        response = accepted.client.get(at)
        answers.append(response.status_code)
        if response.status_code == 200:
            body = io.BytesIO(b"".join(response.streaming_content))  # type: ignore[attr-defined]
            with zipfile.ZipFile(body) as archive:
                assert archive.testzip() is None

    real = dataset.write

    def late(frozen: Export, beat: heartbeat.ExportHeartbeat) -> dataset.WrittenExport:
        made = real(frozen, beat)
        if not answers:
            look()
            forget(export)
            run(export)
            look()
        return made

    monkeypatch.setattr(dataset, "write", late)
    with monkeypatch.context() as patched:
        for name in ("rmtree", "move"):
            real_step = getattr(storage.shutil, name)  # type: ignore[attr-defined]
            patched.setattr(
                storage.shutil,  # type: ignore[attr-defined]
                name,
                lambda *of, _step=real_step, **more: (_step(*of, **more), look())[0],
            )
        run(export)
    look()
    assert answers[0] == 409
    assert set(answers[1:]) == {200}


def test_a_wide_row_makes_the_pages_narrow(
    accepted: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page exceeds its share of bytes, so that heartbeats come in between. The exported bytes are the same."""
    from projects.exports import stream

    before = run_export(accepted, project)
    noted: list[int] = []
    real = heartbeat.ExportHeartbeat.beat
    monkeypatch.setattr(
        heartbeat.ExportHeartbeat,
        "beat",
        lambda self, **more: (noted.extend(more.values()), real(self, **more))[1],
    )
    monkeypatch.setattr(stream, "FIRST_PAGE_ROWS", 1)
    monkeypatch.setattr(stream, "PAGE_BYTES", 10)
    after = run_export(accepted, project)
    assert noted == [1, 2]
    assert after.sha256 == before.sha256
    assert timezone.now() > after.finished_at
