"""An export that stops half way leaves the connection free, no folder, and words; the next try makes the same bytes."""

import errno
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, connection
from psycopg.pq import TransactionStatus

from projects.exports import engine, progress_limit, storage, stream
from projects.exports.heartbeat import ExportHeartbeat
from projects.exports.models import Export
from projects.formats.writing import dpo, folder
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.exports.made import forget, frozen, reload, request_export, run, run_export
from tests.factories import Tenant


@pytest.fixture(autouse=True)
def _no_hang(database: None) -> Iterator[None]:
    """A wait for oneself has an end here."""

    def give_up(*_: Any) -> None:
        raise AssertionError("it hangs")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def stopping(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], list[Path]]:
    """From now on an export is stopped by this error while it reads: within a COPY. Returns the folders of attempts."""

    def stop_by(error: BaseException) -> list[Path]:
        places: list[Path] = []

        def write(
            dataset: Any, columns: Any, blocks: Iterator[Any], *, jsonl: Path, **_: Any
        ) -> None:
            jsonl.write_bytes(b"half of it")
            places.append(jsonl.parent)
            next(blocks)
            assert connection.connection.info.transaction_status == TransactionStatus.ACTIVE
            raise error

        monkeypatch.setattr("projects.exports.dataset.write_folder", write)
        return places

    return stop_by


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the storage is full"),
        (OSError(errno.EIO, "Input/output error"), "OSError"),
        (SoftTimeLimitExceeded(), "it took too long"),
        (progress_limit.NoProgress(), "it took too long"),
    ],
)
@pytest.mark.slow
def test_its_reason_is_told_and_the_next_try_does_well(
    accepted: Tenant,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    stopping: Callable[[BaseException], list[Path]],
    error: BaseException,
    words: str,
) -> None:
    export = request_export(accepted, project)
    places = stopping(error)
    run(export)
    stopped = reload(export)
    assert (stopped.state, stopped.error) == (
        "streaming",
        f"This export failed ({words}). It will be tried again automatically.",
    )
    assert not places[0].exists()
    monkeypatch.setattr("projects.exports.dataset.write_folder", folder.write_folder)
    forget(export)
    run(export)
    done = reload(export)
    assert (done.state, done.error, done.attempts) == ("finished", "", 2)
    assert done.sha256 == run_export(accepted, project).sha256


def test_after_the_last_try_the_reason_stays(
    accepted: Tenant, project: Project, stopping: Callable[[BaseException], list[Path]]
) -> None:
    stopping(OSError(errno.ENOSPC, "No space left on device"))
    export = request_export(accepted, project)
    for _ in range(engine.MAX_ATTEMPTS):
        run(export)
        forget(export)
    ended = reload(export)
    assert ended.state == "failed"
    assert "3 times (the storage is full)" in ended.error
    assert list((storage.root() / str(accepted.pk) / str(export.pk)).iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit()])
@pytest.mark.slow
def test_whoever_ends_the_process_finds_the_connection_free(
    accepted: Tenant,
    project: Project,
    stopping: Callable[[BaseException], list[Path]],
    error: BaseException,
) -> None:
    places = stopping(error)
    export = request_export(accepted, project)
    with pytest.raises(type(error)):
        run(export)
    assert reload(export).error == ""
    assert not places[0].exists()


def test_a_statement_beside_an_open_copy_raises(accepted: Tenant, project: Project) -> None:
    """A statement beside an open stream raises, instead of waiting forever for the stream to end."""
    export = frozen(request_export(accepted, project))
    rows = stream.rows(export, dpo.read, ExportHeartbeat(export))
    next(rows)
    with pytest.raises(InterfaceError, match="still open"), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    with pytest.raises(InterfaceError, match="still open"):
        planes.narrow_to_project(project.pk)
    rows.close()
    assert reload(export).state == "streaming"


@pytest.mark.slow
def test_silence_has_a_limit_and_a_beat_begins_it_anew(
    accepted: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_limit, "LIMIT_SECONDS", 1)
    heartbeat = ExportHeartbeat(frozen(request_export(accepted, project)))
    with progress_limit.limited():
        for _ in range(3):
            time.sleep(0.5)
            heartbeat.beat()
    with pytest.raises(progress_limit.NoProgress), progress_limit.limited():
        time.sleep(5)
    assert signal.getsignal(signal.SIGALRM) is not progress_limit._end


def test_nobody_waits_for_all_that_another_asked_for(
    workspace_a: Tenant, workspace_b: Tenant, project: Project
) -> None:
    from tests.factories import make_project

    mine = [request_export(workspace_a, project) for _ in range(3)]
    other = request_export(workspace_b, make_project(workspace_b))
    order: list[Export] = []
    while True:
        with planes.as_system():
            waiting = engine.waiting()
        if not waiting:
            break
        assert engine.run(workspace_id=waiting[0][0], export_id=waiting[0][1])
        order += [one for one in (*mine, other) if one.pk == waiting[0][1]]
    assert order == [mine[0], other, mine[1], mine[2]]
