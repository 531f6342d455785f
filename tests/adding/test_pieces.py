"""A kind or a dataset of the product that lacks a piece fails a test, which names the piece."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from projects import kinds
from projects.exports import rule
from projects.formats import writing
from projects.formats.writing.protocol import Dataset
from projects.kinds import form
from tests.kinds.examples import STORED, questions_of
from tests.kinds.whole import CHECKOUT, PIECES, lacking

PARTIALS = "templates/projects/work/kinds"
PARTS = [name for name in vars(Dataset) if not name.startswith("_")]


def lacks(name: str, root: Path = CHECKOUT, *, without: str = "") -> list[str]:
    """What the test of whole kinds says of a kind from which one piece was taken."""
    kind = kinds.get(name)
    left = SimpleNamespace(**{p: getattr(kind, p) for p in PIECES if p != without})
    return lacking(name, left, questions_of(name)[0], STORED[name][0], root)


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("name", kinds.names())
def test_a_function_that_is_taken_out_of_a_kind_is_named(name: str, piece: str) -> None:
    assert lacks(name, without=piece) == [piece]


@pytest.mark.parametrize("name", kinds.names())
def test_a_partial_or_a_test_that_is_gone_is_named(name: str, tmp_path: Path) -> None:
    for folder in (PARTIALS, "tests/kinds"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder)
    assert lacks(name, tmp_path) == []
    for kept, file in (
        ("partial", f"{PARTIALS}/_{name}.html"),
        ("test", f"tests/kinds/test_{name}_kind.py"),
    ):
        text = (tmp_path / file).read_text()
        (tmp_path / file).unlink()
        assert lacks(name, tmp_path) == [f"{kept} {file}"]
        (tmp_path / file).write_text(text)


def dataset_lacks(dataset: Any, folder: Path) -> list[str]:
    """The parts that a dataset lacks, with its rule and a kind that offers it."""
    found = [part for part in PARTS if not hasattr(dataset, part)]
    if not (folder / f"{dataset.NAME}.sql").is_file():
        found.append(f"{dataset.NAME}.sql")
    if dataset.NAME not in form.datasets_of(
        [q for name in kinds.names() for q in questions_of(name)]
    ):
        found.append("a kind that offers it")
    return found


@pytest.mark.parametrize("dataset", writing.every(), ids=lambda one: one.NAME)
def test_every_dataset_is_whole_and_a_part_that_is_gone_is_named(
    dataset: Dataset, tmp_path: Path
) -> None:
    assert dataset_lacks(dataset, rule.FOLDER) == []
    assert "left_out" in rule.statement("freeze", dataset)
    assert dataset_lacks(dataset, tmp_path) == [f"{dataset.NAME}.sql"]
    for part in PARTS:
        left = {name: getattr(dataset, name) for name in PARTS if name != part}
        known = SimpleNamespace(**{"NAME": dataset.NAME, **left})
        if part != "NAME":
            assert dataset_lacks(known, rule.FOLDER) == [part]
    strange = SimpleNamespace(**{**{p: getattr(dataset, p) for p in PARTS}, "NAME": "strange"})
    assert dataset_lacks(strange, rule.FOLDER) == ["strange.sql", "a kind that offers it"]


@pytest.mark.parametrize("name", kinds.names())
def test_what_a_kind_offers_is_a_dataset(name: str) -> None:
    known = {dataset.NAME for dataset in writing.every()}
    assert set(form.datasets_of(questions_of(name))) <= known
