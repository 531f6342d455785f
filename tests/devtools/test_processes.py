"""Children of the supervisor: logs, polite and impolite ends, no orphans."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rlhfhub.devtools import processes
from rlhfhub.devtools.processes import MOST_LINES, Child, Log, Recipe, notable

CHECKOUT = Path(__file__).resolve().parents[2]


def make_child(tmp_path: Path, script: str, **options: object) -> Child:
    recipe = Recipe("pet", [sys.executable, "-c", script], tmp_path / "pet.log", **options)  # type: ignore[arg-type]
    return Child(recipe, os.environ)


def log_of(child: Child) -> Path:
    assert child.recipe.log
    return child.recipe.log


def eventually(done: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.02)
    return done()


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_output_is_kept_and_errors_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    child = make_child(tmp_path, "print('all well'); print('ERROR: the sky fell')")
    child.process.wait()
    assert child.log
    assert child.log.last_lines() == "all well\nERROR: the sky fell"
    child.log.show_errors()
    child.log.show_errors()
    assert capsys.readouterr().out == "pet | ERROR: the sky fell\n"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('{"level": "info", "event": "request ERROR"}', None),
        ('{"level": "warning", "event": "slow"}', None),
        ('{"level": "error", "event": "broke", "request_id": "r1"}', "error: broke r1"),
        ("{not json, ERROR", "{not json, ERROR"),
        ("LOG:  ready", None),
        ("FATAL:  no such role", "FATAL:  no such role"),
    ],
)
def test_only_errors_are_worth_a_look(line: str, shown: str | None) -> None:
    assert notable(line) == shown


def test_a_flood_is_cut_short(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = Log("pet", tmp_path / "log")
    for _ in range(2):
        with log.path.open("a") as file:
            file.write("ERROR again\n" * 500)
        log.show_errors()
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == MOST_LINES + 1
    assert "more in" in shown[-1]


def test_a_line_is_shown_when_it_is_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = Log("pet", tmp_path / "log")
    for part in ("ERROR: the s", "ky fell\nall"):
        with log.path.open("a") as file:
            file.write(part)
        log.show_errors()
    assert capsys.readouterr().out == "pet | ERROR: the sky fell\n"


def test_a_large_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LARGEST_LOG", 10)
    log = Log("pet", tmp_path / "pet.log")
    with log.path.open("ab") as writer:
        for line in (b"the first line\n", b"next\n"):
            writer.write(line)
            writer.flush()
            log.show_errors()
    assert log.path.read_text() == "next\n"
    assert log.last_lines() == "next"
    assert (tmp_path / "pet.log.1").read_text() == "the first line\n"


def test_a_child_that_does_not_listen_is_killed_with_its_children(tmp_path: Path) -> None:
    script = (
        "import signal, subprocess, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(subprocess.Popen(['sleep', '60']).pid, flush=True)\n"
        "time.sleep(60)"
    )
    child = make_child(tmp_path, script)
    assert eventually(lambda: "\n" in log_of(child).read_text())
    grandchild = int(log_of(child).read_text())
    child.stop(0.2)
    assert not child.is_alive()
    assert eventually(lambda: is_gone(grandchild))


def test_its_own_stop_signal_is_used(tmp_path: Path) -> None:
    script = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *a: sys.exit(7))\n"
        "print('up', flush=True)\n"
        "time.sleep(60)"
    )
    child = make_child(tmp_path, script, stop_signal=signal.SIGINT)
    assert eventually(lambda: "up" in log_of(child).read_text())
    child.stop(10)
    assert child.process.returncode == 7


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_no_orphan_outlives_a_killed_parent(tmp_path: Path) -> None:
    script = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from rlhfhub.devtools.processes import Child, Recipe\n"
        "recipe = Recipe('pet', ['sleep', '60'], Path(sys.argv[1]))\n"
        "print(Child(recipe, os.environ).process.pid, flush=True)\n"
        "time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "log")], stdout=subprocess.PIPE, cwd=CHECKOUT
    )
    assert parent.stdout
    orphan = int(parent.stdout.readline())
    assert not is_gone(orphan)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert eventually(lambda: is_gone(orphan))
