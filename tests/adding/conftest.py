"""The toys, put where a new kind, template or dataset is put, and taken out again."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from projects import kinds
from projects.exports import rule
from projects.formats import writing
from projects.plan.templates import TEMPLATES, Template
from tests.adding.toys import thumbs, ups

TOYS = Path(__file__).parent / "toys"
TITLES = {"grade": "Good?", "rules": "Kept:", "topics": "About:", "steps": "Right:"}


def _question(name: str, about: str, *names: str) -> dict[str, Any]:
    return {
        "name": name,
        "kind": thumbs.NAME,
        "title": TITLES[name],
        "about": about,
        **({"names": list(names)} if names else {}),
    }


QUESTIONS = [
    _question("grade", "item"),
    _question("rules", "criterion", "accuracy", "style"),
    _question("topics", "choice", "math", "law"),
    _question("steps", "step", "first", "second", "third"),
]


@pytest.fixture
def toy_kind(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    """The toy kind in its registry, its partial where templates are found, and a form that uses it."""
    [engine] = settings.TEMPLATES
    folders = [*engine["DIRS"], TOYS / "templates"]
    settings.TEMPLATES = [{**engine, "DIRS": folders}]
    words = "For items of any number of responses."
    monkeypatch.setitem(TEMPLATES, "thumbs", Template("thumbs", "Thumbs", words, QUESTIONS))
    kinds.register(thumbs.NAME, thumbs)
    yield
    kinds.unregister(thumbs.NAME)


@pytest.fixture
def toy_dataset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The toy dataset in its registry, its rule among the rules."""
    rules = shutil.copytree(rule.FOLDER, tmp_path / "rules")
    shutil.copy(ups.SQL, rules)
    monkeypatch.setattr(rule, "FOLDER", rules)
    writing.register(ups)
    yield
    writing.unregister(ups.NAME)
