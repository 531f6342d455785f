"""Install the locked requirements: `python3 rlhfhub/devtools/install.py requirements-dev.txt`.

Runs under the machine's own python3 before anything is installed, so it imports only the standard library. It does not
need python3-venv: pip installs uv into .tools (checked by its hash), and uv makes the virtual environment. Mirrors
configured for pip are passed on to uv, which does not read pip's configuration.
"""

import ast
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TOOLS = CHECKOUT / ".tools"
VENV = CHECKOUT / ".venv"
UV = TOOLS / "bin" / "uv"
OLDEST_PYTHON = (3, 11)
ATTEMPTS = 4


class InstallError(RuntimeError):
    """Raised when the installation cannot continue; the message says what to do."""


def main(arguments: Sequence[str]) -> int:
    """Install the named lock file; with `--uv` install only uv."""
    try:
        check_python()
        pip_settings = read_pip_settings()
        if not stamp_is(TOOLS / ".stamp", CHECKOUT / "uv.txt"):
            install_uv()
            write_stamp(TOOLS / ".stamp", CHECKOUT / "uv.txt")
        if "--uv" not in arguments:
            lock = CHECKOUT / arguments[0]
            if not (stamp_is(VENV / ".stamp", lock) and venv_runs()):
                install_lock(lock, uv_environment(pip_settings, os.environ))
                write_stamp(VENV / ".stamp", lock)
            (VENV / ".stamp").touch()
    except InstallError as error:
        print(f"\ninstall: {error}", file=sys.stderr)
        return 1
    return 0


def check_python() -> None:
    """Raise InstallError for a Python that the locks do not support; install pip if it is missing."""
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        raise InstallError(
            f"Python {wanted} or newer is needed, and python3 is {platform.python_version()}: "
            "install a newer one and name it, e.g. `make PYTHON=python3.12`"
        )
    if not runs(sys.executable, "-m", "pip", "--version"):
        offer_packages("pip for python3 is missing", "python3-pip")
        if not runs(sys.executable, "-m", "pip", "--version"):
            raise InstallError("pip is still missing: install it for this python3 and try again")


