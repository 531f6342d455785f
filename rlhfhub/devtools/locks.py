"""`python -m rlhfhub.devtools.locks [--upgrade]`: compiles the lock files, with hashes and without host names."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rlhfhub.devtools.install import CHECKOUT, UV, read_pip_settings, uv_environment

FLAGS = [
    "--quiet",
    "--generate-hashes",
    "--universal",
    "--python-version=3.11",
    "--fork-strategy=fewest",
    "--no-annotate",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
]
# The development lock uses the production lock's versions, so that tests use the same packages as production.
LOCKS = {
    "requirements.txt": ["requirements.in"],
    "requirements-dev.txt": ["requirements-dev.in", "--constraints", "requirements.txt"],
}
HOST = re.compile(r"https?://|^\s*--(?!hash)", re.MULTILINE)


def main(arguments: Sequence[str]) -> int:
    """Compile all locks. Returns 1 if one of them names a host."""
    environment = without_folders(uv_environment(read_pip_settings(), os.environ))
    for lock, sources in LOCKS.items():
        compile_lock([*sources, *arguments, "--output-file", lock], environment)
    compile_lock(["-", *arguments, "--output-file", "uv.txt"], environment, source="uv\n")
    for lock in (*LOCKS, "uv.txt"):
        if HOST.search(Path(CHECKOUT / lock).read_text()):
            print(f"locks: {lock} names a host or an option", file=sys.stderr)
            return 1
    return 0


def without_folders(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without folders of wheels, which suit this machine, while a lock serves all machines."""
    kept = {name: value for name, value in environment.items() if name != "UV_FIND_LINKS"}
    indexes = [index for index in kept.pop("UV_INDEX", "").split() if "://" in index]
    if remote := [index for index in indexes if not index.startswith("file:")]:
        kept["UV_INDEX"] = " ".join(remote)
    return kept


def compile_lock(arguments: list[str], environment: dict[str, str], source: str = "") -> None:
    """Run uv's resolver once."""
    command = [str(UV), "pip", "compile", *FLAGS, *arguments]
    subprocess.run(command, cwd=CHECKOUT, env=environment, input=source, text=True, check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
