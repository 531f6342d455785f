"""The locks serve every machine, not only the one that compiled them."""

import ast
import re
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from rlhfhub.devtools import locks

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("lock", [*locks.LOCKS, "uv.txt"])
def test_a_lock_names_the_files_of_every_machine(lock: str) -> None:
    """One hash alone is the wheel of one folder: another Python or processor would find nothing that fits."""
    entries = re.split(r"^(?=\w)", (CHECKOUT / lock).read_text(), flags=re.MULTILINE)
    alone = [entry.split()[0] for entry in entries if entry.count("--hash") == 1]
    assert alone == []


def test_folders_of_wheels_are_not_read() -> None:
    folders = {"UV_FIND_LINKS": "/wheels", "UV_INDEX": "file:///wheels/simple /wheels/more"}
    assert locks.without_folders({"HOME": "/root"} | folders) == {"HOME": "/root"}
    mixed = {"UV_INDEX": "file:///wheels/simple https://mirror.example/simple"}
    assert locks.without_folders(mixed) == {"UV_INDEX": "https://mirror.example/simple"}


# What no line of ours imports, and why it is locked.
NOT_IMPORTED = {
    "argon2-cffi": "hashes passwords: Django imports it",
    "stripe": "payouts will be made by it",
}
PACKAGES = ("annotators", "billing", "projects", "rlhfhub")


def test_every_library_of_production_is_imported() -> None:
    """Or stands above with its reason, and only there."""
    wanted = set(re.findall(r"^[a-z][a-z0-9-]*", (CHECKOUT / "requirements.in").read_text(), re.M))
    modules: dict[str, set[str]] = {}
    for module, names in packages_distributions().items():
        for name in names:
            modules.setdefault(re.sub(r"[-_.]+", "-", name).lower(), set()).add(module)
    used = set().union(*(_imported(path) for package in PACKAGES for path in _sources(package)))
    unused = {name for name in wanted if not modules[name] & used}
    assert unused == NOT_IMPORTED.keys()


def _sources(package: str) -> list[Path]:
    found = (CHECKOUT / package).rglob("*.py")
    return [path for path in found if "devtools" not in path.parts]


def _imported(path: Path) -> set[str]:
    """The top modules that a file imports, and in settings those that it names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
        elif "settings" in path.parts and isinstance(node, ast.Constant):
            found.add(str(node.value).partition(".")[0])
    return found