def offer_packages(reason: str, *packages: str) -> None:
    """Install Debian packages if this is root on Debian, else raise InstallError that says how to."""
    if not shutil.which("apt-get"):
        raise InstallError(
            f"{reason}: install {' '.join(packages)} by your system's package manager"
        )
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or os.environ.get("RLHFHUB_NO_APT"):
        # A new machine has no list of packages yet.
        raise InstallError(
            f"{reason}: run `sudo apt-get update && sudo {' '.join(command)}` and try again"
        )
    print(f"{reason}: installing {' '.join(packages)} by apt-get", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    retry("apt-get update", ["apt-get", "update", "-qq"], environment)
    retry("apt-get install", command, environment)


def runs(*command: str | Path) -> bool:
    """Return whether a command succeeds."""
    return subprocess.run(list(map(str, command)), capture_output=True, check=False).returncode == 0


def retry(what: str, command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
    """Run a command that downloads; retry when it fails, because networks do."""
    for attempt in range(1, ATTEMPTS + 1):
        done = subprocess.run(
            list(map(str, command)), env=dict(environment), cwd=CHECKOUT, check=False
        )
        if done.returncode == 0:
            return
        if attempt < ATTEMPTS:
            pause = 3 * attempt
            print(
                f"{what} failed (attempt {attempt} of {ATTEMPTS}); trying again in {pause} s",
                file=sys.stderr,
                flush=True,
            )
            time.sleep(pause)
    raise InstallError(
        f"{what} failed {ATTEMPTS} times; see the messages above. Without access to the package index, "
        "name a mirror: `pip config set global.index-url URL` or PIP_INDEX_URL=URL"
    )


def read_pip_settings() -> dict[str, str]:
    """Return pip's effective settings: the environment overrides its `install` section, which overrides `global`."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    return parse_pip_settings(done.stdout)


def parse_pip_settings(listing: str) -> dict[str, str]:
    """Parse the output of `pip config list`: lines like global.index-url='https://…'."""
    ranks = {"global": 0, "install": 1, ":env:": 2}
    found: dict[str, tuple[int, str]] = {}
    for line in listing.splitlines():
        key, _, literal = line.partition("=")
        section, _, name = key.rpartition(".")
        if section not in ranks or not name:
            continue
        try:
            value = str(ast.literal_eval(literal))
        except (SyntaxError, ValueError):
            continue
        if name not in found or found[name][0] <= ranks[section]:
            found[name] = (ranks[section], value)
    return {name: value for name, (_, value) in found.items()}


def uv_environment(pip: Mapping[str, str], present: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for uv: pip's mirrors under uv's names, overridden by the caller's own variables."""
    wanted = {}
    if "index-url" in pip:
        wanted["UV_DEFAULT_INDEX"] = pip["index-url"].strip()
    if extra := pip.get("extra-index-url", "").split():
        wanted["UV_INDEX"] = " ".join(extra)
        # Treat all indexes as equal, as pip does. The hashes decide which files are accepted.
        wanted["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if links := pip.get("find-links", "").split():
        wanted["UV_FIND_LINKS"] = ",".join(links)
    if hosts := pip.get("trusted-host", "").split():
        wanted["UV_INSECURE_HOST"] = " ".join(hosts)
    if pip.get("no-index", "").lower() in {"1", "true", "yes", "on"}:
        wanted["UV_NO_INDEX"] = "1"
    if "cert" in pip:
        wanted["SSL_CERT_FILE"] = pip["cert"]
    if "proxy" in pip:
        wanted["ALL_PROXY"] = pip["proxy"]
    wanted["UV_HTTP_TIMEOUT"] = pip.get("default-timeout") or pip.get("timeout") or "120"
    wanted["UV_NO_CONFIG"] = "1"
    return wanted | dict(present)


def install_uv() -> None:
    """Install uv into .tools. pip refuses a file whose hash differs from the lock's."""
    print("installing uv into .tools", flush=True)
    shutil.rmtree(TOOLS, ignore_errors=True)
    retry(
        "pip install uv",
        [
            sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--target", TOOLS, "--require-hashes", "--no-deps", "-r", "uv.txt",
        ],
        os.environ | {"PIP_ROOT_USER_ACTION": "ignore"},
    )  # fmt: skip


def install_lock(lock: Path, environment: Mapping[str, str]) -> None:
    """Make the virtual environment contain exactly the lock's packages."""
    print(f"installing {lock.name} into .venv", flush=True)
    if VENV.exists() and not venv_runs():
        shutil.rmtree(VENV)
    # Use the interpreter that runs this script: uv would follow a version manager's shim to another one.
    retry(
        "uv venv",
        [
            UV,
            "venv",
            "--quiet",
            "--allow-existing",
            "--no-python-downloads",
            "--python",
            sys.executable,
            VENV,
        ],
        environment,
    )
    retry(
        "uv pip sync",
        [UV, "pip", "sync", "--quiet", "--python", VENV / "bin/python", "--require-hashes", lock],
        environment,
    )


def venv_runs() -> bool:
    """Return whether the virtual environment has a working Python; its base may have been removed."""
    return runs(VENV / "bin/python", "-c", "")


def fingerprint(lock: Path) -> str:
    """Return a digest of the lock and the Python."""
    return f"{hashlib.sha256(lock.read_bytes()).hexdigest()} {platform.python_version()}\n"


def stamp_is(stamp: Path, lock: Path) -> bool:
    """Return whether this lock is installed."""
    return stamp.exists() and stamp.read_text() == fingerprint(lock)


def write_stamp(stamp: Path, lock: Path) -> None:
    """Record that this lock is installed."""
    stamp.write_text(fingerprint(lock))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
