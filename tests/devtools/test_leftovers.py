"""A killed server's lock is removed when, and only when, the last of its processes is gone."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlhfhub.devtools.servers import ServerError, leftovers


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that works in the data directory."""
    process = subprocess.Popen(["sleep", "60"], cwd=tmp_path)
    yield process
    process.kill()
    process.wait()


def lock_files(data: Path, pid: int) -> list[Path]:
    locks = [data / "postmaster.pid", data / ".s.PGSQL.5432.lock"]
    for lock in locks:
        lock.write_text(f"{pid}\n{data}\n")
    return locks


def test_a_living_server_keeps_its_locks(tmp_path: Path, worker: subprocess.Popen[bytes]) -> None:
    locks = lock_files(tmp_path, worker.pid)
    assert leftovers.living_server(tmp_path) == worker.pid
    leftovers.clear(tmp_path, tmp_path)
    assert all(lock.exists() for lock in locks)


def test_a_zombie_is_no_server(tmp_path: Path, worker: subprocess.Popen[bytes]) -> None:
    locks = lock_files(tmp_path, worker.pid)
    worker.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)  # dead, and not reaped
    assert leftovers.living_server(tmp_path) is None
    leftovers.clear(tmp_path, tmp_path)
    assert not any(lock.exists() for lock in locks)


def test_another_program_under_the_same_id_is_no_server(tmp_path: Path) -> None:
    locks = lock_files(tmp_path, os.getpid())
    leftovers.clear(tmp_path, tmp_path)
    assert not any(lock.exists() for lock in locks)


def test_an_orphan_at_work_holds_the_lock(
    tmp_path: Path, worker: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "PATIENCE", 0.2)
    locks = lock_files(tmp_path, 2**22 + 1)
    with pytest.raises(ServerError, match=f"still work in .*{worker.pid}"):
        leftovers.clear(tmp_path, tmp_path)
    assert all(lock.exists() for lock in locks)


@pytest.mark.parametrize("text", ["", "words\n", "\n"])
def test_a_broken_lock_file_names_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / "postmaster.pid").write_text(text)
    assert leftovers.living_server(tmp_path) is None
