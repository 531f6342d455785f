"""The sweep deletes the files that killed workers left in storage, and no others."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from projects.exports import dataset, engine, storage, sweep
from projects.plan.models import Project
from tests.exports.made import (
    forget,
    killed,
    lines,
    reload,
    request_export,
    run,
    run_export,
    snapshot,
)
from tests.factories import Tenant


@pytest.fixture
def old() -> Iterator[Any]:
    """Makes all that lies in a folder as if written two hours ago."""

    def age(folder: Path) -> None:
        then = time.time() - 2 * sweep.IDLE_SECONDS
        for path in [*folder.rglob("*"), folder]:
            os.utime(path, (then, then))

    return age


def test_the_sweep_takes_what_the_killed_left_and_nothing_else(
    accepted: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch, old: Any
) -> None:
    export = request_export(accepted, project)
    left = killed(monkeypatch, export)
    assert left.is_dir()
    assert sweep.leftovers() == 0  # perhaps it is still being written
    old(left)
    forget(export)
    run(export)
    done = reload(export)
    whole = snapshot(done)
    old(storage.folder(done))
    strangers = storage.root() / str(accepted.pk) / "0198c1b2-0000-7000-8000-000000000000"
    (strangers / ("a" * 32)).mkdir(parents=True)
    old(strangers)
    assert sweep.leftovers() == 1
    assert not left.exists()
    assert snapshot(done) == whole
    assert strangers.exists()
    assert sweep.leftovers() == 0


def test_the_sweep_takes_what_a_failed_one_left(
    accepted: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch, old: Any
) -> None:
    export = request_export(accepted, project)
    for _ in range(engine.MAX_ATTEMPTS):
        old(killed(monkeypatch, export))
        forget(export)
    run(export)
    assert sweep.leftovers() == engine.MAX_ATTEMPTS


def test_one_finished_before_folders_had_names_is_still_there(
    accepted: Tenant, project: Project, old: Any
) -> None:
    export = run_export(accepted, project)
    rows = lines(export)
    inner = storage.folder(export)
    for path in inner.iterdir():
        path.rename(inner.parent / path.name)
    inner.rmdir()
    export.folder = ""
    old(storage.folder(export))
    assert lines(export) == rows
    assert dataset.check(export) == []
    assert storage.idle_attempts(storage.folder(export), seconds=1) == []
